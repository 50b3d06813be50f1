"""Who switches storm mode, what is written down, and which tickets carry it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.placing import place_ticket
from dispatch.actions.storms import begin_storm, change_end, end_storm, end_storms_that_are_over
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Stale
from dispatch.domain.permissions import Role
from dispatch.domain.storm import Wanted
from dispatch.models.people import SettingsEvent
from dispatch.queries.storms import spells_on, storm_rows
from tests.factories import DESK, IN_EAST, IN_WEST, NOWHERE, make_account, make_city, make_ticket

HOUR = timedelta(hours=1)


@pytest.fixture
def duty(session, now):
    make_city(now)
    return make_account(Role.MANAGER, now, name="Wang Duty")


def begin(actor, now, *grids: str, hours=6):
    return begin_storm(Wanted("frost", " -12 °C ", grids, now + hours * HOUR), actor=actor, now=now)


def written(session):
    rows = session.scalars(
        select(SettingsEvent).where(SettingsEvent.subject == "storm").order_by(SettingsEvent.id)
    )
    return [(row.actor, row.was and row.was["ends_at"], row.now["ended_at"]) for row in rows]


def test_a_ticket_carries_the_storm_of_its_grid(duty, now):
    before = make_ticket(now).ticket
    storm = begin(duty, now + HOUR, "West")
    later = now + 2 * HOUR
    west, east = make_ticket(later).ticket, make_ticket(later, place=IN_EAST).ticket
    nowhere = make_ticket(later, place=NOWHERE).ticket
    assert [each.storm for each in (before, west, east, nowhere)] == [False, True, False, False]
    assert west.storm_id == storm.id
    assert east.storm_id is None


def test_a_ticket_without_a_place_is_in_a_storm_of_the_whole_city(duty, now):
    begin(duty, now)
    assert make_ticket(now, place=None).ticket.storm


def test_a_ticket_that_is_placed_later_carries_the_storm_of_its_receipt(duty, now):
    storm = begin(duty, now, "West")
    waiting, other = (make_ticket(now, place=None).ticket for _ in range(2))
    assert not waiting.storm
    end_storm(storm.id, actor=duty, now=now + HOUR, seen_version=1)
    for ticket, place in ((waiting, IN_WEST), (other, IN_EAST)):
        place_ticket(ticket, place, actor=DESK, now=now + 2 * HOUR)
    assert (waiting.storm_id, other.storm_id) == (storm.id, None)


def test_each_change_is_written_down_with_who_made_it(session, duty, now):
    storm = begin(duty, now)
    change_end(storm.id, now + 8 * HOUR, actor=duty, now=now + HOUR, seen_version=1)
    end_storm(storm.id, actor=duty, now=now + 2 * HOUR, seen_version=2)
    ended = (now + 2 * HOUR).isoformat()
    assert written(session) == [
        ("Wang Duty", None, None),
        ("Wang Duty", (now + 6 * HOUR).isoformat(), None),
        ("Wang Duty", (now + 8 * HOUR).isoformat(), ended),
    ]
    [row] = storm_rows(now + 3 * HOUR)
    assert (row["reason"], row["ended_by"], row["on"]) == ("-12 °C", "Wang Duty", False)


def test_a_storm_ends_by_its_expected_end(session, duty, now):
    begin(duty, now, hours=1)
    assert end_storms_that_are_over(now) == 0
    assert spells_on(now + HOUR) == []
    assert not make_ticket(now + HOUR).ticket.storm
    assert end_storms_that_are_over(now + 3 * HOUR) == 1
    assert end_storms_that_are_over(now + 3 * HOUR) == 0
    assert written(session)[-1] == ("rule", (now + HOUR).isoformat(), (now + HOUR).isoformat())


def test_one_begins_where_none_is_on(duty, now):
    begin(duty, now, "West")
    with pytest.raises(Forbidden):
        begin(duty, now)
    begin(duty, now, "East")
    assert [sorted(each.grids) for each in spells_on(now)] == [["West"], ["East"]]


def test_what_is_over_or_was_changed_meanwhile_is_refused(duty, now):
    storm = begin(duty, now)
    with pytest.raises(Stale):
        end_storm(storm.id, actor=duty, now=now, seen_version=7)
    with pytest.raises(Invalid):
        change_end(storm.id, now, actor=duty, now=now, seen_version=1)
    with pytest.raises(NotFound):
        end_storm(storm.id + 1, actor=duty, now=now, seen_version=None)
    with pytest.raises(Forbidden):
        end_storm(storm.id, actor=duty, now=now + 6 * HOUR, seen_version=None)
