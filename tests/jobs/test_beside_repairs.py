"""Do tasks and planned visits get the crews that no repair needs, and give way to one?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dispatch.actions.tasks import NewTask, finish_task, open_task, refuse_task, start_task
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive
from dispatch.domain.sentences import Sentence
from dispatch.jobs import beside_repairs, planner
from dispatch.jobs.planner import Memory, Planned, run
from dispatch.models.people import Crew, Shift
from dispatch.models.tickets import Task, Ticket, TicketEvent, Visit
from dispatch.queries.tasks import crews_on_tasks
from tests.factories import DESK, IN_EAST, IN_WEST, make_city, make_ticket

MINUTE = timedelta(minutes=1)
FLOORLESS = {"planner_planned_coverage": 0}


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def dig(session, now, **columns: object):
    """Open a ticket with an excavation that needs the skill for mains; return the ids of both."""
    with transaction():
        ticket = make_ticket(now, category="noise", place=IN_WEST).ticket
        task = open_task(ticket, NewTask("excavation"), actor=DESK, now=now)
        session.execute(update(Task).values({"skill": "mains"} | columns))
    return ticket.id, task.id


def planned(now, kind="planned", place=IN_WEST):
    with transaction():
        return make_ticket(now, category="tank", kind=kind, place=place).ticket.id


def repair(now, place=IN_WEST):
    with transaction():
        return make_ticket(now, place=place).ticket.id


def on(session):
    """Return the crews under way, by ticket."""
    session.rollback()
    rows = session.execute(
        select(Visit.ticket_id, Visit.crew_id).where(Visit.ended_at.is_(None)).order_by(Visit.id)
    )
    return {row[0]: row[1] for row in rows}


def task_of(session, task_id):
    session.rollback()
    return session.get(Task, task_id)


def said(session, ticket_id):
    facts = session.scalars(
        select(TicketEvent.facts)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == "waits")
        .order_by(TicketEvent.id)
    ).all()
    return [str(Sentence.from_json(each["reasons"][0])) for each in facts]


def test_a_task_with_a_skill_gets_a_crew_of_its_own_beside_the_repair(session, city, now):
    ticket_id, task_id = dig(session, now)
    assert run(now).sent == 2
    task = task_of(session, task_id)
    assert task.crew_id not in {None, on(session)[ticket_id]}
    assert (task.automatic, task.state) == (True, "open")
    why = [str(Sentence.from_json(each)) for each in task.reasons["why"]]
    assert why[0] == "For the task “Excavation”: no repair needs this crew now"
    assert len(task.reasons["candidates"]) == 3
    assert session.get(Ticket, ticket_id).state == "dispatched"
    assert crews_on_tasks().keys() == {task.crew_id}


def test_a_task_without_a_skill_waits_for_its_department(session, city, now):
    _, task_id = dig(session, now, skill=None)
    assert run(now).sent == 1
    assert task_of(session, task_id).crew_id is None


def test_a_crew_on_a_task_is_sent_nowhere_else_until_it_is_done(session, city, now):
    session.execute(update(Crew).where(Crew.id != city.crews[0].id).values(active=False))
    session.commit()
    ticket_id, task_id = dig(session, now, ticket_id=1)
    with transaction():
        ticket = session.get(Ticket, ticket_id)
        ticket.pinned = True
    assert run(now).sent == 1
    assert task_of(session, task_id).crew_id == city.crews[0].id
    other = repair(now)
    memory = Memory()
    assert run(now, memory).sent == 0
    with transaction():
        ticket, task = session.get(Ticket, ticket_id), session.get(Task, task_id)
        start_task(ticket, task, actor=DESK, now=now)
    assert run(now, memory).sent == 0
    with transaction():
        ticket, task = session.get(Ticket, ticket_id), session.get(Task, task_id)
        finish_task(ticket, task, actor=DESK, now=now)
    assert run(now, memory).sent == 1
    assert other in on(session)


def test_the_repair_goes_first_when_one_crew_is_left(session, city, now):
    session.execute(update(Crew).where(Crew.id != city.crews[0].id).values(active=False))
    session.commit()
    ticket_id, task_id = dig(session, now)
    run(now)
    assert on(session) == {ticket_id: city.crews[0].id}
    assert task_of(session, task_id).crew_id is None


def test_who_refused_a_task_is_not_asked_again(session, city, now):
    ticket_id, task_id = dig(session, now)
    run(now)
    first = task_of(session, task_id).crew_id
    with transaction():
        ticket, task = session.get(Ticket, ticket_id), session.get(Task, task_id)
        refuse_task(ticket, task, reason="no digger", actor=DESK, now=now)
    run(now)
    assert task_of(session, task_id).crew_id not in {None, first}


def test_a_task_that_changed_meanwhile_or_a_crew_that_is_gone_is_left(
    session, city, now, monkeypatch
):
    _, task_id = dig(session, now)
    monkeypatch.setattr(beside_repairs, "free_crew", lambda _crew_id: None)
    assert run(now).sent == 1
    monkeypatch.undo()
    found = beside_repairs.tasks_for_crews

    def change_after(everybody):
        wanted = found(everybody)
        with transaction():
            session.execute(update(Task).values(version=Task.version + 1))
        return wanted

    monkeypatch.setattr(beside_repairs, "tasks_for_crews", change_after)
    assert run(now).sent == 0
    assert task_of(session, task_id).crew_id is None


def test_the_crew_waits_for_a_task_only_where_the_template_says_so(session, city, now):
    ticket_id, task_id = dig(session, now, before_crew=True, skill=None)
    assert run(now).sent == 0
    assert said(session, ticket_id) == ["The crew waits for a task: Excavation, Civil works"]
    run(now + MINUTE)
    assert len(said(session, ticket_id)) == 1
    with transaction():
        ticket, task = session.get(Ticket, ticket_id), session.get(Task, task_id)
        finish_task(ticket, task, actor=DESK, now=now)
    assert run(now + MINUTE).sent == 1


@pytest.mark.parametrize("kind", ["planned", "inspection"])
def test_a_planned_visit_goes_when_every_grid_stays_covered(session, city, now, kind):
    ticket_id = planned(now, kind)
    assert run(now).sent == 1
    assert on(session)[ticket_id] in {crew.id for crew in city.crews}
    ticket = session.get(Ticket, ticket_id)
    assert (ticket.arrive_due_at, ticket.repair_due_at) == (None, None)


def test_a_planned_visit_waits_for_a_quiet_hour_and_says_what_it_would_cost(session, city, now):
    session.execute(update(Crew).where(Crew.id != city.crews[0].id).values(active=False))
    session.commit()
    ticket_id = planned(now)
    memory = Memory()
    assert run(now, memory).sent == 0
    [why] = said(session, ticket_id)
    assert re.fullmatch(r"Waits for a quiet hour: if W1 goes, (West|East) falls to 0 %", why)
    assert run(now + MINUTE, memory) == Planned()
    assert len(said(session, ticket_id)) == 1


def test_the_floor_is_a_setting(app, session, city, now, monkeypatch):
    session.execute(update(Crew).where(Crew.id != city.crews[0].id).values(active=False))
    session.commit()
    ticket_id = planned(now)
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", type(settings)(**vars(settings) | FLOORLESS))
    assert run(now).sent == 1
    assert ticket_id in on(session)


def test_nobody_idle_is_said_so(session, city, now):
    session.execute(update(Shift).values(start_minute=1, end_minute=2))
    session.commit()
    ticket_id = planned(now)
    assert run(now).waiting == 1
    assert said(session, ticket_id) == ["Waits for a quiet hour: no idle crew may go"]


def test_a_crew_that_drives_to_a_planned_visit_gives_way_to_a_repair_at_once(session, city, now):
    session.execute(update(Crew).where(Crew.id == city.crews[2].id).values(active=False))
    session.commit()
    memory = Memory()
    first = repair(now)
    run(now, memory)
    quiet = planned(now)
    settings = planner.current_app.config["SETTINGS"]
    planner.current_app.config["SETTINGS"] = type(settings)(**vars(settings) | FLOORLESS)
    assert run(now, memory).sent == 1
    crew_id = on(session)[quiet]
    urgent = repair(now)
    run(now + MINUTE, memory)
    assert on(session) == {first: on(session)[first], urgent: crew_id}
    event = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == quiet, TicketEvent.kind == "withdrawn")
    ).one()
    why = str(Sentence.from_json(event.facts["reasons"][0]))
    assert why == f"Gave way to the repair W{urgent:06d}"
    assert session.get(Ticket, quiet).state == "accepted"
    sent = session.scalars(
        select(TicketEvent.facts).where(
            TicketEvent.ticket_id == urgent, TicketEvent.kind == "dispatched"
        )
    ).one()
    assert "changed_mind" not in sent


def test_a_crew_at_a_planned_visit_stays(session, city, now):
    session.execute(update(Crew).where(Crew.id != city.crews[0].id).values(active=False))
    session.commit()
    settings = planner.current_app.config["SETTINGS"]
    planner.current_app.config["SETTINGS"] = type(settings)(**vars(settings) | FLOORLESS)
    quiet = planned(now)
    run(now)
    with transaction():
        ticket = session.get(Ticket, quiet)
        visit = session.scalars(select(Visit)).one()
        acknowledge(ticket, visit, actor=DESK, now=now)
        arrive(ticket, visit, actor=DESK, now=now)
    repair(now)
    assert run(now + MINUTE).sent == 0
    assert on(session) == {quiet: city.crews[0].id}


def test_repairs_that_wait_keep_every_crew_from_planned_visits(session, city, now):
    for _ in range(3):
        repair(now)
    run(now)
    with transaction():
        for visit in session.scalars(select(Visit).order_by(Visit.id)):
            ticket = session.get(Ticket, visit.ticket_id)
            acknowledge(ticket, visit, actor=DESK, now=now)
            arrive(ticket, visit, actor=DESK, now=now)
    repair(now)
    ticket_id = planned(now, place=IN_EAST)
    run(now + 5 * MINUTE)
    assert said(session, ticket_id) == ["Waits for a quiet hour: repairs are waiting for crews"]
