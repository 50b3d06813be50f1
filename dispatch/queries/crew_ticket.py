"""What does a crew need to know of one ticket?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.categories import category_rule
from dispatch.domain.masking import masked_phone
from dispatch.domain.place import Point, metres_between
from dispatch.domain.sentences import LocalName, Sentence
from dispatch.domain.service_policy import LEVEL_NAMES, Level
from dispatch.domain.task_state import TaskState
from dispatch.domain.ticket_state import (
    ENDED,
    STATE_NAMES,
    EventKind,
    TicketState,
    ticket_number,
)
from dispatch.domain.visit_state import (
    ACTIVE,
    CAUSE_NAMES,
    ON_SITE,
    VISIT_STATE_NAMES,
    Cause,
    VisitState,
)
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket, TicketEvent, Visit
from dispatch.queries.crew_day import PromiseLeft, answer_due_at, pauses_of, promise_left
from dispatch.queries.events import said_by
from dispatch.queries.relief import ReliefAsked, relief_of
from dispatch.queries.rounds import round_visits
from dispatch.queries.tasks import task_rows
from dispatch.queries.tickets import ticket_seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Scope

SAME_PLACE_METRES = 30.0
SAME_PLACE_DEGREES = 0.0003
HISTORY_ROWS = 5


@dataclass(frozen=True)
class Caller:
    """One contact: when, by which channel, what was said, and whom to call while it is ours."""

    at: datetime
    channel: str
    said: str
    name: str | None
    phone: str | None
    masked: str | None
    answers: list[Sentence]
    hazards: list[Sentence]


@dataclass(frozen=True)
class EarlierVisit:
    """One trip of a crew for this ticket, or for another one at the same place."""

    number: str
    crew: str
    state: VisitState
    state_name: Sentence
    cause: Sentence | None
    note: str | None
    at: datetime


@dataclass(frozen=True)
class EarlierTicket:
    """One earlier fault at the same household or within a few metres."""

    number: str
    category: Sentence
    state_name: Sentence
    received_at: datetime


@dataclass(frozen=True)
class CrewNote:
    """A remark in the story of the ticket; `told_on` is the merged ticket that it was made on."""

    by: str
    at: datetime
    text: str
    told_on: str | None


@dataclass(frozen=True)
class CrewTask:
    """A task of another department under the ticket; `is_own` when this crew has it."""

    id: int
    name: Sentence
    who: Sentence
    crew: str | None
    state: TaskState
    state_name: Sentence
    due_at: datetime | None
    version: int
    is_own: bool


@dataclass(frozen=True)
class CrewTicket:
    """One ticket as its crew works on it; `visit_state` is None once it is no longer theirs.

    `seen` names the last event of the story that this view holds.
    """

    number: str
    seen: int
    version: int
    category: Sentence
    level: Level
    level_name: Sentence
    state: TicketState
    state_name: Sentence
    visit_state: VisitState | None
    description: str
    address: str
    point: Point | None
    accuracy_metres: float | None
    pipe_mm: int | None
    eta_at: datetime | None
    answer_due_at: datetime | None
    promise: PromiseLeft | None
    received_at: datetime
    repair_due_at: datetime | None
    household: str | None
    household_remarks: str | None
    may_restore: bool
    callers: tuple[Caller, ...]
    visits: tuple[EarlierVisit, ...]
    history: tuple[EarlierTicket, ...]
    on_rounds: tuple[dict[str, Any], ...]
    notes: tuple[CrewNote, ...]
    tasks: tuple[CrewTask, ...] = ()
    relief: ReliefAsked | None = None


def crew_ticket(number: str, scope: Scope, now: datetime) -> CrewTicket:
    """Return one ticket as the asker's crew needs it.

    Raises:
        NotFound: when there is no such ticket, or the crew was never sent to it.
    """
    ticket = ticket_seen(number, scope)
    visit = _own_visit(visits := _visits_of(ticket.id), scope)
    household = db.session.get(Household, ticket.household_id) if ticket.household_id else None
    return CrewTicket(
        number=ticket_number(ticket.id),
        seen=_last_event(ticket.id),
        version=ticket.version,
        category=category_rule(ticket.category).name,
        level=Level(ticket.level),
        level_name=LEVEL_NAMES[Level(ticket.level)],
        state=TicketState(ticket.state),
        state_name=STATE_NAMES[TicketState(ticket.state)],
        visit_state=VisitState(visit.state) if visit else None,
        description=ticket.description,
        address=ticket.address,
        point=_point_of(ticket),
        accuracy_metres=ticket.accuracy_metres,
        pipe_mm=ticket.pipe_mm,
        eta_at=visit.eta_at if visit else None,
        answer_due_at=answer_due_at(visit) if visit else None,
        promise=promise_left(ticket, pauses_of([ticket.id])[ticket.id], now),
        received_at=ticket.received_at,
        repair_due_at=None if ticket.state in ENDED else ticket.repair_due_at,
        household=household.account if household else None,
        household_remarks=household.remarks if household else None,
        may_restore=bool(visit and visit.state in ON_SITE and ticket.restored_at is None),
        callers=_callers(ticket.id, is_ours=visit is not None),
        visits=tuple(_earlier_visit(ticket, v, crew) for v, crew in visits if v is not visit),
        history=_history(ticket),
        on_rounds=tuple(round_visits(ticket.household_id, personal=visit is not None)),
        notes=_notes(ticket.id),
        tasks=tuple(_task(row, scope) for row in task_rows(ticket, personal=True)),
        relief=relief_of(ticket.id, scope.crew_id),
    )


def _own_visit(visits: Sequence[tuple[Visit, Crew]], scope: Scope) -> Visit | None:
    own = [each for each, _ in visits if each.crew_id == scope.crew_id and each.state in ACTIVE]
    return own[-1] if own else None


def _point_of(ticket: Ticket) -> Point | None:
    if ticket.lat is None or ticket.lon is None:
        return None
    return Point(ticket.lat, ticket.lon)


def _task(row: dict[str, Any], scope: Scope) -> CrewTask:
    crew = row["crew"]
    return CrewTask(
        id=row["id"],
        name=row["name"],
        who=row["department"],
        crew=crew and LocalName(crew["name"], crew["name_zh"]),
        state=TaskState(row["state"]),
        state_name=row["state_name"],
        due_at=row["due_at"],
        version=row["version"],
        is_own=crew is not None and crew["id"] == scope.crew_id,
    )


def _last_event(ticket_id: int) -> int:
    newest = select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == ticket_id)
    return db.session.execute(newest).scalar_one() or 0


def _visits_of(ticket_id: int) -> list[tuple[Visit, Crew]]:
    rows = db.session.execute(
        select(Visit, Crew)
        .join(Crew, Crew.id == Visit.crew_id)
        .where(Visit.ticket_id == ticket_id)
        .order_by(Visit.id)
    )
    return [(visit, crew) for visit, crew in rows]


def _earlier_visit(ticket: Ticket, visit: Visit, crew: Crew) -> EarlierVisit:
    state = VisitState(visit.state)
    return EarlierVisit(
        number=ticket_number(ticket.id),
        crew=LocalName(crew.name, crew.name_zh),
        state=state,
        state_name=VISIT_STATE_NAMES[state],
        cause=CAUSE_NAMES[Cause(visit.cause)] if visit.cause else None,
        note=visit.note,
        at=visit.ended_at or visit.dispatched_at,
    )


def _callers(ticket_id: int, *, is_ours: bool) -> tuple[Caller, ...]:
    """Return who reported it; a name and a number only while the crew is on the ticket."""
    reports = db.session.scalars(
        select(Report).where(Report.ticket_id == ticket_id).order_by(Report.id)
    )
    return tuple(
        Caller(
            at=report.received_at,
            channel=report.channel,
            said=report.description,
            name=report.name if is_ours else None,
            phone=report.phone if is_ours else None,
            masked=masked_phone(report.phone) if is_ours else None,
            **said_by(report.answers, report.dangers),
        )
        for report in reports
    )


def _history(ticket: Ticket) -> tuple[EarlierTicket, ...]:
    return tuple(
        EarlierTicket(
            number=ticket_number(each.id),
            category=category_rule(each.category).name,
            state_name=STATE_NAMES[TicketState(each.state)],
            received_at=each.received_at,
        )
        for each in tickets_there(ticket)[:HISTORY_ROWS]
    )


def tickets_there(ticket: Ticket) -> Sequence[Ticket]:
    """Return the tickets before one at its household or within some metres, the newest first."""
    before = (
        select(Ticket)
        .where(Ticket.id != ticket.id, Ticket.received_at <= ticket.received_at)
        .order_by(Ticket.received_at.desc())
        .limit(100)
    )
    if ticket.household_id is not None:
        return db.session.scalars(before.where(Ticket.household_id == ticket.household_id)).all()
    if ticket.lat is None or ticket.lon is None:
        return []
    here = Point(ticket.lat, ticket.lon)
    reach = SAME_PLACE_DEGREES / max(0.05, math.cos(math.radians(here.lat)))
    around = before.where(
        Ticket.lat.between(here.lat - SAME_PLACE_DEGREES, here.lat + SAME_PLACE_DEGREES),
        Ticket.lon.between(here.lon - reach, here.lon + reach),
    )
    return [
        each
        for each in db.session.scalars(around)
        if each.lat is not None
        and each.lon is not None
        and metres_between(here, Point(each.lat, each.lon)) <= SAME_PLACE_METRES
    ]


def _notes(ticket_id: int) -> tuple[CrewNote, ...]:
    rows = db.session.execute(
        select(TicketEvent.actor, TicketEvent.recorded_at, TicketEvent.note, TicketEvent.facts)
        .where(
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.kind.in_([str(EventKind.NOTE_ADDED), str(EventKind.TOLD_ON_MERGED)]),
            TicketEvent.note.is_not(None),
        )
        .order_by(TicketEvent.id)
    )
    return tuple(CrewNote(by, at, text, facts.get("from")) for by, at, text, facts in rows if text)
