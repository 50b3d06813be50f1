"""Which tickets are on the cards of a storm, and who sees them?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.storms import begin_storm
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.storm import Wanted
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket
from dispatch.queries.storm_desk import storm_cards
from tests.factories import IN_EAST, make_account, make_city, make_household, make_ticket
from tests.trips import send

EVERYTHING = Scope(everything=True)


@pytest.fixture
def city(session, now):
    found = make_city(now)
    duty = make_account(Role.MANAGER, now)
    ends_at = now + timedelta(hours=6)
    begin_storm(Wanted("flood", "River", ("West",), ends_at), actor=duty, now=now)
    return found


def leads(scope, now):
    return [card["lead"] for card in storm_cards(scope, now)["cards"]]


def test_open_tickets_of_its_grids_are_on_the_cards_older_ones_too(session, city, now):
    make_ticket(now - timedelta(hours=1))
    make_ticket(now, place=IN_EAST)
    make_ticket(now, category="meter_leak", address="Furong Road 8")
    make_ticket(now, category="installation", kind="installation", address="Furong Road 9")
    session.get(Ticket, 1).storm = False
    assert leads(EVERYTHING, now) == ["W000001", "W000003"]
    assert leads(Scope(team_id=city.east.id), now) == []
    assert storm_cards(EVERYTHING, now + timedelta(hours=6)) == {
        "on": False, "total": 0, "tickets": 0, "cards": [], "crews": [],
    }  # fmt: skip


def test_a_free_crew_is_nearer_than_a_busy_one(session, city, now):
    ticket = make_ticket(now, address="").ticket
    session.commit()
    send(ticket.id, 1, now)
    [card] = storm_cards(EVERYTHING, now)["cards"]
    assert (card["waiting"], card["nearest"]["name"], card["nearest"]["metres"]) == (0, "W2", 0)


def test_a_household_that_needs_water_first_is_marked(session, city, now):
    make_household()
    session.flush()
    session.get(Household, 1).vulnerable = True
    make_ticket(now, household_id=1, category="no_water")
    [card] = storm_cards(EVERYTHING, now)["cards"]
    assert (card["vulnerable"], card["tickets"][0]["vulnerable"]) == (1, True)


def test_a_place_that_nobody_knows_has_no_crew_near(session, city, now):
    duty = make_account(Role.ADMINISTRATOR, now)
    ends_at = now + timedelta(hours=6)
    begin_storm(Wanted("flood", "River", ("East",), ends_at), actor=duty, now=now)
    make_ticket(now)
    session.get(Ticket, 1).lat = None
    assert storm_cards(EVERYTHING, now)["cards"][0]["nearest"] is None


def test_where_somebody_waits_comes_before_where_everybody_has_a_crew(session, city, now):
    served = make_ticket(now, category="burst", address="Furong Road 8").ticket
    waiting = make_ticket(now, category="meter_leak", address="Wuyi Road 12").ticket
    assert leads(EVERYTHING, now) == ["W000001", "W000002"]
    assert served.level < waiting.level
    session.commit()
    send(served.id, 1, now)
    assert leads(EVERYTHING, now) == ["W000002", "W000001"]
