"""What is the desk told of a call that a published interruption answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.actions.notice_reports import answer_call
from dispatch.domain.errors import NotFound
from dispatch.domain.notices import words_for_caller
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.ticket_state import ticket_number
from dispatch.refusals import LOCALES, worded_in

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.actions.intake import NewReport
    from dispatch.domain.permissions import Actor


def answer_from_notice(told: str, new: NewReport, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Answer a call by a notice and return what the desk tells of it, in both languages.

    Raises:
        NotFound: when there is no such notice.
        Forbidden: when it does not explain the call, or a life is in danger.
    """
    is_number = told.isascii() and told.isdigit() and len(told) <= len(str(LARGEST_ROW_ID))
    if not is_number or int(told) > LARGEST_ROW_ID:
        raise NotFound(say("There is no such notice of interruption."))
    answered = answer_call(int(told), new, actor=actor, now=now)
    ticket, due = answered.ticket, answered.ticket.arrive_due_at
    number = ticket_number(ticket.id)
    words = words_for_caller(answered.notice, number if answered.joined else None)
    return {
        "number": number,
        "joined": answered.joined,
        "answered": True,
        "report": answered.report.id,
        "arrive_due_at": due.isoformat() if due else None,
        "words": {language: worded_in(language, words) for language in LOCALES},
    }
