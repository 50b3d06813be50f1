"""Who is sent the link of a follow-up now, and which calls are drawn for managers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.audit_calls import draw_audit_calls
from dispatch.actions.follow_ups import ask_by_link, give_up
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import Scope
from dispatch.queries.follow_ups import (
    EVERY_ROUND,
    due_links,
    follow_up_for_change,
    silent_questions,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dispatch.models.follow_ups import FollowUp
    from dispatch.models.tickets import Ticket

AT_ONCE = 100
_EVERYTHING = Scope(everything=True)


def ask_and_give_up(now: datetime) -> int:
    """Send the links that are due and end the questions that stayed silent; return how many."""
    done = sum(
        _with(row_id, lambda row, ticket: ask_by_link(row, ticket, now=now))
        for row_id in due_links(now, AT_ONCE)
    )
    for row_id in silent_questions(now, AT_ONCE):
        done += _with(row_id, lambda row, ticket: give_up(row, ticket, now=now))
    return done


def _with(row_id: int, act: Callable[[FollowUp, Ticket], bool]) -> bool:
    """Act on one question in a transaction of its own; one that was just changed is left."""
    try:
        with transaction():
            return act(*follow_up_for_change(row_id, _EVERYTHING, EVERY_ROUND))
    except Refused:
        return False


def draw_for_managers(now: datetime) -> int:
    """Draw the audit calls of the last week, where that was not done yet."""
    try:
        with transaction():
            return draw_audit_calls(now)
    except Refused:
        return 0  # Another process drew them at the same moment.
