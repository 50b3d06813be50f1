"""Which tickets does a crew have today, and what does it need to know of one of them?"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from dispatch.domain.categories import category_rule
from dispatch.domain.clocks import Hold as Pause
from dispatch.domain.clocks import StandingState, standing
from dispatch.domain.place import Point, metres_between
from dispatch.domain.sentences import LocalName
from dispatch.domain.service_policy import LEVEL_NAMES, Level
from dispatch.domain.ticket_state import ENDED, STATE_NAMES, TicketState, ticket_number
from dispatch.domain.visit_state import ACTIVE, ON_SITE, VisitState
from dispatch.models.base import db
from dispatch.models.people import Crew, Position
from dispatch.models.tickets import Hold, Ticket, TicketEvent, Visit
from dispatch.queries.relief import ReliefAsked, reliefs_asked_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.sentences import Sentence

_ACTIVE = [str(state) for state in ACTIVE]
_LAST_PLACE = math.inf


@dataclass(frozen=True)
class PromiseLeft:
    """The promise to arrive: its end with holds taken out, and what is left of it.

    `share` runs from 1 at the receipt to 0 at the end; `seconds` is negative once it is missed.
    `state` is a `StandingState`; a crew that has arrived has met it or was late. What is left goes
    down each second and stays out of the `repr`, which a page compares with the one it shows.
    """

    started_at: datetime
    due_at: datetime
    share: float = field(repr=False)
    seconds: float = field(repr=False)
    state: StandingState


@dataclass(frozen=True)
class DayTicket:
    """One ticket in the list of a crew; `metres` is the straight line from its last position.

    `seen` is the last event of its story, which facts, notes and photos raise too. `answer_due_at`
    is None once the crew has said whether it goes.
    """

    number: str
    seen: int
    category: Sentence
    level: Level
    level_name: Sentence
    state: TicketState
    state_name: Sentence
    visit_state: VisitState
    address: str
    received_at: datetime
    eta_at: datetime | None
    answer_due_at: datetime | None
    ended_at: datetime | None
    metres: float | None
    promise: PromiseLeft | None
    pinned: bool


@dataclass(frozen=True)
class CrewDay:
    """What a crew has to do, in the order of its promises, and what it has done today.

    `asked` are the tickets that other crews want to hand over to it.
    """

    crew: str | None
    vehicle: str | None
    tickets: tuple[DayTicket, ...]
    done: tuple[DayTicket, ...]
    asked: tuple[ReliefAsked, ...] = ()


NO_CREW = CrewDay(crew=None, vehicle=None, tickets=(), done=())


def crew_day(crew_id: int | None, *, day_began_at: datetime, now: datetime) -> CrewDay:
    """Return the day of a crew; one that is under way stands first, then the earliest promise.

    `day_began_at` is the utility's midnight. An account without a crew has an empty day.
    """
    crew = db.session.get(Crew, crew_id) if crew_id else None
    if crew is None:
        return NO_CREW
    rows = _rows(crew.id, day_began_at)
    pauses = pauses_of([row.ticket.id for row in rows])
    here = _position(crew.id)
    listed = [_day_ticket(row, pauses, here, now) for row in rows]
    waiting = [each for each in listed if each.visit_state in ACTIVE]
    done = [each for each in listed if each.visit_state not in ACTIVE]
    return CrewDay(
        crew=LocalName(crew.name, crew.name_zh),
        vehicle=crew.vehicle,
        tickets=tuple(sorted(waiting, key=_turn)),
        done=tuple(sorted(done, key=lambda each: each.ended_at or now, reverse=True)),
        asked=reliefs_asked_of(crew.id),
    )


def promise_left(ticket: Ticket, pauses: Iterable[Pause], now: datetime) -> PromiseLeft | None:
    """Return how the promise to arrive stands; None where nobody is expected there (any more)."""
    is_off = ticket.state in ENDED and ticket.arrived_at is None
    if ticket.arrive_due_at is None or is_off:
        return None
    shown = standing(
        started_at=ticket.received_at,
        due_at=ticket.arrive_due_at,
        stopped_at=ticket.arrived_at,
        holds=pauses,
        now=now,
    )
    if shown.state is StandingState.NONE:
        return None
    return PromiseLeft(
        started_at=ticket.received_at,
        due_at=shown.due_at_adjusted or ticket.arrive_due_at,
        share=min(1.0, max(0.0, 1.0 - shown.fraction)),
        seconds=shown.remaining_seconds,
        state=shown.state,
    )


def answer_due_at(visit: Visit) -> datetime | None:
    """Return until when a crew says whether it goes; None once it has, or where no time is set."""
    return visit.acknowledge_due_at if visit.state == VisitState.DISPATCHED else None


def pauses_of(ticket_ids: Sequence[int]) -> Mapping[int, list[Pause]]:
    """Return the pauses of some tickets, as the clocks count them."""
    found: dict[int, list[Pause]] = defaultdict(list)
    rows = db.session.execute(
        select(Hold.ticket_id, Hold.from_at, Hold.to_at)
        .where(Hold.ticket_id.in_(ticket_ids))
        .order_by(Hold.id)
    )
    for ticket_id, from_at, to_at in rows:
        found[ticket_id].append(Pause(from_at, to_at))
    return found


class _Row(NamedTuple):
    visit: Visit
    ticket: Ticket
    seen: int


def _rows(crew_id: int, day_began_at: datetime) -> list[_Row]:
    last_event = (
        select(func.coalesce(func.max(TicketEvent.id), 0))
        .where(TicketEvent.ticket_id == Ticket.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Visit, Ticket, last_event)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(
            Visit.crew_id == crew_id,
            Visit.state.in_(_ACTIVE) | (Visit.ended_at >= day_began_at),
        )
        .order_by(Visit.id)
    )
    return [_Row(*row) for row in rows]


def _position(crew_id: int) -> Point | None:
    found = db.session.get(Position, crew_id)
    return Point(found.lat, found.lon) if found else None


def _day_ticket(
    row: _Row,
    pauses: Mapping[int, list[Pause]],
    here: Point | None,
    now: datetime,
) -> DayTicket:
    visit, ticket = row.visit, row.ticket
    state, level = TicketState(ticket.state), Level(ticket.level)
    metres = None
    if here is not None and ticket.lat is not None and ticket.lon is not None:
        metres = metres_between(here, Point(ticket.lat, ticket.lon))
    return DayTicket(
        number=ticket_number(ticket.id),
        seen=row.seen,
        category=category_rule(ticket.category).name,
        level=level,
        level_name=LEVEL_NAMES[level],
        state=state,
        state_name=STATE_NAMES[state],
        visit_state=VisitState(visit.state),
        address=ticket.address,
        received_at=ticket.received_at,
        eta_at=visit.eta_at,
        answer_due_at=answer_due_at(visit),
        ended_at=visit.ended_at,
        metres=metres,
        promise=promise_left(ticket, pauses.get(ticket.id, []), now),
        pinned=ticket.pinned,
    )


def _turn(each: DayTicket) -> tuple[int, float, float]:
    """Order: on site, on the way, then by what was promised first, then by receipt."""
    under_way = {VisitState.EN_ROUTE: 1} | dict.fromkeys(ON_SITE, 0)
    due = each.promise.due_at.timestamp() if each.promise else _LAST_PLACE
    return (under_way.get(each.visit_state, 2), due, each.received_at.timestamp())
