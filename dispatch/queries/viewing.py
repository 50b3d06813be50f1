"""Who has a ticket open on the desk just now?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.permissions import Permission
from dispatch.domain.ticket_state import ticket_id_of, ticket_number
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.tickets import Ticket
from dispatch.models.viewing import TicketViewing
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

PRESENT = timedelta(seconds=20)
"""A desk asks each second or two, at most every 15 s on a bad line."""

RENEWED = timedelta(seconds=5)
"""Asking each second need not write each second."""


def viewers(actor: Actor, now: datetime) -> dict[str, list[str]]:
    """Return the names of the others who look at a ticket, by its number, in the asker's scope.

    Only those who may see the desk learn it. They are colleagues; no resident is among them.
    """
    if not actor.can(Permission.SEE_DESK):
        return {}
    asked = (
        select(Ticket.id, User.name)
        .join(TicketViewing, TicketViewing.ticket_id == Ticket.id)
        .join(User, User.id == TicketViewing.user_id)
        .where(TicketViewing.seen_at > now - PRESENT, User.active, User.id != actor.user_id)
        .order_by(Ticket.id, User.name, User.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for ticket_id, name in db.session.execute(in_scope(asked, actor.scope)):
        found[ticket_number(ticket_id)].append(name)
    return dict(found)


def unkept_look(number: str, actor: Actor, now: datetime) -> int | None:
    """Return the id of a ticket that the asker looks at where that is to be kept (anew).

    A number that is none, or a ticket that the asker may not see, gives None: what somebody looks
    at must never stand in the way of the news.
    """
    ticket_id = ticket_id_of(number)
    if ticket_id is None or not actor.can(Permission.SEE_DESK):
        return None
    fresh = select(TicketViewing.ticket_id).where(
        TicketViewing.user_id == actor.user_id, TicketViewing.seen_at > now - RENEWED
    )
    asked = select(Ticket.id).where(Ticket.id == ticket_id, Ticket.id.not_in(fresh))
    return db.session.scalar(in_scope(asked, actor.scope))
