"""Is what somebody saw kept until they say that they saw the change?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.actions.figure_looks import LOOKS_KEPT, forget_old_looks, keep_look, mark_seen
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.figure_looks import Reading, Watched
from dispatch.domain.permissions import Role
from dispatch.models.figure_looks import FigureLook
from dispatch.queries.figure_looks import Look, look_of
from tests.factories import make_account

VIEW = "from=2026-02-01&to=2026-02-28"
DAY = timedelta(days=1)


@pytest.fixture
def person(session, now):
    with transaction():
        return make_account(Role.MANAGER, now).user_id


def look(person, rate, *, at, event=1, view=VIEW):
    with transaction():
        keep_look(person, view, {Watched.CIRCLE: Reading(rate, 59)}, event=event, now=at)


def test_the_first_look_is_what_later_ones_are_told_against(person, now):
    assert look_of(person, VIEW) is None
    look(person, 0.831, at=now, event=7)
    assert look_of(person, VIEW) == Look({"circle": [0.831, 59]}, now, 7)
    assert look_of(person, "from=2026-02-02") is None
    assert look_of(person + 1, VIEW) is None


def test_a_look_without_a_change_moves_the_day_on(person, now):
    look(person, 0.831, at=now, event=7)
    look(person, 0.831, at=now + DAY, event=9)
    assert look_of(person, VIEW) == Look({"circle": [0.831, 59]}, now + DAY, 9)


def test_a_change_is_told_until_it_is_seen(person, now):
    look(person, 0.831, at=now, event=7)
    for days in (1, 2):
        look(person, 0.829, at=now + days * DAY, event=8 + days)
        assert look_of(person, VIEW) == Look({"circle": [0.831, 59]}, now, 7)
    with transaction():
        mark_seen(person, VIEW)
    assert look_of(person, VIEW) == Look({"circle": [0.829, 59]}, now + 2 * DAY, 10)


def test_seeing_what_was_never_shown_does_nothing(person):
    with transaction():
        mark_seen(person, VIEW)
    assert look_of(person, VIEW) is None


def test_looks_are_forgotten_when_nobody_came_back(person, now, session):
    look(person, 0.5, at=now - LOOKS_KEPT - DAY, view="old")
    look(person, 0.5, at=now - LOOKS_KEPT + DAY, view="young")
    with transaction():
        assert forget_old_looks(now) == 1
    assert session.scalar(select(func.count()).select_from(FigureLook)) == 1
