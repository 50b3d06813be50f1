"""Does a task begin, change hands and end as the story says, with its own clock?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.actions.administration import store_policy
from dispatch.actions.clockwork import fire_due
from dispatch.actions.endings import cancel_ticket, close_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.merging import merge_ticket
from dispatch.actions.tasks import (
    NewTask,
    Owner,
    assign_task,
    cancel_task,
    finish_task,
    open_task,
    refuse_task,
    send_to_task,
    start_task,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Refused, Stale
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.domain.task_state import FOLLOWS, SETTLED, TaskState, may_begin
from dispatch.domain.task_templates import SUGGESTED_TASKS
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.people import Crew
from dispatch.models.tickets import Task, Ticket, TicketEvent
from dispatch.queries.tasks import tasks_of
from tests.factories import DESK, make_city, make_ticket
from tests.finished import complete_one

MINUTE = timedelta(minutes=1)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def with_templates(now):
    policy = replace(DEFAULT_POLICY, tasks=SUGGESTED_TASKS)
    with transaction():
        store_policy(policy, "tasks from now on", actor=DESK, now=now)


@pytest.fixture
def ticket(city, now):
    """Return a burst with the five tasks of its template."""
    with_templates(now)
    with transaction():
        return make_ticket(now).ticket


def states(ticket):
    return {task.kind: task.state for task in tasks_of(ticket.id)}


def one(ticket, kind):
    return next(task for task in tasks_of(ticket.id) if task.kind == kind)


def armed(task):
    return db.session.scalars(
        select(Timer.due_at).where(Timer.task_id == task.id, Timer.state == "armed")
    ).all()


def story(ticket):
    return db.session.scalars(
        select(TicketEvent.kind)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.like("task_%"))
        .order_by(TicketEvent.id)
    ).all()


def test_a_category_opens_its_tasks_in_order(ticket, now):
    assert states(ticket) == {
        "valve_closing": "open",
        "traffic_permit": "open",
        "excavation": "waiting",
        "disinfection": "waiting",
        "reinstatement": "waiting",
    }
    assert story(ticket) == ["task_opened"] * 5
    valve = one(ticket, "valve_closing")
    assert (valve.due_at, armed(valve)) == (now + 30 * MINUTE, [now + 15 * MINUTE])
    assert one(ticket, "excavation").due_at is None


def test_another_category_opens_none(ticket, now):
    with transaction():
        other = make_ticket(now, category="noise").ticket
    assert states(other) == {}


def test_the_next_step_begins_when_all_before_it_are_settled(ticket, now):
    with transaction():
        finish_task(ticket, one(ticket, "valve_closing"), actor=DESK, now=now + MINUTE)
    assert states(ticket)["excavation"] == "waiting"
    later = now + 10 * MINUTE
    with transaction():
        permit = one(ticket, "traffic_permit")
        cancel_task(ticket, permit, reason="a footpath", actor=DESK, now=later)
    dig = one(ticket, "excavation")
    assert (dig.state, dig.ready_at, dig.due_at) == ("open", later, later + 240 * MINUTE)
    assert armed(permit) == []
    assert len(armed(dig)) == 1
    assert story(ticket)[5:] == ["task_done", "task_cancelled", "task_ready"]


def test_a_task_that_waits_cannot_be_begun(ticket, now):
    with pytest.raises(Forbidden, match="waits for another task"), transaction():
        start_task(ticket, one(ticket, "excavation"), actor=DESK, now=now)


def test_working_days_are_counted_in_the_calendar(city, now):
    with transaction():
        ticket = make_ticket(now).ticket
        task = open_task(ticket, NewTask("reinstatement"), actor=DESK, now=now)
    assert task.due_at - now == timedelta(days=8)


def test_what_was_asked_for_stands_before_the_rule(city, now):
    with transaction():
        ticket = make_ticket(now).ticket
        new = NewTask("excavation", department=" Roads ", minutes=20, note="a school")
        task = open_task(ticket, new, actor=DESK, now=now)
    assert (task.department, task.due_at, task.note) == ("Roads", now + 20 * MINUTE, "a school")


@pytest.mark.parametrize(
    ("new", "field"),
    [(NewTask("painting"), "kind"), (NewTask("excavation", waits_for=(99,)), "waits_for")],
)
def test_what_there_is_not_is_refused_by_name(city, now, new, field):
    with pytest.raises(Invalid) as refused, transaction():
        open_task(make_ticket(now).ticket, new, actor=DESK, now=now)
    assert list(refused.value.fields) == [field]


def test_a_ticket_that_ended_gets_no_more_tasks(city, now):
    with transaction():
        ticket = make_ticket(now).ticket
        cancel_ticket(ticket, reason="no fault", actor=DESK, now=now)
    with pytest.raises(Forbidden, match="has ended"), transaction():
        open_task(ticket, NewTask("excavation"), actor=DESK, now=now)


def test_the_version_of_the_ticket_stays(ticket, now):
    before = ticket.version
    with transaction():
        start_task(ticket, one(ticket, "valve_closing"), actor=DESK, now=now)
        finish_task(ticket, one(ticket, "valve_closing"), note="shut", actor=DESK, now=now)
    assert db.session.get(Ticket, ticket.id).version == before
    assert one(ticket, "valve_closing").note == "shut"


@pytest.mark.parametrize("step", [start_task, finish_task])
def test_who_saw_an_older_task_is_stopped(ticket, now, step):
    with transaction():
        assign_task(ticket, one(ticket, "valve_closing"), Owner("North"), actor=DESK, now=now)
    with pytest.raises(Stale, match="changed this task"), transaction():
        step(ticket, one(ticket, "valve_closing"), actor=DESK, now=now, seen_version=1)


def test_an_owner_is_named_and_the_department_kept(ticket, city, now):
    task = one(ticket, "valve_closing")
    with transaction():
        task = one(ticket, "valve_closing")
        assign_task(ticket, task, Owner(None, city.west.id, city.crews[0].id), actor=DESK, now=now)
    assert (task.team_id, task.crew_id, task.department) == (city.west.id, city.crews[0].id, "")
    assert story(ticket)[-1] == "task_assigned"


def test_a_refused_task_is_open_again_when_it_is_given_to_others(ticket, now):
    with transaction():
        task = one(ticket, "traffic_permit")
        refuse_task(ticket, task, reason=" not our road ", actor=DESK, now=now)
    assert (task.state, task.note, len(armed(task))) == ("refused", "not our road", 1)
    assert states(ticket)["excavation"] == "waiting"
    with transaction():
        assign_task(ticket, one(ticket, "traffic_permit"), Owner("County"), actor=DESK, now=now)
    assert (states(ticket)["traffic_permit"], task.department) == ("open", "County")


def test_a_settled_task_is_given_to_nobody(ticket, now):
    with transaction():
        task = one(ticket, "traffic_permit")
        finish_task(ticket, task, actor=DESK, now=now)
    with pytest.raises(Forbidden, match="nobody needs it"), transaction():
        assign_task(ticket, task, Owner("County"), actor=DESK, now=now)


def test_a_crew_that_the_planner_chose_frees_the_task_for_the_next(ticket, city, now):
    with transaction():
        task, crew = one(ticket, "valve_closing"), db.session.get(Crew, city.crews[0].id)
        send_to_task(ticket, task, crew, {"why": []}, eta_at=now, actor=DESK, now=now)
    assert (task.crew_id, task.automatic, task.eta_at) == (crew.id, True, now)
    with pytest.raises(Forbidden, match="has a crew"), transaction():
        send_to_task(ticket, task, crew, {}, eta_at=None, actor=DESK, now=now)
    with transaction():
        task = one(ticket, "valve_closing")
        refuse_task(ticket, task, reason="no key", actor=DESK, now=now)
    assert (task.state, task.crew_id, task.refused_by) == ("open", None, [crew.id])
    assert (task.automatic, task.eta_at) == (False, None)


@pytest.mark.parametrize("step", [refuse_task, cancel_task])
def test_giving_back_needs_a_reason(ticket, now, step):
    with pytest.raises(Invalid), transaction():
        step(ticket, one(ticket, "valve_closing"), reason=" ", actor=DESK, now=now)


def test_a_late_task_is_warned_of_and_says_which(ticket, now):
    with transaction():
        fire_due(now + 31 * MINUTE, limit=100)
    facts = db.session.scalars(
        select(TicketEvent.facts)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.like("clock_%"))
        .order_by(TicketEvent.id)
    ).all()
    ours = [each for each in facts if each["clock"] == "task"]
    assert [(each["task"], each["fraction"]) for each in ours] == [("valve_closing", 0.5)]
    task = one(ticket, "valve_closing")
    assert armed(task) == [now + 24 * MINUTE]
    with transaction():
        finish_task(ticket, one(ticket, "valve_closing"), actor=DESK, now=now)
    assert armed(task) == []


def test_a_timer_of_a_settled_task_is_dropped(ticket, now):
    with transaction():
        task = one(ticket, "valve_closing")
        task.due_at = now + 60 * MINUTE
    with transaction():
        fire_due(now + 16 * MINUTE, limit=100)
    assert armed(task) == []


def test_a_hold_of_the_ticket_pauses_no_task(ticket, now):
    with transaction():
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
    assert len(armed(one(ticket, "valve_closing"))) == 1
    with transaction():
        swept = fire_due(now + 16 * MINUTE, limit=100)
    assert (swept.fired, swept.dropped) == (1, 0)


def test_a_ticket_that_ends_without_a_repair_cancels_what_is_left(ticket, now):
    with transaction():
        finish_task(ticket, one(ticket, "valve_closing"), actor=DESK, now=now)
        cancel_ticket(ticket, reason="no fault", actor=DESK, now=now)
    assert set(states(ticket).values()) == {"done", "cancelled"}
    assert "task_ready" not in story(ticket)
    assert not db.session.scalars(select(Timer).where(Timer.state == "armed")).all()


def test_a_duplicate_leaves_the_tasks_to_the_one_that_stays(ticket, now):
    with transaction():
        other = make_ticket(now).ticket
        merge_ticket(other, ticket, actor=DESK, now=now)
    assert set(states(other).values()) == {"cancelled"}
    assert states(ticket)["valve_closing"] == "open"


def test_a_ticket_closes_over_a_task_only_with_a_reason(city, now):
    with_templates(now)
    ticket = db.session.get(Ticket, complete_one(now))
    assert ticket.state == "completed"
    said = "5 tasks are not settled, “Valve closing” first"
    with pytest.raises(Invalid, match=said) as refused, transaction():
        close_ticket(ticket, actor=DESK, now=now + 200 * MINUTE)
    assert list(refused.value.fields) == ["reason"]
    with transaction():
        ticket = db.session.get(Ticket, ticket.id)
        close_ticket(ticket, reason="paved next week", actor=DESK, now=now + 200 * MINUTE)
    assert ticket.state == "closed"
    assert states(ticket)["valve_closing"] == "open"
    assert len(armed(one(ticket, "valve_closing"))) == 1


STEPS = {
    "start": start_task,
    "finish": finish_task,
    "refuse": lambda *task, **by: refuse_task(*task, reason="so", **by),
    "cancel": lambda *task, **by: cancel_task(*task, reason="so", **by),
    "assign": lambda *task, **by: assign_task(*task, Owner("North"), **by),
}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(list(STEPS))), max_size=10))
def test_whatever_is_asked_the_table_and_the_order_hold(city, now, walk):
    with db.session.no_autoflush, transaction():
        ticket = make_ticket(now).ticket
        for planned in SUGGESTED_TASKS.of_category("burst"):
            known = {task.kind: task.id for task in tasks_of(ticket.id)}
            before = tuple(known[str(kind)] for kind in planned.after)
            new = NewTask(str(planned.kind), waits_for=before)
            open_task(ticket, new, actor=DESK, now=now)
    for place, step in walk:
        task = tasks_of(ticket.id)[place]
        was = TaskState(task.state)
        try:
            with transaction():
                task = tasks_of(ticket.id)[place]
                STEPS[step](db.session.get(Ticket, ticket.id), task, actor=DESK, now=now)
        except Refused:
            assert db.session.get(Task, task.id).state == was
            continue
        assert task.state in FOLLOWS[was] | {was}
        found = {each.id: TaskState(each.state) for each in tasks_of(ticket.id)}
        for each in tasks_of(ticket.id):
            is_ready = may_begin(found[one] for one in each.waits_for)
            assert (each.state == TaskState.WAITING) <= (not is_ready)
            assert (each.ready_at is not None) <= is_ready
            assert bool(armed(each)) == (each.state not in SETTLED and each.due_at is not None)
