"""Do steps carry a request to its end, each with its clock in working days?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from dispatch.actions.administration import store_policy
from dispatch.actions.endings import close_ticket, reopen_ticket
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.tasks import (
    NewTask,
    cancel_all_tasks,
    cancel_task,
    finish_task,
    open_task,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.domain.task_state import TaskState
from dispatch.domain.ticket_state import TicketState
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Hold, Ticket
from dispatch.queries.candidates import waiting_tickets
from dispatch.queries.tasks import tasks_of
from tests.factories import DESK, make_city, make_ticket

HOUR = timedelta(hours=1)
# A Wednesday, the day before National Day: seven days off, and the Saturday after is worked.
RECEIVED = datetime(2026, 9, 30, 2, tzinfo=UTC)
CALENDAR = replace(
    DEFAULT_POLICY.calendar,
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    working_weekends=frozenset({date(2026, 10, 10)}),
)


@pytest.fixture
def now():
    return RECEIVED


@pytest.fixture
def request_(session, now):
    with transaction():
        make_city(now - HOUR)
        policy = replace(DEFAULT_POLICY, calendar=CALENDAR)
        store_policy(policy, "holidays", actor=DESK, now=now - HOUR)
        return make_ticket(now, category="installation", kind="installation").ticket


def finish(ticket, kind, now):
    task = next(each for each in tasks_of(ticket.id) if each.kind == kind)
    with transaction():
        finish_task(ticket, task, actor=DESK, now=now)


def finish_until(ticket, last, now):
    kinds = [each.kind for each in tasks_of(ticket.id)]
    for kind in kinds[: kinds.index(last) + 1]:
        finish(ticket, kind, now)


def states(ticket):
    return {each.kind: each.state for each in tasks_of(ticket.id)}


def test_a_request_opens_its_steps_one_after_the_other(request_):
    tasks = tasks_of(request_.id)
    assert [each.kind for each in tasks] == [
        "acceptance", "survey", "quote", "payment", "construction", "meter_opening",
    ]  # fmt: skip
    assert [each.state for each in tasks] == ["open"] + ["waiting"] * 5
    assert [each.waits_for for each in tasks] == [[], *([each.id] for each in tasks[:-1])]


def test_a_step_is_due_over_the_holidays_and_the_ticket_has_no_clock_of_its_own(request_):
    first = tasks_of(request_.id)[0]
    assert first.due_at == datetime(2026, 10, 8, 9, 30, tzinfo=UTC)
    dues = ("dispatch", "call_back", "arrive", "restore", "repair")
    assert [getattr(request_, f"{name}_due_at") for name in dues] == [None] * 5
    armed = select(Timer.clock, Timer.task_id).where(Timer.ticket_id == request_.id)
    assert db.session.execute(armed).all() == [("task", first.id)]


def test_the_next_step_counts_from_when_the_one_before_is_done(request_, now):
    finish(request_, "acceptance", now + 8 * HOUR)
    survey = tasks_of(request_.id)[1]
    assert survey.state == "open"
    # After hours on the last day before the holidays: two days after the 8th, one a made-up one.
    assert survey.due_at == datetime(2026, 10, 10, 9, 30, tzinfo=UTC)


def test_the_planner_sends_nobody_for_the_request_itself(session, now):
    with transaction():
        make_city(now)
        make_ticket(now, category="water_quality", kind="water_quality")
        plain = make_ticket(now, category="water_quality").ticket
    assert [each.need.ticket_id for each in waiting_tickets()] == [plain.id]


def test_while_the_customer_pays_the_ticket_is_on_hold(request_, now):
    finish_until(request_, "quote", now + HOUR)
    assert request_.state == TicketState.ON_HOLD
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.reason, hold.to_at) == ("waiting_for_payment", None)
    assert tasks_of(request_.id)[3].due_at is None
    finish(request_, "payment", now + 50 * HOUR)
    assert request_.state == TicketState.ACCEPTED
    assert hold.to_at == now + 50 * HOUR
    assert states(request_)["construction"] == "open"


def test_the_last_step_completes_the_ticket_and_it_can_be_closed(request_, now):
    finish_until(request_, "meter_opening", now + HOUR)
    assert request_.state == TicketState.COMPLETED
    assert request_.completed_at == now + HOUR
    assert (request_.arrived_at, request_.dispatches) == (None, 0)
    with transaction():
        close_ticket(request_, actor=DESK, now=now + 2 * HOUR)
    assert request_.state == TicketState.CLOSED


def test_a_reopened_request_is_completed_again_by_another_task(request_, now):
    finish_until(request_, "meter_opening", now + HOUR)
    with transaction():
        reopen_ticket(request_, reason="the meter runs backwards", actor=DESK, now=now + 2 * HOUR)
        open_task(request_, NewTask("meter_opening"), actor=DESK, now=now + 2 * HOUR)
    task = tasks_of(request_.id)[-1]
    with transaction():
        finish_task(request_, task, actor=DESK, now=now + 3 * HOUR)
    assert request_.state == TicketState.COMPLETED


def test_a_step_that_is_not_needed_lets_the_next_begin_and_completes_nothing(session, now):
    with transaction():
        make_city(now)
        asked = make_ticket(now, category="advice", kind="enquiry").ticket
    (reply,) = tasks_of(asked.id)
    with transaction():
        cancel_task(asked, reply, reason="asked twice", actor=DESK, now=now + HOUR)
    assert asked.state == TicketState.ACCEPTED


def test_a_hold_by_a_person_is_left_alone(request_, now):
    with transaction():
        hold_ticket(request_, reason="resident_unavailable", actor=DESK, now=now)
    finish_until(request_, "quote", now + HOUR)
    finish(request_, "payment", now + 2 * HOUR)
    assert request_.state == TicketState.ON_HOLD
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 1
    for kind in ("construction", "meter_opening"):
        finish(request_, kind, now + 3 * HOUR)
    assert request_.state == TicketState.ON_HOLD


def test_a_hold_for_the_payment_may_be_ended_by_a_person(request_, now):
    finish_until(request_, "quote", now + HOUR)
    with transaction():
        release_hold(request_, actor=DESK, now=now + 2 * HOUR)
    finish(request_, "payment", now + 3 * HOUR)
    assert request_.state == TicketState.ACCEPTED


def test_a_request_that_ends_cancels_its_steps(request_, now):
    with transaction():
        cancel_all_tasks(request_, actor=DESK, now=now)
    assert set(states(request_).values()) == {str(TaskState.CANCELLED)}
    assert request_.state == TicketState.ACCEPTED


def test_an_unknown_kind_is_refused(session, now):
    with pytest.raises(Invalid) as refused, transaction():
        make_ticket(now, kind="party")
    assert list(refused.value.fields) == ["kind"]
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0
