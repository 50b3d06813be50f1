"""Which clocks run for a ticket, and which warning is armed next?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, or_, select

from dispatch.actions.alert_ends import keep_alerts, settle_alerts, tell_next_crew
from dispatch.actions.new_rows import insert_rows
from dispatch.domain.clocks import Hold as HeldSpan
from dispatch.domain.clocks import held_seconds, rung_due_at
from dispatch.domain.disputes import DISPUTE_LADDER, DisputeState
from dispatch.domain.relief import RELIEF_LADDER, ReliefState
from dispatch.domain.service_policy import (
    ClockKind,
    Level,
    Zone,
    due_at,
    dues_for,
    targets_for,
)
from dispatch.domain.task_state import SETTLED, TaskState
from dispatch.domain.ticket_kinds import PLANNED_KINDS, STEP_KINDS
from dispatch.domain.ticket_state import ENDED, TicketState
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Hold
from dispatch.queries.policies import policy_of
from dispatch.queries.relief import answer_due

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dispatch.domain.budgets import Budget
    from dispatch.models.disputes import Dispute
    from dispatch.models.tickets import Task, Ticket, Visit
    from dispatch.queries.policies import PolicyInForce

DUE_COLUMNS: dict[ClockKind, str] = {
    ClockKind.DISPATCH: "dispatch_due_at",
    ClockKind.CALL_BACK: "call_back_due_at",
    ClockKind.ARRIVE: "arrive_due_at",
    ClockKind.RESTORE: "restore_due_at",
    ClockKind.REPAIR: "repair_due_at",
}


class RunningClock(NamedTuple):
    """A promise that nobody has kept yet: its start and its raw due date."""

    kind: ClockKind
    started_at: datetime
    due_at: datetime
    visit: Visit | None = None
    task: Task | None = None
    dispute: Dispute | None = None


def make_promises(ticket: Ticket, in_force: PolicyInForce) -> None:
    """Set the due dates of a ticket from its receipt; a changed level never resets a clock.

    A planned visit has none: nobody waits for it. Of a request each step has its own. A call back
    is promised only to a reporter who waits for one.
    """
    is_promised = ticket.kind not in PLANNED_KINDS | STEP_KINDS
    dues = (
        dues_for(
            in_force.policy,
            level=Level(ticket.level),
            zone=Zone(ticket.zone),
            in_circle=ticket.in_circle,
            received_at=ticket.received_at,
            pipe_mm=ticket.pipe_mm,
        )
        if is_promised
        else {}
    )
    ticket.policy_id = in_force.id
    if not ticket.call_back_owed:
        dues.pop(ClockKind.CALL_BACK, None)
    for kind, column in DUE_COLUMNS.items():
        setattr(ticket, column, dues.get(kind))


def budget_of(ticket: Ticket, kind: ClockKind) -> Budget | None:
    """Return what the policy of a ticket allows for one clock, None where nothing is promised."""
    targets = targets_for(
        policy_of(ticket.policy_id).policy,
        level=Level(ticket.level),
        zone=Zone(ticket.zone),
        in_circle=ticket.in_circle,
        received_at=ticket.received_at,
        pipe_mm=ticket.pipe_mm,
    )
    return targets.get(kind)


def due_from(ticket: Ticket, kind: ClockKind, start: datetime) -> datetime | None:
    """Return when a clock that starts later than the receipt falls due."""
    budget = budget_of(ticket, kind)
    return due_at(budget, start, policy_of(ticket.policy_id).policy) if budget else None


def running_clocks(ticket: Ticket, visits: Iterable[Visit] = ()) -> list[RunningClock]:
    """Return the promises of a ticket that still run."""
    if TicketState(ticket.state) in ENDED:
        return []
    start = ticket.received_at
    restored = ticket.restored_at or ticket.completed_at
    asked = ticket.verified_at or ticket.followed_up_at
    called = ticket.called_back_at or ticket.completed_at
    open_ends = (
        (ClockKind.DISPATCH, start, ticket.dispatch_due_at, ticket.dispatched_at),
        (ClockKind.CALL_BACK, start, ticket.call_back_due_at, called),
        (ClockKind.ARRIVE, start, ticket.arrive_due_at, ticket.arrived_at),
        (ClockKind.RESTORE, start, ticket.restore_due_at, restored),
        (ClockKind.REPAIR, start, ticket.repair_due_at, ticket.completed_at),
        (ClockKind.FOLLOW_UP, ticket.completed_at, ticket.follow_up_due_at, asked),
    )
    found = [
        RunningClock(kind, begun, due)
        for kind, begun, due, stopped in open_ends
        if begun is not None and due is not None and stopped is None
    ]
    found += [
        RunningClock(ClockKind.ACKNOWLEDGE, visit.dispatched_at, visit.acknowledge_due_at, visit)
        for visit in visits
        if visit.state == TicketState.DISPATCHED and visit.acknowledge_due_at is not None
    ]
    return found + [clock for visit in visits if (clock := relief_clock(ticket, visit))]


def relief_clock(ticket: Ticket, visit: Visit) -> RunningClock | None:
    """Return the clock of a hand-over that waits for an answer, None where no time is set."""
    asked_at = visit.relief_asked_at
    if visit.relief_state != ReliefState.ASKED or asked_at is None:
        return None
    due = answer_due(ticket.policy_id, ticket.level, asked_at)
    return RunningClock(ClockKind.RELIEF, asked_at, due, visit) if due else None


def task_clock(task: Task) -> RunningClock | None:
    """Return the clock of a task, None where nobody waits for it or no time was set.

    It runs by itself: neither a hold nor the end of the ticket stops it.
    """
    if TaskState(task.state) in SETTLED or task.ready_at is None or task.due_at is None:
        return None
    return RunningClock(ClockKind.TASK, task.ready_at, task.due_at, task=task)


def dispute_clock(dispute: Dispute) -> RunningClock | None:
    """Return the clock of a dispute, None once it is settled; it runs by itself like a task's."""
    if DisputeState(dispute.state) is not DisputeState.OPEN:
        return None
    return RunningClock(ClockKind.DISPUTE, dispute.opened_at, dispute.due_at, dispute=dispute)


