"""Which phone sends, what did it send before, and which tickets is its crew on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import Device
from dispatch.models.tickets import Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_ACTIVE = tuple(str(state) for state in ACTIVE)


class OpenTicket(NamedTuple):
    """A ticket that a crew is on, with the version that the server has."""

    number: str
    version: int


def device_for_change(secret_hash: str) -> Device:
    """Return a phone by its secret, locked so that two of its requests take turns.

    Raises:
        NotFound: when nobody knows this phone.
    """
    return _one(secret_hash, locked=True)


def device_known(secret_hash: str) -> Device:
    """Return a phone by its secret.

    Raises:
        NotFound: when nobody knows this phone.
    """
    return _one(secret_hash, locked=False)


def _one(secret_hash: str, *, locked: bool) -> Device:
    asked = select(Device).where(Device.secret_hash == secret_hash)
    if locked:
        asked = asked.with_for_update()
    found = db.session.scalars(asked).one_or_none()
    if found is None:
        raise NotFound(say("Nobody knows this phone. Sign in on it again; nothing is lost."))
    return found


def entry_of(uuid: str) -> FieldEntry | None:
    """Return what became of a command that was sent before."""
    return db.session.scalars(select(FieldEntry).where(FieldEntry.uuid == uuid)).one_or_none()


def is_in_story(uuid: str) -> bool:
    """Tell whether an event of some ticket has this name."""
    asked = select(TicketEvent.id).where(TicketEvent.uuid == uuid)
    return db.session.scalar(asked) is not None


def last_visit_of(ticket_id: int, crew_id: int) -> Visit | None:
    """Return the newest visit of a crew on a ticket, None when it never had one."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.ticket_id == ticket_id, Visit.crew_id == crew_id)
        .order_by(Visit.id.desc())
        .limit(1)
    ).one_or_none()


def visit_at(
    ticket_id: int, crew_id: int, at: datetime | None, seen: int | None = None
) -> Visit | None:
    """Return the visit of a crew on a ticket that was the last by `at`, None when it had none.

    A later one counts that a page showed whose last event is `seen`. It is the newest without
    `at`, and where the crew was not sent by then.
    """
    visits = db.session.scalars(
        select(Visit)
        .where(Visit.ticket_id == ticket_id, Visit.crew_id == crew_id)
        .order_by(Visit.id)
    ).all()
    if at is None or len(visits) == 1:
        return visits[-1] if visits else None
    shown = _shown(visits, seen)
    by_then = [each for each in visits if each.dispatched_at <= at or each.id in shown]
    return (by_then or visits)[-1] if visits else None


def _shown(visits: Sequence[Visit], seen: int | None) -> set[int | None]:
    """Return which visits have an event up to the last one that a page held."""
    if seen is None:
        return set()
    asked = select(TicketEvent.visit_id).where(
        TicketEvent.visit_id.in_([each.id for each in visits]), TicketEvent.id <= seen
    )
    return set(db.session.scalars(asked.distinct()))


def open_tickets_of(crew_id: int) -> Sequence[OpenTicket]:
    """Return the tickets that a crew is on, in the order of their visits."""
    asked = (
        select(Ticket.id, Ticket.version)
        .join(Visit, Visit.ticket_id == Ticket.id)
        .where(Visit.crew_id == crew_id, Visit.state.in_(_ACTIVE))
        .order_by(Visit.id)
    )
    return [OpenTicket(ticket_number(key), version) for key, version in db.session.execute(asked)]
