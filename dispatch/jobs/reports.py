"""Which reports of the figures are sent by mail now?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from dispatch.actions.scheduled_reports import send_due_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.queries.scheduled_reports import due_reports, summaries_of

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.permissions import Scope
    from dispatch.domain.scheduled_reports import Summary


def send_reports(now: datetime) -> int:
    """Queue every report that is due, each in a transaction of its own; return how many mails."""
    settings = current_app.config["SETTINGS"]
    sent = 0
    for report_id in due_reports(now):
        told = _told(report_id, now, settings.zone)
        with transaction():
            sent += send_due_report(
                report_id, told, now=now, zone=settings.zone, base_url=settings.base_url
            )
    return sent


def _told(report_id: int, now: datetime, zone: ZoneInfo) -> dict[Scope, Summary]:
    try:
        return summaries_of(report_id, now, zone)
    except Refused:
        return {}  # The report pauses with this reason when it is sent.
