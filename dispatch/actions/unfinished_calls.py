"""How is a call that broke off kept, taken up again, discarded, and ended by its ticket?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.calls import UnfinishedCall
from dispatch.queries.unfinished_calls import call_for_change, count_open

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket

MOST_OPEN = 500
ENDED_KEPT, OPEN_KEPT = timedelta(days=1), timedelta(days=30)
TELLING = ("phone", "name", "address", "description", "lat")
"""Without one of these nothing was said that could be taken up."""


def keep_call(
    words: Mapping[str, str], *, actor: Actor, now: datetime, call_id: int | None = None
) -> UnfinishedCall:
    """Keep what was typed of a call; one that was taken up before is kept anew in its place.

    Raises:
        Invalid: when nothing was said yet, or five hundred calls wait already.
        Forbidden: when that call has ended meanwhile.
        NotFound: when there is no such call.
    """
    said = {name: text for name, text in words.items() if text.strip()}
    if not any(said.get(name) for name in TELLING):
        raise Invalid(say("Nothing was typed of this call yet."))
    if call_id is not None:
        row = _open_call(call_id)
    else:
        if count_open() >= MOST_OPEN:
            fault = say("%(most)s unfinished calls wait. Discard some first.", most=MOST_OPEN)
            raise Invalid(fault)
        row = UnfinishedCall(user_id=actor.user_id)
        db.session.add(row)
    row.author, row.words, row.kept_at = actor.name, said, now
    row.phone = said.get("phone")
    row.taken_by = row.taken_at = None
    db.session.flush()
    return row


def take_up_call(call_id: int, *, actor: Actor, now: datetime) -> UnfinishedCall:
    """Note who goes on with a call.

    Raises:
        Forbidden: when it has ended.
        NotFound: when there is none.
    """
    row = _open_call(call_id)
    row.taken_by, row.taken_at = actor.name, now
    db.session.flush()
    return row


def discard_call(call_id: int, *, now: datetime) -> UnfinishedCall:
    """Take a call off the list; it can be restored for a day.

    Raises:
        Forbidden: when it has ended.
        NotFound: when there is none.
    """
    row = _open_call(call_id)
    row.ended_at = now
    db.session.flush()
    return row


def restore_call(call_id: int) -> UnfinishedCall:
    """Undo that a call was discarded.

    Raises:
        Forbidden: when it has become a ticket.
        NotFound: when there is none.
    """
    row = call_for_change(call_id)
    _check_no_ticket(row)
    row.ended_at = None
    db.session.flush()
    return row


def finish_call(call_id: int, ticket: Ticket | None, *, now: datetime) -> None:
    """End a call with the ticket that it became or joined, None where a notice answered it.

    Raises:
        Forbidden: when it has a ticket already, so that one call never makes two.
        NotFound: when there is none.
    """
    row = call_for_change(call_id)
    _check_no_ticket(row)
    row.ticket_id, row.ended_at = ticket.id if ticket else None, now


def _open_call(call_id: int) -> UnfinishedCall:
    row = call_for_change(call_id)
    _check_no_ticket(row)
    if row.ended_at is not None:
        raise Forbidden(say("This unfinished call was discarded meanwhile."))
    return row


def _check_no_ticket(row: UnfinishedCall) -> None:
    if row.ticket_id is not None:
        number = ticket_number(row.ticket_id)
        raise Forbidden(say("This call was finished meanwhile: it is %(number)s.", number=number))


def forget_old_calls(now: datetime) -> int:
    """Delete the calls that ended a day ago, or that waited for thirty days; return how many."""
    done = db.session.execute(
        delete(UnfinishedCall).where(
            (UnfinishedCall.ended_at < now - ENDED_KEPT)
            | (UnfinishedCall.kept_at < now - OPEN_KEPT)
        ),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(done, "rowcount", 0))
