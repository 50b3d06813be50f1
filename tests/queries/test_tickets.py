"""Does the list hold the tickets that were asked for, and only the asker's?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Scope
from dispatch.models.places import Household
from dispatch.queries.tickets import (
    EVERY_TICKET,
    TicketFilters,
    open_ticket_counts,
    ticket_for_change,
    ticket_page,
    ticket_row,
    ticket_rows,
)
from tests.factories import (
    DESK,
    EAST,
    IN_EAST,
    IN_WEST,
    make_crew,
    make_grid,
    make_team,
    make_ticket,
)

ALL = Scope(everything=True)


@pytest.fixture
def city(session, now):
    """Four tickets: W1 west (sent to a crew), W2 east, W3 not located, W4 cancelled."""
    with transaction():
        west, east = make_team("West Team"), make_team("East Team")
        make_grid("West", team=west, now=now)
        make_grid("East", EAST, team=east, now=now)
        crew = make_crew("West 1", team=west)
        make_crew("East 1", team=east)
        session.add(Household(account="A_1", address="Road 1", name="Li"))
        first = make_ticket(
            now, place=IN_WEST, address="Wuyi Road 100%", reporter_phone="13812345678"
        ).ticket
        minute = timedelta(minutes=1)
        make_ticket(now + minute, place=IN_EAST, category="leak", description="A_B", household_id=1)
        make_ticket(now + 2 * minute, place=None, category="low_pressure", address="Axb")
        fourth = make_ticket(now + 3 * minute, place=IN_EAST, address="Far").ticket
        cancel_ticket(fourth, reason="test", actor=DESK, now=now + 4 * minute)
        dispatch_visit(first, crew, actor=DESK, now=now + 5 * minute)
    return now


def numbers(scope=ALL, **filters: Any):
    return [int(row["number"][1:]) for row in ticket_rows(scope, TicketFilters(**filters))]


def test_everything_the_newest_first(city):
    assert numbers() == [4, 3, 2, 1]
    assert [row["number"] for row in ticket_rows(ALL, EVERY_TICKET, limit=1)] == ["W000004"]


FILTERS = [
    ({"open_only": True}, [3, 2, 1]),
    ({"states": ("dispatched", "cancelled")}, [4, 1]),
    ({"grid": "East"}, [4, 2]),
    ({"team": "West Team"}, [1]),
    ({"team": 2}, [4, 2]),
    ({"crew_id": 1}, [1]),
    ({"crew_id": 2}, []),
    ({"level": 2}, [2]),
    ({"category": "low_pressure"}, [3]),
    ({"household_id": 1}, [2]),
    ({"imported": True}, []),
    ({"imported": False, "open_only": True}, [3, 2, 1]),
    ({"search": "w000003"}, [3]),
    ({"search": "wuyi road 100"}, [1]),
    ({"search": "%"}, [1]),
    ({"search": "A_"}, [2]),
    ({"search": "A_1"}, [2]),
    ({"search": "5678"}, []),
    ({"search": "5678", "search_phones": True}, [1]),
    ({"search": "678", "search_phones": True}, []),
    ({"search": "  "}, [4, 3, 2, 1]),
]


@pytest.mark.usefixtures("city")
def test_filters():
    for filters, found in FILTERS:
        assert numbers(**filters) == found, filters


def test_filters_by_time(city):
    minute = timedelta(minutes=1)
    assert numbers(since=city + 2 * minute) == [4, 3]
    assert numbers(before=city + 2 * minute) == [2, 1]
    assert numbers(changed_since=city + 4 * minute) == [4, 1]


@pytest.mark.usefixtures("city")
def test_pages_meet_without_gap_or_overlap():
    found, after = [], None
    for _ in range(9):
        page = ticket_page(ALL, limit=1, after=after)
        found += [row["number"] for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert found == ["W000004", "W000003", "W000002", "W000001"]


@pytest.mark.usefixtures("city")
def test_each_sees_only_what_is_theirs():
    assert numbers(Scope(team_id=1)) == [1]
    assert numbers(Scope(team_id=2)) == [4, 2]
    assert numbers(Scope(crew_id=1)) == [1]
    assert numbers(Scope(crew_id=2)) == []
    assert numbers(Scope()) == []
    assert open_ticket_counts(Scope(team_id=2)) == {"accepted": 1}


@pytest.mark.usefixtures("city")
def test_open_tickets_are_counted_by_state():
    assert open_ticket_counts(ALL) == {"dispatched": 1, "accepted": 1, "received": 1}


@pytest.mark.parametrize("number", ["W000099", "W", "", "x", "W1\x00", "9" * 30])
@pytest.mark.usefixtures("city")
def test_a_number_that_is_none(number):
    for ask in (ticket_for_change, ticket_row):
        with pytest.raises(NotFound):
            ask(number, ALL)


@pytest.mark.usefixtures("city")
def test_a_foreign_ticket_is_not_found():
    for scope in (Scope(crew_id=2), Scope(team_id=2), Scope()):
        for ask in (ticket_for_change, ticket_row):
            with pytest.raises(NotFound):
                ask("W000001", scope)
    assert ticket_for_change("w1", Scope(crew_id=1)).id == 1
