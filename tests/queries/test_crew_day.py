"""Does a crew find its tickets in the right order, with what is left of the promise?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.domain.clocks import StandingState
from dispatch.domain.permissions import Scope
from dispatch.models.people import Position
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.crew_day import NO_CREW, crew_day
from dispatch.queries.crew_ticket import crew_ticket
from tests.factories import DESK, IN_EAST
from tests.trips import another_ticket, open_burst, send, step, steward, work

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def numbers(tickets):
    return [each.number for each in tickets]


@pytest.mark.parametrize("crew_id", [None, 0, 99])
def test_an_account_without_a_crew_has_an_empty_day(session, now, crew_id):
    assert crew_day(crew_id, day_began_at=now, now=now) == NO_CREW


def test_the_one_under_way_stands_first_then_the_earliest_promise(session, now):
    open_burst(now, category="low_pressure")
    another_ticket(now + MINUTE)
    another_ticket(now + 2 * MINUTE, category="no_water")
    another_ticket(now + 3 * MINUTE, category="bill", place=IN_EAST)
    for ticket in (1, 2, 3, 4):
        send(ticket, 1, now + 4 * MINUTE)
    day = crew_day(1, day_began_at=now, now=now + 5 * MINUTE)
    assert numbers(day.tickets) == ["W000002", "W000003", "W000001", "W000004"]
    work(1, 1, now + 4 * MINUTE, until="set-off")
    day = crew_day(1, day_began_at=now, now=now + 20 * MINUTE)
    assert numbers(day.tickets) == ["W000001", "W000002", "W000003", "W000004"]
    assert day.tickets[-1].promise is None
    assert (day.crew, day.vehicle) == ("W1", "van")


def test_what_was_done_today_is_kept_apart_and_yesterday_is_left_out(session, now):
    open_burst(now - DAY)
    send(1, 1, now - DAY)
    work(1, 1, now - DAY)
    another_ticket(now)
    send(2, 1, now)
    done = work(2, 1, now)
    day = crew_day(1, day_began_at=now - MINUTE, now=done)
    assert numbers(day.tickets) == []
    assert numbers(day.done) == ["W000002"]
    assert day.done[0].seen == session.scalar(select(func.max(TicketEvent.id)))
    assert crew_day(2, day_began_at=now, now=done).done == ()


def test_the_promise_empties_and_then_counts_what_is_late(session, now):
    open_burst(now)
    send(1, 1, now)

    def promise(minutes):
        return crew_day(1, day_began_at=now, now=now + minutes * MINUTE).tickets[0].promise

    assert (promise(0).share, promise(0).seconds) == (1.0, 1800.0)
    assert promise(15).share == pytest.approx(0.5)
    late = promise(40)
    assert (late.share, late.seconds, late.state) == (0.0, -600.0, StandingState.OVERDUE)


def test_a_pause_stops_the_ring_and_moves_the_end(session, now):
    open_burst(now)
    send(1, 1, now)
    step(1, "hold", DESK, now + 5 * MINUTE, reason="waiting_for_permit")
    paused = crew_day(1, day_began_at=now, now=now + 60 * MINUTE).tickets[0].promise
    assert (paused.state, paused.seconds) == (StandingState.PAUSED, 1500.0)
    step(1, "release", DESK, now + 60 * MINUTE)
    again = crew_day(1, day_began_at=now, now=now + 61 * MINUTE).tickets[0].promise
    assert again.due_at == now + 85 * MINUTE
    assert again.seconds == 1440.0


def test_an_arrival_keeps_the_promise(session, now):
    open_burst(now)
    send(1, 1, now)
    work(1, 1, now, until="arrive")
    promise = crew_day(1, day_began_at=now, now=now + 90 * MINUTE).tickets[0].promise
    assert promise.state is StandingState.MET


def test_the_distance_is_from_the_last_position(session, now):
    open_burst(now)
    send(1, 1, now)
    assert crew_day(1, day_began_at=now, now=now).tickets[0].metres is None
    session.add(Position(crew_id=1, lat=28.16, lon=112.95, measured_at=now))
    session.commit()
    assert crew_day(1, day_began_at=now, now=now).tickets[0].metres == pytest.approx(1112, abs=2)
    session.get(Ticket, 1).lat = None
    assert crew_day(1, day_began_at=now, now=now).tickets[0].metres is None


def test_a_promise_that_cannot_stand_is_left_out(session, now):
    open_burst(now)
    send(1, 1, now)
    session.get(Ticket, 1).arrived_at = now - MINUTE
    assert crew_day(1, day_began_at=now, now=now).tickets[0].promise is None


def test_a_ticket_that_was_declined_leaves_the_list(session, now):
    open_burst(now)
    send(1, 1, now)
    step(1, "decline", steward(1), now + MINUTE, reason="too far")
    day = crew_day(1, day_began_at=now, now=now + MINUTE)
    assert numbers(day.tickets) == []
    assert numbers(day.done) == ["W000001"]


def test_until_when_a_crew_answers_is_told_until_it_has(session, now):
    open_burst(now)
    send(1, 1, now)
    (before,) = crew_day(1, day_began_at=now, now=now).tickets
    assert before.answer_due_at == now + 5 * MINUTE
    assert crew_ticket("W000001", Scope(crew_id=1), now).answer_due_at == now + 5 * MINUTE
    step(1, "acknowledge", steward(1), now + MINUTE)
    (after,) = crew_day(1, day_began_at=now, now=now).tickets
    assert after.answer_due_at is None