def ladder_of(ticket: Ticket, clock: RunningClock) -> tuple[float, ...]:
    """Return the shares of a clock's time at which somebody is told."""
    if clock.kind is ClockKind.RELIEF:
        return RELIEF_LADDER
    return DISPUTE_LADDER if clock.dispute else policy_of(ticket.policy_id).policy.ladder


def await_answer(ticket: Ticket, visit: Visit) -> None:
    """Arm the warning that nobody answered a hand-over, in place of that of an earlier wish."""
    disarm(ticket, ClockKind.RELIEF, visit)
    clock = relief_clock(ticket, visit)
    row = rung_row(ticket, clock, 0) if clock else None
    # Asked twice in one second, from a phone that was offline: told once.
    if row and db.session.scalar(select(Timer.id).where(Timer.key == row["key"])) is None:
        _write([row])


def arm_release(ticket: Ticket, hold: Hold) -> None:
    """Arm the end of a pause: until then it may be released by hand."""
    row = {
        "key": f"{ticket.id}/h{hold.id}/{ClockKind.HOLD}/0",
        "ticket_id": ticket.id,
        "clock": str(ClockKind.HOLD),
        "rung": 0,
        "started_at": hold.from_at,
        "target_at": hold.until_at,
        "due_at": hold.until_at,
    }
    _write([row])


def arm(ticket: Ticket, clock: RunningClock) -> None:
    """Arm the first warning of a clock; nothing is armed while on hold.

    With that of a new visit, its crew is told what the one before was told.
    """
    _write([rung_row(ticket, clock, 0)])
    if clock.visit is not None:
        tell_next_crew(ticket, clock.visit)


def arm_all(ticket: Ticket) -> None:
    """Arm the first warning of every clock of a new ticket."""
    _write([rung_row(ticket, clock, 0) for clock in running_clocks(ticket)])


def rearm(ticket: Ticket, visits: Iterable[Visit] = ()) -> None:
    """Drop what is armed for a ticket and arm every clock that still runs at its next rung."""
    _drop(ticket)
    fired = db.session.execute(
        select(Timer.clock, Timer.visit_id, Timer.target_at, Timer.rung).where(
            Timer.ticket_id == ticket.id, Timer.state == "fired", Timer.alert_id.is_(None)
        )
    ).all()
    done: dict[tuple[str, int | None, datetime], int] = {}
    for clock, visit_id, target, rung in fired:
        done[clock, visit_id, target] = max(rung + 1, done.get((clock, visit_id, target), 0))
    running = {
        (str(each.kind), each.visit.id if each.visit else None, each.due_at): each
        for each in running_clocks(ticket, visits)
    }
    _write([rung_row(ticket, each, done.get(key, 0)) for key, each in running.items()])
    keep_alerts(ticket, running.keys())


