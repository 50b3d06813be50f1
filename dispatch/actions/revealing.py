"""Who looked at a reporter's name and number, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.actions.reasons import check_reason
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def reveal_reporter(
    ticket: Ticket, report_id: int, *, reason: str, actor: Actor, now: datetime
) -> Report:
    """Return the report with its name and telephone number, and write down who asked and why.

    Raises:
        Invalid: when no reason is given.
        NotFound: when the ticket has no such report.
    """
    said = check_reason(reason)
    report = db.session.scalars(
        select(Report).where(Report.id == report_id, Report.ticket_id == ticket.id)
    ).one_or_none()
    if report is None:
        raise NotFound(say("This ticket has no such report."))
    seen = {"report_id": report.id, "reason": said}
    record_setting("reveal", ticket_number(ticket.id), None, seen, actor=actor, now=now)
    return report
