"""Is the public page kept in versions, with its story, and never overwritten unseen?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.public_page import store_public_page
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.domain.public_page import PublicFigure, PublicPage
from dispatch.models.people import SettingsEvent
from dispatch.queries.public_page import public_page
from tests.factories import DESK

OPEN = PublicPage(is_open=True, figures=(PublicFigure.TICKETS,))


def store(page, now, seen_version):
    with transaction():
        return store_public_page(page, actor=DESK, now=now, seen_version=seen_version).version


def test_each_change_is_a_version_and_a_line_in_the_story(session, now):
    assert public_page() == (PublicPage(), 0)
    assert store(OPEN, now, 0) == 1
    assert store(PublicPage(), now, 1) == 2
    assert public_page() == (PublicPage(), 2)
    lines = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id)).all()
    assert [line.now["is_open"] for line in lines] == [True, False]


def test_somebody_elses_version_is_not_overwritten(session, now):
    store(OPEN, now, 0)
    with pytest.raises(Stale):
        store(PublicPage(), now, 0)
    assert public_page() == (OPEN, 1)
