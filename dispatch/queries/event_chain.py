"""Do the stored events still hold, ticket by ticket and anchor by anchor?"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from dispatch.domain.event_chain import Anchor, SealedEvent, sealed_content, verify
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.housekeeping import EventAnchor
from dispatch.models.tickets import Ticket, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

TICKETS_AT_ONCE = 500
HASHES_AT_ONCE = 20_000


class Checked(NamedTuple):
    """One ticket whose events were read; `broken_at` is the first that does not hold, from 1.

    When every event holds and the ticket names another last one, it is one past the last.
    """

    number: str
    events: int
    broken_at: int | None


class CheckedAnchor(NamedTuple):
    """One anchor that was computed again from the events that it covers."""

    at: datetime
    last_event_id: int
    digest: str
    holds: bool


def ticket_count() -> int:
    """Return how many tickets there are."""
    return db.session.scalar(select(func.count(Ticket.id))) or 0


def checked_tickets(only: int | None = None) -> Iterator[Checked]:
    """Read the events of every ticket, or of one by its id, and check them in order."""
    after = 0
    while True:
        asked = select(Ticket.id).order_by(Ticket.id).limit(TICKETS_AT_ONCE)
        some = db.session.scalars(
            asked.where(Ticket.id > after if only is None else Ticket.id == only)
        ).all()
        yield from _checked(some)
        if only is not None or not some:
            return
        after = some[-1]


def _checked(tickets: Sequence[int]) -> Iterator[Checked]:
    if not tickets:
        return
    # One statement, for work goes on: an event in between is not yet in what a ticket names.
    rows = db.session.execute(
        select(Ticket.id.label("named_by"), Ticket.last_event_hash, *TicketEvent.__table__.columns)
        .join_from(Ticket, TicketEvent, TicketEvent.ticket_id == Ticket.id, isouter=True)
        .where(Ticket.id.between(tickets[0], tickets[-1]))
        .order_by(Ticket.id, TicketEvent.id)
    ).all()
    for (ticket, head), found in groupby(rows, key=lambda row: (row.named_by, row.last_event_hash)):
        mine = [row for row in found if row.id is not None]
        broken = verify(
            (SealedEvent(sealed_content(each), each.previous_hash, each.hash) for each in mine),
            head=head or None,
        )
        yield Checked(ticket_number(ticket), len(mine), None if broken is None else broken + 1)


def last_event_id() -> int:
    """Return the number of the newest event, 0 when there is none."""
    return db.session.scalar(select(func.max(TicketEvent.id))) or 0


def last_anchor() -> EventAnchor | None:
    """Return the newest anchor."""
    return db.session.scalar(select(EventAnchor).order_by(EventAnchor.id.desc()).limit(1))


def take_in(anchor: Anchor, after_id: int, last_id: int) -> Anchor:
    """Add to an anchor the events after one and up to another, in the order of their numbers."""
    while True:
        rows = db.session.execute(
            select(TicketEvent.id, TicketEvent.hash)
            .where(TicketEvent.id > after_id, TicketEvent.id <= last_id)
            .order_by(TicketEvent.id)
            .limit(HASHES_AT_ONCE)
        ).all()
        for row in rows:
            anchor.add(row.hash)
        if not rows:
            return anchor
        after_id = rows[-1].id


def checked_anchors(key: bytes) -> Iterator[CheckedAnchor]:
    """Compute every anchor again, the oldest first; those after a broken one may still hold."""
    after_id, digest = 0, ""
    for kept in db.session.scalars(select(EventAnchor).order_by(EventAnchor.id)).all():
        again = take_in(Anchor(key, digest), after_id, kept.last_event_id)
        yield CheckedAnchor(
            kept.at, kept.last_event_id, kept.digest, holds=again.digest == kept.digest
        )
        after_id, digest = kept.last_event_id, kept.digest
