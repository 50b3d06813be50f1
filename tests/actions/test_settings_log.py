"""Is a change of the settings written down with who, when, was and now?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.settings_log import LONGEST_KEY, record_setting, refuse_stale
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.domain.permissions import Actor
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent


def test_a_change_is_one_line_of_the_story(session, now):
    with transaction():
        record_setting("grids", "k" * 99, {"n": 1}, {"n": 2}, actor=Actor(name="boss"), now=now)
    [event] = db.session.scalars(select(SettingsEvent))
    assert (event.actor, event.user_id, event.at) == ("boss", None, now)
    assert (event.subject, event.was, event.now) == ("grids", {"n": 1}, {"n": 2})
    assert event.subject_key == "k" * LONGEST_KEY


def test_a_change_without_a_story_is_refused_all_the_same():
    refuse_stale(3, None, None)
    refuse_stale(3, 3, None)
    with pytest.raises(Stale, match="since you opened it") as refused:
        refuse_stale(3, 2, None)
    assert refused.value.facts["changed_by"] is None
