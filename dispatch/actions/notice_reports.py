"""How does a report from inside a published interruption find its answer without a crew?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dispatch.actions.endings import answer_by_notice, take_answer_back
from dispatch.actions.intake import Opened, add_report, open_ticket
from dispatch.actions.merging import separate_report
from dispatch.domain.errors import Forbidden
from dispatch.domain.notices import covers, is_life_safety
from dispatch.domain.place import Datum, Point, check_point, to_wgs84
from dispatch.domain.sentences import say
from dispatch.domain.ticket_kinds import TicketKind
from dispatch.domain.ticket_state import TicketState
from dispatch.queries.notices import (
    notice_of,
    notice_seen,
    notices_explaining,
    open_tickets_of,
)

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.actions.intake import NewReport
    from dispatch.actions.placing import GivenPlace
    from dispatch.domain.notices import Notice
    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Report, Ticket


class Answered(NamedTuple):
    """A call that a notice answered: its ticket, its report, the notice, and whether it joined."""

    ticket: Ticket
    report: Report
    notice: Notice
    joined: bool


def join_notice(new: NewReport, *, actor: Actor, now: datetime) -> Opened | None:
    """Attach a report to the ticket of the interruption it lies in; None where there is none.

    A danger to life, and whatever is no repair, is never attached.

    Raises:
        Invalid: naming a wrong field of the report.
    """
    found = _explaining(new, now)
    tickets = open_tickets_of(found)
    for notice in found:
        ticket = tickets.get(notice.ticket_id or 0)
        if ticket is not None:
            told = replace(new, notice_id=notice.id)
            return Opened(ticket, add_report(ticket, told, actor=actor, now=now))
    return None


def _explaining(new: NewReport, now: datetime) -> list[Notice]:
    if new.kind != TicketKind.REPAIR or new.place is None:
        return []
    if is_life_safety(new.dangers, new.description, new.level):
        return []
    return notices_explaining(_point(new.place), new.category, now)


def answer_call(notice_id: int, new: NewReport, *, actor: Actor, now: datetime) -> Answered:
    """Put a caller on the ticket of the notice, or note the call as answered by it.

    Raises:
        NotFound: when there is no such notice.
        Forbidden: when it does not explain the call, or a life is in danger.
        Invalid: naming a wrong field of the report.
    """
    notice = notice_of(notice_seen(notice_id))
    # A call-taker chooses the level from the category; only a danger speaks for a crew here.
    if is_life_safety(new.dangers, new.description, None):
        raise Forbidden(say("A life is in danger here: save the ticket, so that a crew is sent."))
    if new.place is None or not covers(notice, _point(new.place), new.category, now):
        raise Forbidden(
            say(
                "This interruption does not explain such a fault at this place. Save the call as a "
                "ticket."
            )
        )
    told = replace(new, notice_id=notice.id)
    ticket = open_tickets_of([notice]).get(notice.ticket_id or 0)
    if ticket is not None:
        return Answered(ticket, add_report(ticket, told, actor=actor, now=now), notice, joined=True)
    opened = open_ticket(told, actor=actor, now=now)
    reason = f"{notice.area} / {notice.area.chinese} (#{notice.id})"
    answer_by_notice(opened.ticket, reason=reason, actor=actor, now=now)
    return Answered(opened.ticket, opened.report, notice, joined=False)


def take_back(
    ticket: Ticket, report: Report, new: NewReport, *, actor: Actor, now: datetime
) -> Ticket:
    """Undo that a call was attached, or was answered by a notice; it is dispatched after all.

    Raises:
        Forbidden: when the report is not on that ticket, or is its only one and was no answer.
        Invalid: naming a wrong field of the report.
    """
    if ticket.state != TicketState.ANSWERED_BY_NOTICE:
        return separate_report(ticket, report, new, actor=actor, now=now)
    take_answer_back(ticket, actor=actor, now=now)
    report.notice_id = None
    return ticket


def _point(place: GivenPlace) -> Point:
    return to_wgs84(check_point(place.lat, place.lon), Datum(place.datum))
