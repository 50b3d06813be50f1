"""Which storms are told of, and in which order?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.storms import begin_storm, end_storm
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role
from dispatch.domain.storm import Wanted
from dispatch.queries.storms import storm_for_change, storm_in, storm_rows, storms_on
from tests.factories import make_account, make_city

HOUR = timedelta(hours=1)


def test_those_that_are_on_come_first_then_the_newest(session, now):
    make_city(now)
    duty = make_account(Role.MANAGER, now)
    for at, grid in ((0, "West"), (1, "East"), (2, "West")):
        wanted = Wanted("frost", "cold", (grid,), now + 9 * HOUR)
        row = begin_storm(wanted, actor=duty, now=now + at * HOUR)
        if grid == "West":
            end_storm(row.id, actor=duty, now=now + at * HOUR + HOUR / 2, seen_version=None)
    later = now + 3 * HOUR
    assert [each["id"] for each in storm_rows(later)] == [2, 3, 1]
    assert [each["id"] for each in storms_on(later)] == [2]
    assert storms_on(now + 9 * HOUR) == []
    assert storm_in("East", later).id == 2
    assert storm_in("West", later) is None
    with pytest.raises(NotFound):
        storm_for_change(9)
