"""Which crew asks to be relieved of its ticket, and by whom?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Forbidden
from dispatch.domain.relief import RELIEF_NAMES, ReliefReason, ReliefState
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.service_policy import LEVEL_NAMES, Level, due_at
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.policies import policy_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

_ACTIVE = tuple(sorted(str(state) for state in ACTIVE))


@dataclass(frozen=True)
class ReliefAsked:
    """A ticket that a crew wants to hand over; `to_crew` is None while the desk is to choose.

    `seen` names the last event of the story that this view holds, `answer_due_at` is `answer_due`.
    """

    number: str
    seen: int
    category: Sentence
    level: Level
    level_name: Sentence
    address: str
    from_crew_id: int
    from_crew: str
    to_crew_id: int | None
    to_crew: str | None
    reason: Sentence
    done: str
    asked_at: datetime
    answer_due_at: datetime | None


def answer_due(policy_id: int | None, level: int, asked_at: datetime) -> datetime | None:
    """Return until when a hand-over should be answered: as long as a sent crew has to say yes.

    None where the ticket's policy sets no time for that.
    """
    policy = policy_of(policy_id).policy
    budget = policy.of_level(Level(level)).acknowledge
    return due_at(budget, asked_at, policy) if budget else None


def crews_beside(crew_id: int | None) -> Sequence[Row[int, str, str | None]]:
    """Return id and names of the other crews of a crew's team, by name."""
    own = select(Crew.team_id).where(Crew.id == crew_id).scalar_subquery()
    return db.session.execute(
        select(Crew.id, Crew.name, Crew.name_zh)
        .where(Crew.team_id == own, Crew.id != crew_id, Crew.active)
        .order_by(Crew.name, Crew.id)
    ).all()


def visit_asking(ticket_id: int, crew_id: int | None = None) -> Visit | None:
    """Return the visit under way that a crew is asked to take over; None is any crew, or none."""
    asked = select(Visit).where(Visit.ticket_id == ticket_id, _is_open())
    if crew_id is not None:
        asked = asked.where(Visit.relief_crew_id == crew_id)
    return db.session.scalars(asked.order_by(Visit.id.desc()).limit(1)).one_or_none()


def visit_to_relieve(ticket_id: int, crew_id: int | None) -> Visit:
    """Return the visit under way that a crew is asked to take over.

    Raises:
        Forbidden: when there is none, or none any more.
    """
    found = visit_asking(ticket_id, crew_id)
    if found is None:
        raise Forbidden(say("This ticket is not to be taken over, or not any more."))
    return found


def reliefs_asked_of(crew_id: int) -> tuple[ReliefAsked, ...]:
    """Return the tickets that a crew is asked to take over, the longest wait first."""
    return _asked(Visit.relief_crew_id == crew_id)


def relief_of(ticket_id: int, crew_id: int | None) -> ReliefAsked | None:
    """Return the hand-over of a ticket that waits for an answer and that a crew takes part in."""
    found = _asked(Visit.ticket_id == ticket_id)
    return next((each for each in found if crew_id in {each.from_crew_id, each.to_crew_id}), None)


def _is_open() -> ColumnElement[bool]:
    return (Visit.relief_state == ReliefState.ASKED) & Visit.state.in_(_ACTIVE)


def _asked(which: ColumnElement[bool]) -> tuple[ReliefAsked, ...]:
    other = aliased(Crew)
    seen = (
        select(func.coalesce(func.max(TicketEvent.id), 0))
        .where(TicketEvent.ticket_id == Ticket.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Visit, Ticket, Crew, other, seen)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .join(Crew, Crew.id == Visit.crew_id)
        .outerjoin(other, other.id == Visit.relief_crew_id)
        .where(which, _is_open())
        .order_by(Visit.relief_asked_at, Visit.id)
    )
    return tuple(
        ReliefAsked(
            number=ticket_number(ticket.id),
            seen=last,
            category=category_rule(ticket.category).name,
            level=Level(ticket.level),
            level_name=LEVEL_NAMES[Level(ticket.level)],
            address=ticket.address,
            from_crew_id=crew.id,
            from_crew=LocalName(crew.name, crew.name_zh),
            to_crew_id=visit.relief_crew_id,
            to_crew=LocalName(to.name, to.name_zh) if to else None,
            reason=RELIEF_NAMES[ReliefReason(visit.relief_reason or "")],
            done=visit.note or "",
            asked_at=(at := visit.relief_asked_at or visit.dispatched_at),
            answer_due_at=answer_due(ticket.policy_id, ticket.level, at),
        )
        for visit, ticket, crew, to, last in rows
    )
