"""When is an alert over, because the clock it warned of has stopped?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.rota import DutyRole
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import TicketState
from dispatch.models.alerts import Alert
from dispatch.models.base import db
from dispatch.models.clockwork import Timer

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from types import SimpleNamespace

    from dispatch.models.disputes import Dispute
    from dispatch.models.tickets import Task, Ticket, Visit

OVER = {"state": "settled"}
_OPEN = (Alert.state == "open",)
_PAUSE = str(ClockKind.HOLD)


def settle_alerts(
    ticket: Ticket,
    kind: str | None,
    visit: Visit | None,
    task: Task | None,
    dispute: Dispute | None = None,
) -> None:
    """Settle the open alerts of stopped clocks; those of a ticket on hold stay, for it only rests.

    Without a kind, a visit, a task or a dispute these are all of the ticket's own. A new pause
    settles what the end of the one before told.
    """
    if task is None and dispute is None and ticket.state == TicketState.ON_HOLD:
        _settle([Alert.ticket_id == ticket.id, Alert.clock == _PAUSE], ticket.changed_at)
        return
    chosen = [
        Alert.ticket_id == ticket.id,
        Alert.task_id == (task.id if task else None),
        Alert.dispute_id == (dispute.id if dispute else None),
    ]
    if kind is not None:
        chosen.append(Alert.clock == kind)
    if visit is not None:
        chosen.append(Alert.visit_id == visit.id)
    # An answer is dated by its step: no time of the visit tells it.
    _settle(chosen, _stopped_at(ticket, None if kind == ClockKind.RELIEF else visit))


def keep_alerts(ticket: Ticket, running: Collection[tuple[str, int | None, datetime]]) -> None:
    """Settle the open alerts whose clock runs no more and arm the passing on of the others.

    `running` names each clock that runs by its kind, its visit and its due date.
    """
    own = [Alert.ticket_id == ticket.id, Alert.task_id.is_(None), Alert.dispute_id.is_(None)]
    rows = db.session.scalars(select(Alert).where(*own, *_OPEN).order_by(Alert.id)).all()
    gone = [
        row.id
        for row in rows
        # That a pause has ended stays to be seen.
        if row.clock != _PAUSE and (row.clock, row.visit_id, row.target_at) not in running
    ]
    if gone:
        _settle([Alert.id.in_(gone)], ticket.changed_at)
    kept = [row for row in rows if row.id not in gone and row.pass_on_at is not None]
    insert_rows(Timer, [passing_on(row) for row in kept])


def tell_next_crew(ticket: Ticket, visit: Visit) -> None:
    """Arm, for at once, the telling of a new crew what the one before was told of this ticket."""
    latest = db.session.scalars(
        select(Alert)
        .where(
            Alert.ticket_id == ticket.id,
            Alert.duty == DutyRole.CREW,
            Alert.visit_id.is_(None),
            Alert.task_id.is_(None),
            Alert.dispute_id.is_(None),
            Alert.state.in_(("open", "acknowledged")),
            Alert.crew_id != visit.crew_id,
        )
        .order_by(Alert.id)
    ).all()
    again = {(row.clock, row.target_at): row for row in latest}
    insert_rows(
        Timer,
        [_armed(row, f"again/{row.id}/{visit.id}", visit.dispatched_at) for row in again.values()],
    )


def passing_on(row: Alert | SimpleNamespace) -> dict[str, Any]:
    """Return the timer that passes an alert on."""
    return _armed(row, f"pass/{row.id}", row.pass_on_at or row.raised_at)


def _armed(row: Alert | SimpleNamespace, key: str, due_at: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "ticket_id": row.ticket_id,
        "visit_id": row.visit_id,
        "task_id": row.task_id,
        "dispute_id": row.dispute_id,
        "clock": row.clock,
        "rung": row.rung,
        "started_at": row.raised_at,
        "target_at": row.target_at,
        "due_at": due_at,
        "alert_id": row.id,
    }


def _settle(chosen: list[Any], at: datetime | None) -> None:
    db.session.execute(
        update(Alert).where(*chosen, *_OPEN).values(**OVER, ended_at=at),
        execution_options={"synchronize_session": False},
    )


def _stopped_at(ticket: Ticket, visit: Visit | None) -> datetime | None:
    """Return when the clock stopped; the caller has written its step already."""
    ended = visit and (visit.ended_at or visit.en_route_at or visit.acknowledged_at)
    return ended or ticket.changed_at
