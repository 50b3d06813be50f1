"""How do tests get a question that somebody is to be asked?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.follow_ups import Said, take_answer
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.queries.follow_ups import EVERY_ROUND, follow_up_for_change

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dispatch.domain.permissions import Actor

EVERYTHING = Scope(everything=True)


def questions(ticket_id: int = 1) -> list[FollowUp]:
    """Return the questions about a ticket as the database holds them."""
    chosen = select(FollowUp).where(FollowUp.ticket_id == ticket_id).order_by(FollowUp.id)
    return list(db.session.scalars(chosen.execution_options(populate_existing=True)))


def on(row_id: int, action: Callable[..., Any], *args: Any, **named: Any) -> FollowUp:
    """Act on one question in a transaction of its own; return it as it is then."""
    with transaction():
        row, ticket = follow_up_for_change(row_id, EVERYTHING, EVERY_ROUND)
        action(row, ticket, *args, **named)
    return db.session.get_one(FollowUp, row_id, populate_existing=True)


def say_it(row_id: int, fixed: str, *, actor: Actor, now: datetime, **said: Any) -> FollowUp:
    """Answer one question on the telephone."""
    return on(row_id, take_answer, Said(fixed, **said), channel="call", actor=actor, now=now)
