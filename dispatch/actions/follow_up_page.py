"""What becomes of an answer that a reporter gives on the page behind the link?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.actions.endings import answer_follow_up
from dispatch.actions.follow_ups import Said, take_answer
from dispatch.domain.permissions import Scope
from dispatch.queries.follow_ups import follow_up_for_change, question_for
from dispatch.queries.tracking import may_answer, reported_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Report


def answer_on_page(report: Report, given: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Take the answer to the question that waits, else correct the last one.

    `given` holds the fields of `AnswerShape`; without a version it is one of the three buttons,
    whose second tap changes nothing. Where nobody was to be asked, or long after, the word alone
    is taken: a fault that comes back reopens the ticket as long as the link lives.

    Raises:
        Invalid: when an answer or a score is none.
        Forbidden: when there is no repair to answer about.
        Stale: when the answer was changed in between.
    """
    row = question_for(report, now)
    if row is None:
        ticket = reported_ticket(report)
        if may_answer(ticket, report) and report.fixed_answer != given["answer"]:
            answer_follow_up(ticket, report, given["answer"], actor=actor, now=now)
        return
    row, ticket = follow_up_for_change(row.id, Scope(everything=True))
    is_button = given["version"] is None
    if is_button and row.fixed == given["answer"]:
        return
    if is_button:
        said = Said(given["answer"], row.process, row.result, row.note or "")
    else:
        said = Said(given["answer"], given["process"], given["result"], given["note"])
    take_answer(
        row, ticket, said, channel="link", actor=actor, now=now, seen_version=given["version"]
    )
