"""Does a bring list know what earlier visits used, and what failed here before?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.tickets import KIT_EVENTS, Ticket, TicketEvent
from dispatch.queries.bring_list import LEARNED_FROM, bring_lists
from tests.factories import IN_EAST
from tests.statements import plan_of, written_out
from tests.trips import another_ticket, open_burst, send, step, steward, work

MINUTE = timedelta(minutes=1)


def lines(ticket_id, now, **given: bool):
    found = bring_lists([db.session.get_one(Ticket, ticket_id)], now, **given)[ticket_id]
    return {line.item: str(line.reason) for line in found.lines}, found.needs


@pytest.fixture
def city(session, now):
    """One burst main on a pipe of DN100 in the west, which crew W1 has."""
    open_burst(now, pipe_mm=100)
    send(1, 1, now)


def use(ticket_id, now, **parts: int):
    for item, count in parts.items():
        step(ticket_id, "parts", steward(1), now, item=item, count=count)


def test_it_learns_from_the_visits_of_its_kind(city, now):
    for number in range(2, 7):
        another_ticket(now, pipe_mm=100, place=IN_EAST)
        use(number, now, saddles=1, clamps_150=1)
    another_ticket(now, category="no_water", place=IN_EAST)
    use(7, now, meters=1)
    said, needs = lines(1, now)
    assert said["saddles"] == "5 of 5 visits for “Burst main” at DN100 used it"
    assert "meters" not in said
    assert needs == ()


def test_a_count_that_was_taken_back_teaches_nothing(city, now):
    for number in (2, 3):
        another_ticket(now, place=IN_EAST)
        use(number, now, saddles=1)
        use(number, now + MINUTE, saddles=0)
    assert "saddles" not in lines(1, now)[0]


def test_old_visits_are_forgotten(city, now):
    for number in (2, 3):
        another_ticket(now, place=IN_EAST)
        use(number, now, saddles=1)
    assert "saddles" in lines(1, now + LEARNED_FROM)[0]
    assert "saddles" not in lines(1, now + LEARNED_FROM + MINUTE)[0]


def test_the_second_visit_brings_what_the_first_lacked(city, now):
    at = work(1, 1, now, until="arrive")
    args = {"cause": "part_missing", "parts": ["sleeves"], "needs": ["excavation"]}
    step(1, "cannot-complete", steward(1), at, **args)
    said, needs = lines(1, at, with_place=False)
    assert next(iter(said)) == "sleeves"
    assert said["sleeves"] == "The last visit failed for want of it"
    assert needs == (say("Excavation"),)


def test_the_place_is_remembered_where_it_is_asked_for(city, now):
    use(1, now, plugs=1)
    step(1, "needs", steward(1), now, parts=["air_valves"])
    another_ticket(now + MINUTE, category="leak")
    said, _ = lines(2, now + MINUTE)
    assert said["plugs"] == "It was used at this place before"
    assert said["air_valves"] == "An earlier visit here failed for want of it"
    assert "plugs" not in lines(2, now + MINUTE, with_place=False)[0]


def test_no_ticket_asks_for_no_list(session, now):
    assert bring_lists([], now) == {}


def test_the_records_are_found_by_their_index(city, now):
    latest = (TicketEvent.recorded_at.desc(), TicketEvent.id.desc())
    newest = select(TicketEvent.id).where(KIT_EVENTS).order_by(*latest).limit(10)
    assert "ix_ticket_event_kit" in plan_of(written_out(newest))
