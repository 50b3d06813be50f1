"""How do the reporters of a ticket hear what the desk writes, and how is it taken back?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.outbox import ticket_facts
from dispatch.actions.ticket_log import Told, record_aside
from dispatch.domain.desk_message import TAKE_BACK
from dispatch.domain.errors import Forbidden
from dispatch.domain.messages import Channel, MessageState, Urgency
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_state import EventKind
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.queries.recipients import recipients_for, told_already

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.desk_message import DeskMessage
    from dispatch.domain.permissions import Actor
    from dispatch.domain.sentences import Sentence
    from dispatch.models.tickets import Ticket
    from dispatch.queries.recipients import Heard, Recipient


def tell_reporters_of(ticket: Ticket, message: DeskMessage, *, actor: Actor, now: datetime) -> int:
    """Queue a message for each reporter of a ticket who left a number; return for how many.

    Whoever gets it about another ticket does not get it twice. It goes out after `TAKE_BACK`, and
    as every message after the quiet hours unless the ticket is an emergency.

    Raises:
        Forbidden: when nobody gets it, saying why.
    """
    heard = recipients_for([ticket.id], message, told_already(message))[ticket.id]
    if not heard.recipients:
        raise Forbidden(why_nobody(heard))
    insert_rows(Outbox, [_row(ticket, message, each, now) for each in heard.recipients])
    count = len(heard.recipients)
    _record(ticket, message, EventKind.REPORTERS_TOLD, count, actor=actor, now=now)
    return count


def why_nobody(heard: Heard) -> Sentence:
    """Say why nobody of a ticket gets a message."""
    if heard.elsewhere:
        return say("The reporters get this message about another ticket.")
    if heard.unwanted:
        return say("The reporters want no messages.")
    return say("No reporter left a telephone number.")


def take_message_back(ticket: Ticket, message: DeskMessage, *, actor: Actor, now: datetime) -> int:
    """Take what still waits of a message out of the queue; return how many.

    Raises:
        Forbidden: when all of it was sent or is being sent.
    """
    rows = db.session.scalars(
        select(Outbox)
        .where(
            Outbox.ticket_id == ticket.id,
            Outbox.effect_key.startswith(message.effects, autoescape=True),
            Outbox.state == str(MessageState.WAITING),
        )
        .order_by(Outbox.id)
        .with_for_update()
    )
    waiting = [row for row in rows if row.leased_until is None or row.leased_until <= now]
    if not waiting:
        raise Forbidden(say("This message was sent already."))
    for row in waiting:
        row.state = str(MessageState.CANCELLED)
        row.fault = say("Taken back by %(who)s.", who=actor.name).as_json()
    _record(ticket, message, EventKind.MESSAGE_TAKEN_BACK, len(waiting), actor=actor, now=now)
    return len(waiting)


def _row(ticket: Ticket, message: DeskMessage, to: Recipient, now: datetime) -> dict[str, Any]:
    is_emergency = ticket.level == Level.EMERGENCY
    return {
        "effect_key": to.effect_key,
        "ticket_id": ticket.id,
        "channel": str(Channel.SMS),
        "lane": str(Channel.SMS),
        "recipient": to.phone,
        "template": str(EventKind.REPORTERS_TOLD),
        "language": to.language,
        "urgency": str(Urgency.EMERGENCY if is_emergency else Urgency.ORDINARY),
        "content": ticket_facts(ticket) | {"token": to.token, "words": message.texts[to.language]},
        "next_try_at": now + TAKE_BACK,
        "created_at": now,
    }


def _record(
    ticket: Ticket,
    message: DeskMessage,
    kind: EventKind,
    count: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    is_told = kind is EventKind.REPORTERS_TOLD
    note = " / ".join(text for _, text in sorted(message.texts.items())) if is_told else None
    told = Told(note=note, facts={"recipients": count})
    record_aside(ticket, kind, actor=actor, now=now, told=told)
