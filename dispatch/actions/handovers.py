"""How does one shift hand the desk over, and how does the next take it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden, Invalid, NotAllowed
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.handovers import Handover, HandoverSignature, ShiftNote
from dispatch.queries.handovers import (
    desk_of,
    handover_seen,
    last_handover_at,
    plain,
    standing,
)
from dispatch.queries.tickets import ticket_seen

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor


def write_note(text: str, *, number: str = "", actor: Actor, now: datetime) -> ShiftNote:
    """Write a remark into the log of the desk, about a ticket or not.

    Raises:
        Invalid: when there are no words.
        NotFound: when the ticket is not there or not the asker's to see.
    """
    said = _words(text, "text")
    ticket = ticket_seen(number, actor.scope) if number.strip() else None
    row = ShiftNote(
        team_id=desk_of(actor),
        at=now,
        user_id=actor.user_id,
        author=actor.name,
        text=said,
        ticket_id=ticket.id if ticket else None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def write_handover(text: str, *, actor: Actor, now: datetime) -> Handover:
    """Hand the desk over: keep what the leaving dispatcher says, and how the desk stands now.

    Raises:
        Invalid: when there are no words.
    """
    said = _words(text, "text")
    row = Handover(
        team_id=desk_of(actor),
        at=now,
        since=last_handover_at(desk_of(actor)),
        user_id=actor.user_id,
        author=actor.name,
        text=said,
        facts=plain(standing(actor.scope, now)),
    )
    db.session.add(row)
    db.session.flush()
    return row


def sign_handover(handover_id: int, *, remark: str = "", actor: Actor, now: datetime) -> None:
    """Take the desk over: the next dispatcher says to have read it.

    Raises:
        NotFound: when there is no such handover at the asker's desk.
        NotAllowed: when the asker wrote it.
        Forbidden: when somebody signed it already.
    """
    seen = handover_seen(handover_id, actor)
    if seen["mine"]:
        raise NotAllowed(say("You wrote this handover; the next dispatcher signs it."))
    if seen["signed_at"] is not None:
        raise Forbidden(say("%(signer)s signed this handover already.", signer=seen["signer"]))
    signature = HandoverSignature(
        handover_id=handover_id,
        at=now,
        user_id=actor.user_id,
        signer=actor.name,
        remark=remark.strip(),
    )
    db.session.add(signature)
    db.session.flush()


def _words(text: str, field: str) -> str:
    said = text.strip()
    if not said:
        fault = say("Write at least one sentence; “nothing special” is one.")
        raise Invalid(fault, fields={field: fault})
    return said
