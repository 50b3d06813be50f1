"""Which closed tickets does a manager call about, drawn so that nobody chooses?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.follow_up import GIVEN_UP, Round, audit_draw, week_of, week_span
from dispatch.domain.ticket_state import TicketState, ticket_number
from dispatch.models.base import db
from dispatch.models.follow_ups import AuditDraw, FollowUp
from dispatch.models.people import Team
from dispatch.models.tickets import Report, Ticket, TicketEvent
from dispatch.queries.policies import policy_in_force

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

_A_WEEK = timedelta(days=7)


class Closed(NamedTuple):
    """A ticket that was closed in the week, its repair, and the report of whoever can be called."""

    ticket_id: int
    completed_at: datetime
    report_id: int


def draw_audit_calls(now: datetime) -> int:
    """Draw the calls of the last whole week, once, also where nobody is; return how many.

    In: tickets closed in that week, by team, whose reporter left a number and that are still
    closed. The seed is the week and the hash of the last event before its end, which nobody knows
    while the week runs. What is closed with an older date after the draw is not in it.
    """
    in_force = policy_in_force().policy
    zone, rules = in_force.calendar.zone, in_force.asking
    week = week_of(now - _A_WEEK, zone)
    if db.session.get(AuditDraw, week) is not None:
        return 0
    seed = seed_of(week, zone)
    rows = []
    found = _closed_in(week, zone)
    for team, closed in sorted(found.items()):
        by_number = {ticket_number(each.ticket_id): each for each in closed}
        drawn = audit_draw(
            by_number,
            seed=seed,
            team=team,
            percent=rules.audit_percent,
            least=rules.audit_least,
        )
        rows += [_row(by_number[number], week, seed, len(by_number), now) for number in drawn]
    insert_rows(FollowUp, rows)
    among = sum(len(closed) for closed in found.values())
    draw = {"week": week, "seed": seed, "drawn_from": among, "drawn": len(rows), "at": now}
    insert_rows(AuditDraw, [draw])
    return len(rows)


def seed_of(week: str, zone: ZoneInfo) -> str:
    """Return what the draw of a week hangs on: its name and the last event before its end."""
    _, end = week_span(week, zone)
    last = db.session.scalar(
        select(TicketEvent.hash)
        .where(TicketEvent.recorded_at < end)
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    return f"{week}/{last or ''}"


def _closed_in(week: str, zone: ZoneInfo) -> dict[str, list[Closed]]:
    begin, end = week_span(week, zone)
    first = (
        select(func.min(Report.id))
        .where(Report.ticket_id == Ticket.id, Report.phone.is_not(None))
        .correlate(Ticket)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Ticket.id, Ticket.completed_at, Team.name, first.label("report_id"))
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(
            Ticket.state == TicketState.CLOSED,
            Ticket.closed_at >= begin,
            Ticket.closed_at < end,
            Ticket.completed_at.is_not(None),
            ~Ticket.imported,
        )
        .order_by(Ticket.id)
    )
    found: dict[str, list[Closed]] = defaultdict(list)
    for ticket_id, completed_at, team, report_id in rows:
        if report_id is not None:
            found[team or ""].append(Closed(ticket_id, completed_at, report_id))
    return found


def _row(closed: Closed, week: str, seed: str, among: int, now: datetime) -> dict[str, object]:
    return {
        "ticket_id": closed.ticket_id,
        "report_id": closed.report_id,
        "round": str(Round.AUDIT),
        "about_at": closed.completed_at,
        "due_at": now,
        "call_at": now,
        "late_at": now + GIVEN_UP,
        "week": week,
        "seed": seed,
        "drawn_from": among,
    }
