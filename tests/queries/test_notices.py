"""Do desk, public and map read the notices that are theirs, and who is in their area?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from shapely.geometry import shape

from dispatch.actions.notices import draft_notice, end_notice
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.place import Point
from dispatch.queries.notices import (
    notice_features,
    notice_rows,
    notice_seen,
    notice_told,
    people_affected,
    public_notices,
    stamp_of,
    suggested_notices,
)
from tests.factories import DESK, IN_EAST, make_city, make_household, make_ticket
from tests.notices import HOUR, announce, wish

INSIDE, FAR = Point(28.15, 112.95), Point(28.15, 113.05)


@pytest.fixture
def notices(session, now):
    """Draft, in force, coming, ended early, dropped; numbered in this order."""
    with transaction():
        make_city(now)
        make_household()
        make_ticket(now)
        make_ticket(now, category="leak", place=IN_EAST)
        draft_notice(wish(now, text=""), actor=DESK, now=now)
        announce(now, ticket="W1")
        announce(now, begins_at=now + HOUR, grids=("East",))
        for row in (announce(now), draft_notice(wish(now), actor=DESK, now=now)):
            end_notice(row.id, actor=DESK, now=now, seen_version=row.version)


def ids(rows):
    return [row["id"] for row in rows]


def test_the_desk_reads_all_but_dropped_drafts_and_the_public_those_that_matter(notices, now):
    rows = notice_rows(now)
    assert [(row["id"], row["state"]) for row in rows] == [
        (2, "in_force"), (3, "coming"), (1, "draft"), (4, "ended"),
    ]  # fmt: skip
    assert ids(public_notices(now)) == [2, 3]
    assert "ticket" not in public_notices(now)[0]
    assert ids(public_notices(now + 3 * HOUR)) == []
    month = now + timedelta(days=31)
    assert ids(notice_rows(month)) == [1]


def test_near_a_place_those_in_it_and_beside_it_are_told_apart(notices, now):
    found = public_notices(now, near=Point(28.15, 112.999))
    assert [(row["id"], row["here"]) for row in found] == [(2, True), (3, False)]
    assert public_notices(now, near=Point(28.15, 112.9)) != []
    assert public_notices(now, near=Point(29.0, 112.9)) == []


def test_a_suggestion_says_what_to_tell_with_the_ticket_while_it_is_open(notices, session, now):
    [found] = suggested_notices(INSIDE, "no_water", now)
    assert (found["id"], found["ticket"], found["reports"]) == (2, "W000001", 1)
    assert "as W000001" in str(found["tell"])
    assert suggested_notices(FAR, "no_water", now) == []
    assert suggested_notices(INSIDE, "meter_leak", now) == []


def test_open_tickets_and_households_in_the_area_are_counted(notices, now):
    west = shape(notice_seen(2).geometry)
    assert people_affected(west) == {"tickets": 1, "households": 1}


def test_the_stamp_changes_with_state_and_version_alone(notices, now):
    features, stamp = notice_features(now)
    assert [each["id"] for each in features] == [2]
    assert set(features[0]["properties"]) >= {"area", "area_zh", "ends_at", "kind_name"}
    assert notice_features(now + HOUR / 2, unless={stamp}) == (None, stamp)
    assert stamp_of(now + HOUR) != stamp


def test_a_report_is_told_of_its_notice_even_when_that_has_ended(notices, now):
    assert notice_told(2, now + 9 * HOUR)["state"] == "ended"
    assert notice_told(None, now) is None
    with pytest.raises(NotFound):
        notice_seen(99)
