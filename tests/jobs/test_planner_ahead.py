"""Does the planner change its mind where that clearly helps, and only there?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import select

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.intake import change_level
from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive, complete_visit, set_off
from dispatch.domain.live_outlook import Turn
from dispatch.domain.sentences import Sentence
from dispatch.domain.travel import StraightLine, TravelAnswer
from dispatch.jobs.planner import Memory, Planned, run
from dispatch.models.people import Team
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.outlook import planning_board
from tests.factories import DESK, IN_EAST, make_crew, make_grid, make_team, make_ticket
from tests.jobs.test_planner import city, crews_sent, nobody_events, open_one

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["city"]

NEAR = GivenPlace(28.151, 112.951)
FAR_WEST = GivenPlace(28.11, 112.905)


@pytest.fixture
def one_crew(session, now):
    """Make a team with one crew, ten minutes from the far end of its grid."""
    west = make_team("West")
    make_grid("West", team=west, now=now)
    crew = make_crew("Crew 12", team=west)
    session.commit()
    return crew


def events(session, ticket_id, kind):
    session.rollback()
    return session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == kind)
        .order_by(TicketEvent.id)
    ).all()


def said(event):
    return [str(Sentence.from_json(each)) for each in event.facts["reasons"]]


def open_at(place, now, category="burst"):
    with transaction():
        return make_ticket(now, category=category, place=place).ticket.id


def visit_of(session, ticket_id):
    return session.scalars(
        select(Visit).where(Visit.ticket_id == ticket_id).order_by(Visit.id.desc())
    ).first()


def step(session, ticket_id, *steps: Callable[..., object], at):
    """Let the crew of a ticket take steps."""
    with transaction():
        ticket, visit = session.get(Ticket, ticket_id), visit_of(session, ticket_id)
        for each in steps:
            each(ticket, visit, actor=DESK, now=at)


def test_an_emergency_takes_a_crew_that_drives_to_a_routine_ticket(session, one_crew, now):
    routine = open_at(FAR_WEST, now, "noise")
    memory = Memory()
    assert run(now, memory).sent == 1
    step(session, routine, acknowledge, set_off, at=now)
    burst = open_at(NEAR, now)
    assert run(now, memory) == Planned(sent=1)
    assert crews_sent(session) == {burst: one_crew.id}
    [back] = events(session, routine, "withdrawn")
    assert said(back) == [f"Crew 12 was needed for the emergency W{burst:06d}"]
    assert session.get(Ticket, routine).state == "accepted"
    why = visit_of(session, burst).reasons["why"]
    assert str(Sentence.from_json(why[0])).startswith(f"An emergency: taken from W{routine:06d}")
    assert run(now, memory) == Planned(nobody=1)
    assert [event.ticket_id for event in nobody_events(session)] == [routine]
    step(session, burst, arrive, complete_visit, at=now + timedelta(minutes=1))
    assert run(now + timedelta(minutes=1), memory).sent == 1
    assert crews_sent(session) == {routine: one_crew.id}


def test_a_crew_is_turned_once_and_then_only_for_an_emergency(session, one_crew, now):
    routine = open_at(FAR_WEST, now, "noise")
    run(now)
    [crew] = planning_board(now).crews
    assert (crew.heading, crew.turn) == (routine, Turn.ANY)
    burst = open_at(NEAR, now)
    run(now)
    assert planning_board(now).crews == []
    with transaction():
        change_level(session.get(Ticket, burst), 3, reason="a drip", actor=DESK, now=now)
    [crew] = planning_board(now).crews
    assert (crew.heading, crew.turn) == (burst, Turn.EMERGENCY)


@pytest.mark.parametrize("how", ["by hand", "pinned", "on site", "second crew"])
def test_what_a_person_chose_and_who_has_arrived_is_never_undone(session, one_crew, now, how):
    routine = open_at(FAR_WEST, now, "noise")
    if how == "by hand":
        with transaction():
            dispatch_visit(session.get(Ticket, routine), one_crew, actor=DESK, now=now)
    else:
        run(now)
    with transaction():
        ticket = session.get(Ticket, routine)
        ticket.pinned = how == "pinned"
        if how == "second crew":
            other = make_crew("Helper", team=session.get(Team, one_crew.team_id))
            decision = Decision(crew_role="second")
            dispatch_visit(ticket, other, actor=DESK, now=now, decision=decision)
    if how == "on site":
        step(session, routine, acknowledge, arrive, at=now)
    open_at(NEAR, now)
    assert run(now).sent == 0
    assert visit_of(session, routine).ended_at is None


def test_a_crew_on_several_tickets_is_left_alone(session, one_crew, now):
    for _ in range(2):
        ticket = open_at(NEAR, now)
        with transaction():
            dispatch_visit(session.get(Ticket, ticket), one_crew, actor=DESK, now=now)
    assert planning_board(now).crews == []


def test_a_ticket_waits_for_a_crew_that_is_almost_done(session, one_crew, now):
    first = open_at(NEAR, now)
    memory = Memory()
    run(now, memory)
    step(session, first, acknowledge, arrive, at=now)
    later = now + timedelta(minutes=12)
    second = open_at(NEAR, later)
    version = session.get(Ticket, second).version
    assert run(later, memory) == Planned(waiting=1)
    [waits] = events(session, second, "waits")
    assert said(waits)[0].startswith("Waits for Crew 12, which is expected to be free in ")
    assert waits.facts["crew_id"] == one_crew.id
    assert session.get(Ticket, second).version == version
    assert run(later + timedelta(minutes=5), memory) == Planned()
    assert run(later + timedelta(minutes=5), Memory()) == Planned(waiting=1)
    assert len(events(session, second, "waits")) == 1
    step(session, first, complete_visit, at=later + timedelta(minutes=6))
    assert run(later + timedelta(minutes=6), memory) == Planned(sent=1)
    assert crews_sent(session) == {second: one_crew.id}


def test_for_whom_a_ticket_waits_is_not_said_again_at_once(session, one_crew, now):
    first = open_at(NEAR, now)
    memory = Memory()
    run(now, memory)
    second = open_at(NEAR, now)
    assert run(now, memory) == Planned(nobody=1)
    step(session, first, acknowledge, arrive, at=now)
    assert run(now + timedelta(minutes=1), memory) == Planned()
    assert run(now + timedelta(minutes=3), memory) == Planned(waiting=1)
    assert len(events(session, second, "waits")) == 1


def test_a_late_ticket_leaves_the_last_crew_for_the_calls_to_come(session, one_crew, now):
    late = open_at(NEAR, now - timedelta(hours=3), "noise")
    with transaction():
        for _ in range(40):
            opened = make_ticket(now, category="burst")
            cancel_ticket(opened.ticket, reason="a drill", actor=DESK, now=now)
    assert run(now) == Planned(waiting=1)
    [waits] = events(session, late, "waits")
    assert said(waits)[0].startswith("Not likely in time any more: it waits")
    assert run(now + timedelta(minutes=61)).sent == 1


def test_a_nearer_crew_takes_over_a_drive_where_it_clearly_helps(session, one_crew, now):
    ticket = open_at(FAR_WEST, now)
    run(now)
    near = make_crew("Crew 13", team=session.get(Team, one_crew.team_id), base=(28.11, 112.905))
    session.commit()
    assert run(now).sent == 1
    assert crews_sent(session) == {ticket: near.id}
    assert run(now) == Planned()


def test_a_crew_that_does_not_answer_is_called_back_for_another(session, one_crew, now):
    ticket = open_at(NEAR, now)
    run(now)
    overdue = now + timedelta(minutes=11)
    assert run(overdue) == Planned()
    other = make_crew("Crew 13", team=session.get(Team, one_crew.team_id))
    session.commit()
    assert run(now + timedelta(minutes=9)) == Planned()
    assert run(overdue) == Planned(sent=1)
    assert crews_sent(session) == {ticket: other.id}
    [back] = events(session, ticket, "withdrawn")
    assert said(back) == ["The crew did not answer in time; another one is chosen"]


def test_a_crew_chosen_by_hand_is_not_called_back(session, city, now):
    ticket = open_one(now)
    with transaction():
        dispatch_visit(session.get(Ticket, ticket), city[3], actor=DESK, now=now)
    assert run(now + timedelta(hours=1)) == Planned()


def test_without_crews_and_grids_the_ticket_waits_at_the_desk(session, now):
    with transaction():
        ticket = make_ticket(now).ticket.id
    session.get(Ticket, ticket)
    assert run(now) == Planned(nobody=1)
    [event] = events(session, ticket, "nobody_available")
    assert said(event) == [
        "No crew may go now; the ticket waits at the desk",
        "There is no crew to choose from",
    ]


def test_a_ticket_outside_every_grid_gets_the_soonest_crew(session, city, now):
    ticket = open_at(IN_EAST, now)
    session.get(Ticket, ticket).team_id = None
    session.commit()
    assert run(now) == Planned(sent=1)
    assert crews_sent(session)[ticket] == city[2].id
    why = visit_of(session, ticket).reasons["why"][0]
    assert str(Sentence.from_json(why)) == "No team owns this place; this crew is the soonest there"


def test_a_place_that_is_not_known_yet_gets_the_home_team(session, city, now):
    ticket = open_one(now)
    row = session.get(Ticket, ticket)
    row.lat = row.lon = None
    session.commit()
    assert run(now) == Planned(sent=1)
    assert crews_sent(session)[ticket] in {city[0].id, city[1].id}


def test_a_source_of_travel_times_that_knows_nothing_leaves_the_straight_line(
    session, city, now, monkeypatch
):
    def know_nothing(_self, starts, ends, _hour):
        return TravelAnswer(np.full((len(starts), len(ends)), np.nan), "osrm", 0.2)

    monkeypatch.setattr(StraightLine, "answer", know_nothing)
    ticket = open_one(now)
    assert run(now) == Planned(sent=1)
    assert crews_sent(session) == {ticket: city[0].id}
