"""Does the planner see which tasks and planned visits want a crew, and by when?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from dispatch.actions.tasks import NewTask, open_task
from dispatch.actions.unit_of_work import transaction
from dispatch.models.tickets import Task, Ticket
from dispatch.queries.beside_repairs import (
    planned_visits_waiting,
    tasks_for_crews,
    tickets_behind_tasks,
)
from dispatch.queries.candidates import crew_board, waiting_tickets
from tests.factories import DESK, NOWHERE, make_city, make_ticket

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session, now):
    with transaction():
        make_city(now)
        return make_ticket(now).ticket


def ask(session, ticket, now, kind="excavation", minutes=None, **columns: object):
    with transaction():
        task = open_task(ticket, NewTask(kind, minutes=minutes), actor=DESK, now=now)
        values = {"skill": "mains"} | columns
        session.execute(update(Task).where(Task.id == task.id).values(values))
    return task.id


@pytest.mark.parametrize(("minutes", "there_by"), [(240, 195), (30, 15)])
def test_a_crew_must_be_there_in_time_to_end_the_work(session, ticket, now, minutes, there_by):
    ask(session, ticket, now, minutes=minutes)
    [found] = tasks_for_crews(crew_board(now))
    need = found.pending.need
    assert (need.skill, need.arrive_due_at) == ("mains", now + there_by * MINUTE)
    assert (need.ticket_id, need.received_at, found.kind) == (ticket.id, now, "excavation")


def test_a_task_without_a_clock_has_no_time_to_be_there(session, ticket, now):
    ask(session, ticket, now, due_at=None)
    [found] = tasks_for_crews(crew_board(now))
    assert found.pending.need.arrive_due_at is None


def test_who_refused_is_named(session, ticket, now):
    ask(session, ticket, now, refused_by=[2])
    [found] = tasks_for_crews(crew_board(now))
    assert found.pending.refused == {2}


@pytest.mark.parametrize(
    "columns", [{"skill": None}, {"state": "waiting"}, {"crew_id": 1}, {"state": "refused"}]
)
def test_what_needs_no_crew_now_is_left_out(session, ticket, now, columns):
    ask(session, ticket, now, **columns)
    assert tasks_for_crews(crew_board(now)) == []


def test_planned_visits_are_read_apart_from_repairs(session, ticket, now):
    with transaction():
        later = make_ticket(now, kind="planned").ticket.id
        first = make_ticket(now - MINUTE, kind="inspection").ticket.id
        make_ticket(now, kind="planned", place=NOWHERE)
        session.execute(update(Ticket).where(Ticket.place_standing == "outside").values(lat=None))
        session.execute(update(Ticket).where(Ticket.lat.is_(None)).values(team_id=None))
    assert [each.need.ticket_id for each in planned_visits_waiting(crew_board(now))] == [
        first, later,
    ]  # fmt: skip
    assert [each.need.ticket_id for each in waiting_tickets()] == [ticket.id]


def test_a_ticket_behind_a_task_is_told_which(session, ticket, now):
    ask(session, ticket, now, "traffic_permit", before_crew=True, department="County")
    ask(session, ticket, now, "valve_closing", before_crew=True)
    [found] = tickets_behind_tasks(crew_board(now))
    assert str(found.why) == "The crew waits for a task: Traffic permit, County"
    assert waiting_tickets() == []
