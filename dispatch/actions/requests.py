"""How does a request with steps of its own pause for the customer, and when is it completed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.settling import complete_by_steps
from dispatch.domain.task_state import CUSTOMERS_STEPS, TaskState
from dispatch.domain.ticket_state import FOLLOWS, TicketState
from dispatch.domain.visit_state import HoldReason
from dispatch.models.base import db
from dispatch.models.tickets import Hold
from dispatch.queries.tasks import unsettled_tasks

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Task, Ticket


def lead_request(ticket: Ticket, settled: Task, *, actor: Actor, now: datetime) -> None:
    """Take a request on after one of its steps was settled.

    It is on hold while the customer has the step, and completed with the last step that is done.
    What a person put on hold or ended stays so.
    """
    left = unsettled_tasks(ticket.id)
    waits = any(task.kind in CUSTOMERS_STEPS and task.state == TaskState.OPEN for task in left)
    if not waits and _waits_for_payment(ticket):
        release_hold(ticket, actor=actor, now=now)
    can_follow = FOLLOWS[TicketState(ticket.state)]
    if waits and TicketState.ON_HOLD in can_follow:
        reason = str(HoldReason.WAITING_FOR_PAYMENT)
        hold_ticket(ticket, reason=reason, actor=actor, now=now)
    elif not left and settled.state == TaskState.DONE and TicketState.COMPLETED in can_follow:
        complete_by_steps(ticket, actor=actor, now=now)


def _waits_for_payment(ticket: Ticket) -> bool:
    lasting = exists().where(
        Hold.ticket_id == ticket.id,
        Hold.to_at.is_(None),
        Hold.reason == str(HoldReason.WAITING_FOR_PAYMENT),
    )
    return bool(db.session.scalar(select(lasting)))
