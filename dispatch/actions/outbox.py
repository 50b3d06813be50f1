"""Whom does a step owe a message? The rows are sent later, outside the transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from datetime import datetime
    from types import SimpleNamespace

    from sqlalchemy import Row

    from dispatch.models.tickets import Ticket, TicketEvent


def tell_reporters(ticket: Ticket, event: TicketEvent, *, now: datetime) -> None:
    """Queue one text message a reporter who left a number; the event makes it once."""
    reporters = db.session.execute(
        select(Report.phone, Report.token, Report.language).where(
            Report.ticket_id == ticket.id, Report.phone.is_not(None)
        )
    )
    for report in reporters:
        queue_message(ticket, event, report, now=now)


def queue_message(
    ticket: Ticket,
    event: TicketEvent | SimpleNamespace,
    report: Row[*tuple[Any, ...]] | Report,
    *,
    now: datetime,
) -> None:
    """Queue the message of one event to one reporter (phone, token, language)."""
    message = {
        "effect_key": f"{event.uuid}/{report.token}",
        "ticket_id": ticket.id,
        "channel": "sms",
        "recipient": report.phone,
        "template": event.kind,
        "language": report.language,
        "content": {"number": ticket_number(ticket.id), "token": report.token},
        "next_try_at": now,
        "created_at": now,
    }
    insert_rows(Outbox, [message])