def rung_row(ticket: Ticket, clock: RunningClock, rung: int) -> dict[str, Any] | None:
    """Return the timer of one rung; None at the top of the ladder and while on hold."""
    ladder = ladder_of(ticket, clock)
    if rung >= len(ladder):
        return None
    holds = () if clock.task or clock.dispute else holds_of(ticket)
    due = rung_due_at(clock.started_at, clock.due_at, ladder[rung], holds)
    if due is None:
        return None
    visit_id = clock.visit.id if clock.visit else None
    version = policy_of(ticket.policy_id).version
    whose = f"t{clock.task.id}" if clock.task else (visit_id or "-")
    whose = f"d{clock.dispute.id}" if clock.dispute else whose
    moments = f"{int(clock.due_at.timestamp())}/{int(due.timestamp())}"
    return {
        "key": f"{ticket.id}/{whose}/{clock.kind}/{rung}/v{version}/{moments}",
        "ticket_id": ticket.id,
        "visit_id": visit_id,
        "task_id": clock.task.id if clock.task else None,
        "dispute_id": clock.dispute.id if clock.dispute else None,
        "clock": str(clock.kind),
        "rung": rung,
        "started_at": clock.started_at,
        "target_at": clock.due_at,
        "due_at": due,
    }


def _write(warnings: list[dict[str, Any] | None]) -> None:
    rows = [warning for warning in warnings if warning is not None]
    if rows:
        db.session.flush()
        insert_rows(Timer, rows)


def disarm(
    ticket: Ticket,
    kind: ClockKind | None = None,
    visit: Visit | None = None,
    task: Task | None = None,
    dispute: Dispute | None = None,
) -> None:
    """Drop the armed warnings of a ticket, of one clock, of one visit, of one task or dispute.

    Those of tasks and disputes stay armed unless these are named. Alerts of clocks that stopped are
    settled; call this after the step was recorded.
    """
    _drop(ticket, kind, visit, task, dispute)
    settle_alerts(ticket, None if kind is None else str(kind), visit, task, dispute)


def _drop(
    ticket: Ticket,
    kind: ClockKind | None = None,
    visit: Visit | None = None,
    task: Task | None = None,
    dispute: Dispute | None = None,
) -> None:
    chosen = delete(Timer).where(Timer.ticket_id == ticket.id, Timer.state == "armed")
    chosen = chosen.where(Timer.task_id == (task.id if task else None))
    chosen = chosen.where(Timer.dispute_id == (dispute.id if dispute else None))
    if ticket.state == TicketState.ON_HOLD:
        # The end of the pause stays armed while it lasts.
        chosen = chosen.where(or_(Timer.clock != ClockKind.HOLD, Timer.alert_id.is_not(None)))
    if kind is not None:
        chosen = chosen.where(Timer.clock == str(kind))
    if visit is not None:
        chosen = chosen.where(Timer.visit_id == visit.id)
    db.session.execute(chosen, execution_options={"synchronize_session": False})


def count_held_before_arrival(ticket: Ticket, *, until: datetime | None = None) -> None:
    """Add up the seconds on hold before the first arrival, or before `until` while there is none.

    With neither, the sum stays as it is until a hold ends.
    """
    end = ticket.arrived_at or until
    if end is not None:
        ticket.held_seconds_before_arrival = held_seconds(holds_of(ticket), ticket.received_at, end)


def holds_of(ticket: Ticket) -> list[HeldSpan]:
    """Return the pauses of a ticket as the clocks count them."""
    if not ticket.held_seconds and ticket.state != TicketState.ON_HOLD:
        return []
    rows = db.session.execute(
        select(Hold.from_at, Hold.to_at).where(Hold.ticket_id == ticket.id).order_by(Hold.id)
    )
    return [HeldSpan(from_at, to_at) for from_at, to_at in rows]
