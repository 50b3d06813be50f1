"""Which questions does a repair owe its reporters, and which are called off?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.follow_up import UNFINISHED, FollowUpState, Round, is_asked, moments
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.tickets import Report
from dispatch.queries.policies import policy_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.models.tickets import Ticket

NOBODY_TO_ASK = ("sensor", "crew")
"""Channels behind which there is no resident."""

_UNFINISHED = tuple(sorted(str(state) for state in UNFINISHED))


def plan_follow_ups(ticket: Ticket, *, now: datetime) -> None:
    """Write down whom to ask about a repair and when, each person once a round."""
    policy = policy_of(ticket.policy_id).policy
    rules, zone, about = policy.asking, policy.calendar.zone, ticket.completed_at or now
    rows: list[dict[str, Any]] = []
    for which in (Round.SAME_DAY, Round.DAY_7):
        if not is_asked(rules, which, level=ticket.level, category=ticket.category):
            continue
        at = moments(rules, which, about, zone)
        late_at = at.late_at
        if which is Round.SAME_DAY and ticket.follow_up_due_at is not None:
            late_at = max(ticket.follow_up_due_at, at.call_at)
        rows += [
            {
                "ticket_id": ticket.id,
                "report_id": report_id,
                "round": str(which),
                "about_at": about,
                "due_at": at.due_at,
                "call_at": at.call_at,
                "late_at": late_at,
            }
            for report_id in _people(ticket)
        ]
    insert_rows(FollowUp, rows)


def _people(ticket: Ticket) -> list[int]:
    """Return one report of each person who can be asked, the first one."""
    found: dict[str, int] = {}
    reports = db.session.execute(
        select(Report.id, Report.phone)
        .where(Report.ticket_id == ticket.id, Report.channel.not_in(NOBODY_TO_ASK))
        .order_by(Report.id)
    )
    for report_id, phone in reports:
        found.setdefault(phone or f"report {report_id}", report_id)
    return list(found.values())


def call_off(ticket: Ticket, *, now: datetime) -> None:
    """Ask nobody any more about a repair that did not hold."""
    for row in unfinished_of(ticket.id):
        finish(row, FollowUpState.CANCELLED, now=now)


def unfinished_of(ticket_id: int) -> list[FollowUp]:
    """Return the questions about a ticket that still wait for an answer."""
    return list(
        db.session.scalars(
            select(FollowUp)
            .where(FollowUp.ticket_id == ticket_id, FollowUp.state.in_(_UNFINISHED))
            .order_by(FollowUp.id)
        )
    )


def finish(row: FollowUp, state: FollowUpState, *, now: datetime) -> None:
    """End a question; nobody holds its call any more."""
    row.state = str(state)
    row.ended_at = now
    row.claimed_by = row.claimed_name = row.claimed_until = None
