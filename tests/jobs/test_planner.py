"""Does the right crew go by itself, and is a ticket that nobody can take said to wait?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dispatch.actions.dispatching import decline_visit, dispatch_visit
from dispatch.actions.intake import change_level
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive, complete_visit
from dispatch.domain.errors import Stale
from dispatch.domain.sentences import Sentence, say
from dispatch.jobs import planner
from dispatch.jobs.planner import Memory, Planned, run
from dispatch.models.people import Shift
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import DESK, EAST, make_crew, make_grid, make_team, make_ticket


@pytest.fixture
def city(session, now):
    """Make two neighbouring teams with two crews each."""
    west, east = make_team("West"), make_team("East")
    make_grid("West", team=west, now=now)
    make_grid("East", EAST, team=east, now=now)
    crews = [
        make_crew("West 1", team=west),
        make_crew("West 2", team=west, base=(28.16, 112.95)),
        make_crew("East 1", team=east, base=(28.15, 113.05)),
        make_crew("East 2", team=east, base=(28.16, 113.05)),
    ]
    session.commit()
    return crews


def open_one(now, category="burst"):
    with transaction():
        return make_ticket(now, category=category).ticket.id


def crews_sent(session):
    session.rollback()
    rows = session.execute(
        select(Visit.ticket_id, Visit.crew_id).where(Visit.ended_at.is_(None)).order_by(Visit.id)
    )
    return {ticket_id: crew_id for ticket_id, crew_id in rows}  # noqa: C416  rows are no pairs


def nobody_events(session):
    return session.scalars(
        select(TicketEvent).where(TicketEvent.kind == "nobody_available").order_by(TicketEvent.id)
    ).all()


def test_nothing_waits(session, city, now):
    assert run(now) == Planned()


def test_the_home_team_goes_by_rule(session, city, now):
    ticket_id = open_one(now)
    assert run(now) == Planned(sent=1)
    [visit] = session.scalars(select(Visit)).all()
    assert (visit.ticket_id, visit.crew_id, visit.automatic) == (ticket_id, city[0].id, True)
    assert visit.eta_at == now
    assert visit.eta_basis[0]["text"].startswith("Drive by")
    ticket = session.get(Ticket, ticket_id)
    assert (ticket.state, ticket.changed_by) == ("dispatched", "rule")


def test_every_candidate_has_its_reasons_on_the_visit(session, city, now):
    open_one(now)
    run(now)
    reasons = session.scalars(select(Visit.reasons)).one()
    assert reasons["rule"] == "home"
    chosen = [one["crew"] for one in reasons["candidates"] if one["chosen"]]
    assert chosen == ["West 1"]
    assert len(reasons["candidates"]) == 4
    for one in [{"reasons": reasons["why"]}, *reasons["candidates"]]:
        assert [str(Sentence.from_json(each)) for each in one["reasons"]]


def test_no_crew_is_sent_twice(session, city, now):
    tickets = [open_one(now) for _ in range(4)]
    assert run(now) == Planned(sent=4)
    assert sorted(crews_sent(session)) == tickets
    assert sorted(crews_sent(session).values()) == [crew.id for crew in city]


def test_the_neighbour_goes_when_nobody_at_home_may(session, city, now):
    for _ in range(2):
        open_one(now)
    run(now)
    third = open_one(now)
    run(now)
    assert crews_sent(session)[third] == city[2].id


def test_who_declined_is_not_asked_again(session, city, now):
    ticket_id = open_one(now)
    run(now)
    with transaction():
        ticket = session.get(Ticket, ticket_id)
        visit = session.scalars(select(Visit)).one()
        decline_visit(ticket, visit, reason="a flat tyre", actor=DESK, now=now)
    run(now)
    assert crews_sent(session) == {ticket_id: city[1].id}


def test_nobody_is_said_once_for_a_situation(session, city, now):
    for _ in range(4):
        open_one(now)
    memory = Memory()
    run(now, memory)
    fifth = open_one(now)
    for seconds in range(0, 120, 2):
        assert run(now + timedelta(seconds=seconds), memory).sent == 0
    run(now + timedelta(seconds=121), Memory())
    [event] = nobody_events(session)
    assert event.ticket_id == fifth
    assert [str(Sentence.from_json(each)) for each in event.facts["reasons"]] == [
        "No crew may go now; the ticket waits at the team leader",
        "Crews on another ticket: 4",
    ]


def test_a_changed_situation_is_said_again(session, city, now):
    for _ in range(4):
        open_one(now)
    run(now)
    open_one(now)
    run(now)
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    run(now + timedelta(seconds=20))
    assert len(nobody_events(session)) == 2


def test_a_free_crew_is_noticed_soon(session, city, now):
    tickets = [open_one(now) for _ in range(4)]
    memory = Memory()
    run(now, memory)
    waits = open_one(now)
    assert run(now, memory) == Planned(nobody=1)
    with transaction():
        ticket = session.get(Ticket, tickets[0])
        visit = session.scalars(select(Visit).where(Visit.ticket_id == tickets[0])).one()
        for step in (acknowledge, arrive, complete_visit):
            step(ticket, visit, actor=DESK, now=now)
    assert run(now + timedelta(seconds=1), memory) == Planned(sent=1)
    assert waits in crews_sent(session)


def test_a_new_shift_is_noticed_within_the_quarter_minute(session, city, now):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    open_one(now)
    memory = Memory()
    assert run(now, memory) == Planned(nobody=1)
    assert run(now, memory) == Planned()
    session.execute(update(Shift).values(start_minute=0, end_minute=0))
    session.commit()
    assert run(now + timedelta(seconds=14), memory) == Planned()
    assert run(now + timedelta(seconds=15), memory) == Planned(sent=1)


def test_a_clock_set_back_silences_nothing(session, city, now):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    open_one(now)
    memory = Memory()
    run(now, memory)
    session.execute(update(Shift).values(start_minute=0, end_minute=0))
    session.commit()
    assert run(now - timedelta(hours=1), memory) == Planned(sent=1)


def make_worse(session, ticket_id, now):
    ticket = session.get(Ticket, ticket_id)
    change_level(ticket, 3 - ticket.level, reason="it is worse", actor=DESK, now=now)


def test_a_changed_ticket_is_weighed_at_once(session, city, now):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    ticket_id = open_one(now)
    memory = Memory()
    run(now, memory)
    with transaction():
        make_worse(session, ticket_id, now)
    assert run(now, memory) == Planned(nobody=1)
    assert run(now, memory) == Planned()


def test_hundreds_that_wait_in_vain_are_not_weighed_again(session, city, now, monkeypatch):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    for _ in range(5):
        open_one(now)
    memory = Memory()
    assert run(now, memory) == Planned(nobody=5)
    weighed: list[int] = []
    assess = planner.assess

    def count(need, crews, *, now, known):
        weighed.append(need.ticket_id)
        return assess(need, crews, now=now, known=known)

    monkeypatch.setattr(planner, "assess", count)
    assert run(now + timedelta(seconds=15), memory) == Planned()
    assert weighed == []
    new = open_one(now)
    run(now + timedelta(seconds=15), memory)
    assert weighed == [new]


def test_a_flood_is_worked_off_in_rounds(session, city, now, monkeypatch):
    monkeypatch.setattr(planner, "MOST_AT_ONCE", 2)
    for _ in range(4):
        open_one(now)
    memory = Memory()
    assert run(now, memory) == Planned(sent=2, left=2)
    assert run(now, memory) == Planned(sent=2)


def test_the_more_urgent_takes_the_last_crew(session, city, now):
    for _ in range(3):
        open_one(now)
    run(now)
    slow, urgent = open_one(now, "noise"), open_one(now)
    memory = Memory()
    assert run(now, memory) == Planned(sent=1, left=1)
    assert urgent in crews_sent(session)
    assert run(now, memory) == Planned(nobody=1)
    assert [event.ticket_id for event in nobody_events(session)] == [slow]


def interfere(monkeypatch, change):
    """Let somebody else act between the weighing and the sending."""
    plan_round = planner.plan_round

    def plan_then_change(seen, now, weights):
        found = plan_round(seen, now, weights)
        with transaction():
            change()
        return found

    monkeypatch.setattr(planner, "plan_round", plan_then_change)


def test_a_ticket_that_changed_meanwhile_is_left(session, city, now, monkeypatch):
    ticket_id = open_one(now)
    interfere(
        monkeypatch,
        lambda: make_worse(session, ticket_id, now),
    )
    assert run(now) == Planned(left=1)
    monkeypatch.undo()
    assert run(now) == Planned(sent=1)


def test_a_crew_that_was_sent_meanwhile_is_left(session, city, now, monkeypatch):
    first, second = open_one(now), open_one(now, "noise")
    interfere(
        monkeypatch,
        lambda: dispatch_visit(session.get(Ticket, second), city[0], actor=DESK, now=now),
    )
    run(now)
    assert crews_sent(session) == {second: city[0].id}
    monkeypatch.undo()
    assert run(now) == Planned(sent=1)
    assert crews_sent(session)[first] == city[1].id


def test_nobody_is_not_said_of_a_ticket_that_changed_meanwhile(session, city, now, monkeypatch):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    ticket_id = open_one(now)
    interfere(
        monkeypatch,
        lambda: make_worse(session, ticket_id, now),
    )
    assert run(now) == Planned(nobody=1)
    assert nobody_events(session) == []


def test_a_lost_race_while_saying_nobody_is_no_fault(session, city, now, monkeypatch):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    open_one(now)

    def lose(_ticket, _reasons, *, actor, now):
        raise Stale(say("Somebody else changed this at the same moment."))

    monkeypatch.setattr(planner, "report_nobody", lose)
    assert run(now) == Planned(nobody=1)
    assert nobody_events(session) == []
