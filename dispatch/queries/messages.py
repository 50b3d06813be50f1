"""Which messages wait, were sent, or were given up?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, literal_column, select

from dispatch.domain.errors import NotFound
from dispatch.domain.masking import masked_phone
from dispatch.domain.messages import (
    CHANNEL_WORDS,
    STATE_WORDS,
    Channel,
    MessageState,
    public_id,
)
from dispatch.domain.phone_numbers import spellings
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import Delivery, OptOut, WebhookEndpoint
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.sentences import Sentence

ROWS_A_PAGE = 50
_OUTSIDE = Outbox.channel != str(Channel.CONSOLE)
_IS_WAITING = Outbox.state == literal_column("'waiting'")


@dataclass(frozen=True)
class MessagePage:
    """One page of messages, the newest first."""

    rows: Sequence[Outbox]
    page: int
    pages: int
    total: int


def next_message_at() -> datetime | None:
    """Return when the next message should be looked at, None when none waits.

    What another sender holds is looked at when its lease ends.
    """
    look_at = case(
        (Outbox.leased_until > Outbox.next_try_at, Outbox.leased_until), else_=Outbox.next_try_at
    )
    found: datetime | None = db.session.scalar(
        select(func.min(look_at)).where(_IS_WAITING, _OUTSIDE)
    )
    return found


def message_counts() -> dict[tuple[str, str], int]:
    """Count the messages by channel and state; those of the console need no sender."""
    rows = db.session.execute(
        select(Outbox.channel, Outbox.state, func.count())
        .where(_OUTSIDE)
        .group_by(Outbox.channel, Outbox.state)
        .order_by(Outbox.channel, Outbox.state)
    )
    return {(channel, state): count for channel, state, count in rows}


def oldest_waiting(now: datetime) -> datetime | None:
    """Return since when the oldest message waits that is due, None when none is."""
    return db.session.scalar(
        select(func.min(Outbox.next_try_at)).where(_IS_WAITING, _OUTSIDE, Outbox.next_try_at <= now)
    )


def message_page(
    page: int, *, state: str = "", channel: str = "", endpoint_id: int | None = None
) -> MessagePage:
    """Return one page of the messages in a state, of a channel or to an endpoint."""
    wanted = [_OUTSIDE]
    if state:
        wanted.append(Outbox.state == state)
    if channel:
        wanted.append(Outbox.channel == channel)
    if endpoint_id is not None:
        wanted.append(Outbox.endpoint_id == endpoint_id)
    total = db.session.scalar(select(func.count()).select_from(Outbox).where(*wanted)) or 0
    pages = max(1, math.ceil(total / ROWS_A_PAGE))
    shown = min(max(1, page), pages)
    rows = db.session.scalars(
        select(Outbox)
        .where(*wanted)
        .order_by(Outbox.id.desc())
        .limit(ROWS_A_PAGE)
        .offset((shown - 1) * ROWS_A_PAGE)
    ).all()
    return MessagePage(rows, shown, pages, total)


def tries_of(outbox_ids: Sequence[int]) -> dict[int, list[Delivery]]:
    """Return the tries of messages, the newest first."""
    found: dict[int, list[Delivery]] = {each: [] for each in outbox_ids}
    rows = db.session.scalars(
        select(Delivery).where(Delivery.outbox_id.in_(outbox_ids)).order_by(Delivery.id.desc())
    )
    for row in rows:
        found[row.outbox_id].append(row)
    return found


def dead_ids(limit: int) -> list[int]:
    """Return the messages that were given up, oldest first."""
    return list(
        db.session.scalars(
            select(Outbox.id)
            .where(Outbox.state == str(MessageState.DEAD), _OUTSIDE)
            .order_by(Outbox.id)
            .limit(limit)
        )
    )


def messages_of(ticket_id: int) -> list[dict[str, Any]]:
    """Return what was sent about a ticket, oldest first; addresses are masked."""
    rows = db.session.scalars(
        select(Outbox).where(Outbox.ticket_id == ticket_id, _OUTSIDE).order_by(Outbox.id)
    )
    return [
        {
            "id": public_id(row.effect_key),
            "channel": row.channel,
            "channel_name": CHANNEL_WORDS[Channel(row.channel)],
            "to": masked_recipient(row.channel, row.recipient),
            "step": row.template,
            "step_name": _step_name(row.template),
            "language": row.language,
            "state": row.state,
            "state_name": STATE_WORDS[MessageState(row.state)],
            "tries": row.tries,
            "created_at": row.created_at.isoformat(),
            "sent_at": row.sent_at.isoformat() if row.sent_at else None,
            "next_try_at": row.next_try_at.isoformat() if row.state == "waiting" else None,
        }
        for row in rows
    ]


def _step_name(step: str) -> Sentence | str:
    return EVENT_NAMES[EventKind(step)] if step in set(EventKind) else step


def masked_recipient(channel: str, recipient: str) -> str | None:
    """Return where a message goes, without what tells who it is."""
    if channel == Channel.SMS:
        return masked_phone(recipient)
    if channel == Channel.EMAIL and recipient:
        name, _, domain = recipient.rpartition("@")
        return f"{name[:1]}***@{domain}"
    if channel in {Channel.WEBHOOK, Channel.WEB_PUSH, Channel.APPRISE}:
        return None
    return recipient


def endpoints() -> Sequence[WebhookEndpoint]:
    """Return the endpoints that are not deleted."""
    return db.session.scalars(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.deleted_at.is_(None))
        .order_by(WebhookEndpoint.id)
    ).all()


def is_unwanted(phone: str) -> bool:
    """Tell whether the owner of a number, however it is spelt, wants no messages."""
    found = db.session.scalar(
        select(OptOut.phone).where(OptOut.phone.in_(spellings(phone))).limit(1)
    )
    return found is not None


def phone_behind(token: str, now: datetime) -> str | None:
    """Return the number of the report behind a link, None where it left none.

    Raises:
        NotFound: when the link is unknown or has expired.
    """
    found = db.session.execute(
        select(Report.phone, Report.token_expires_at).where(Report.token == token)
    ).one_or_none()
    if found is None or (found.token_expires_at is not None and found.token_expires_at <= now):
        raise NotFound(say("This link is unknown or has expired."))
    return str(found.phone) if found.phone else None
