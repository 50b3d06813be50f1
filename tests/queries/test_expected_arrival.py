"""Is the arrival that a caller is told the one that the rules would give?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.place import Point
from dispatch.queries.expected_arrival import expected_arrival
from tests.factories import make_city

IN_WEST, IN_EAST, FAR = Point(28.15, 112.95), Point(28.15, 113.05), Point(40.0, 116.0)


@pytest.fixture
def city(session, now):
    found = make_city(now)
    session.commit()
    return found


def test_the_nearest_crew_of_the_grid_is_named(city, now):
    assert expected_arrival(IN_EAST, "burst", None, now=now).crew == "E1"
    assert expected_arrival(IN_WEST, "burst", None, now=now).crew in {"W1", "W2"}


def test_the_category_sets_the_level_unless_a_person_says_otherwise(city, now):
    emergency = expected_arrival(IN_WEST, "burst", None, now=now)
    standard = expected_arrival(IN_WEST, "burst", 3, now=now)
    assert emergency.due_at == now + timedelta(minutes=30)
    assert standard.due_at > emergency.due_at
    assert expected_arrival(IN_WEST, "burst", 9, now=now) == emergency


def test_a_point_outside_every_grid_still_gets_an_arrival(city, now):
    found = expected_arrival(FAR, "leak", None, now=now)
    assert found.crew is not None
    assert found.arrives_at > found.due_at


def test_without_crews_only_the_promise_is_told(session, now):
    found = expected_arrival(IN_WEST, "leak", None, now=now)
    assert (found.crew, found.arrives_at) == (None, None)
    assert found.due_at is not None


def test_advice_promises_no_arrival(city, now):
    assert expected_arrival(IN_WEST, "advice", None, now=now).due_at is None


def test_an_unknown_category_is_refused(city, now):
    with pytest.raises(Invalid):
        expected_arrival(IN_WEST, "none", None, now=now)
