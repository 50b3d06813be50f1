"""What did others do to a ticket since a crew looked at it, and why?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.permissions import RULE
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import TicketEvent, Visit
from dispatch.queries.events import detail_of
from dispatch.queries.tickets import ticket_seen

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

    from dispatch.domain.permissions import Scope

# These say nothing about what a crew should do next, so a tap may come after them unseen.
QUIET = (
    EventKind.CLOCK_WARNING,
    EventKind.CLOCK_BREACHED,
    EventKind.CLOCK_ESCALATED,
    EventKind.NOTE_ADDED,
    EventKind.HOUSEHOLD_MARKED,
    EventKind.HOUSEHOLD_UNMARKED,
    EventKind.PHOTO_ADDED,
    EventKind.PHOTO_REMOVED,
    EventKind.PHOTO_COVERED,
    EventKind.PHOTO_UNCOVERED,
    EventKind.REPORT_MERGED,
    EventKind.FOR_REVIEW,
    EventKind.TOLD_ON_MERGED,
    EventKind.NOBODY_AVAILABLE,
    EventKind.WAITS,
    EventKind.TASK_OPENED,
    EventKind.TASK_ASSIGNED,
    EventKind.TASK_READY,
    EventKind.TASK_STARTED,
    EventKind.TASK_DONE,
    EventKind.TASK_REFUSED,
    EventKind.TASK_CANCELLED,
    EventKind.READING_TAKEN,
    EventKind.PARTS_USED,
    EventKind.TICKED,
    EventKind.NEXT_VISIT_NEEDS,
    EventKind.RESIDENT_CODE,
    EventKind.TIME_LEFT,
)


@dataclass(frozen=True)
class Change:
    """Something that somebody did to the ticket: what, who, when.

    `why` is what its name leaves open: which crew or ticket, and the reason that was given.
    """

    what: Sentence
    by: Sentence
    at: datetime
    why: tuple[Sentence, ...] = ()


def changes_since(number: str, seen: int, scope: Scope) -> list[Change]:
    """Return what was done to a ticket after an event, warnings and remarks left out.

    Raises:
        NotFound: when there is no such ticket in the asker's scope.
    """
    ticket = ticket_seen(number, scope)
    rows = db.session.execute(
        select(TicketEvent.__table__, Crew.name.label("crew"), Crew.name_zh.label("crew_zh"))
        .outerjoin(Visit, Visit.id == TicketEvent.visit_id)
        .outerjoin(Crew, Crew.id == Visit.crew_id)
        .where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.id > seen,
            TicketEvent.kind.not_in([str(kind) for kind in QUIET]),
        )
        .order_by(TicketEvent.id)
    ).mappings()
    return [
        Change(
            EVENT_NAMES[EventKind(row["kind"])],
            _who(row["kind"], row["actor"], row["source"]),
            row["recorded_at"],
            tuple(_why(row)),
        )
        for row in rows
    ]


def _why(row: RowMapping) -> list[Sentence]:
    facts: dict[str, Any] = row["facts"]
    crew = None if row["crew"] is None else LocalName(row["crew"], row["crew_zh"])
    into = Sentence(facts["into"]) if "into" in facts else None
    reasons = [Sentence.from_json(each) for each in facts.get("reasons", ())]
    said = Sentence(row["note"]) if row["note"] else None
    detail = into or detail_of(row["kind"], row["reason"], facts, crew)
    return [each for each in (detail, *reasons, said) if each]


def _who(kind: str, actor: str, source: str) -> Sentence:
    if (actor, source) != (RULE.name, RULE.source):
        return Sentence(actor)
    return say("the planner") if kind == EventKind.DISPATCHED else say("the clockwork")
