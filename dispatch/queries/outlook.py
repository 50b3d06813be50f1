"""Which tickets has nobody reached, and which crews are on duty, when the planner looks?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from dispatch.domain.live_outlook import OnDuty, Pending, Turn
from dispatch.domain.place import Point
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_kinds import PLANNED_KINDS, STEP_KINDS
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.domain.time_left import reckoned
from dispatch.domain.visit_state import BEFORE_ARRIVAL, VisitState
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.candidates import (
    BY_CREW,
    IS_ACTIVE,
    IS_OPEN,
    NEED_COLUMNS,
    CrewBoard,
    CrewStamp,
    crew_board,
    crew_stamp,
    waiting_of,
    waiting_tickets,
)
from dispatch.queries.checkers import offers_of, refused_by
from dispatch.queries.continuity import KNOWN_MONTHS, with_last_visits
from dispatch.queries.storm_queue import served_first
from dispatch.queries.tasks import crews_on_tasks
from dispatch.queries.time_left import times_left
from dispatch.queries.workload import workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from dispatch.domain.candidates import CrewOption, Need
    from dispatch.domain.time_left import TimeLeft
    from dispatch.queries.tasks import OnTask

AN_HOUR = timedelta(hours=1)
_ROAD = frozenset({TicketState.DISPATCHED, TicketState.ACKNOWLEDGED, TicketState.EN_ROUTE})


class Stamp(NamedTuple):
    """Changes with every open ticket and every visit; equal stamps mean the same situation."""

    tickets: int
    versions: int
    crews: CrewStamp


@dataclass(frozen=True)
class Board:
    """What the planner weighs at one instant, and all crews for the reasons."""

    tickets: list[Pending]
    crews: list[OnDuty]
    everybody: CrewBoard
    arrivals: float


class Silent(NamedTuple):
    """A visit whose crew has not answered, and what its ticket needs."""

    visit_id: int
    need: Need


def situation_stamp() -> Stamp:
    """Return a mark that is cheap to read and changes with every step of an open ticket."""
    tickets, versions = db.session.execute(
        select(func.count(), func.sum(Ticket.version)).where(IS_OPEN)
    ).one()
    return Stamp(tickets, versions or 0, crew_stamp())


def planning_board(now: datetime, continuity_months: int = KNOWN_MONTHS) -> Board:
    """Read every ticket that nobody has reached and every crew on duty.

    A crew knows a household for `continuity_months` after its visit.
    Left out are tickets on hold, enquiries, and those whose crew cannot be turned; so are crews on
    several tickets and those that cannot be turned before they arrive.
    """
    everybody = crew_board(now)
    visits = _active_visits()
    crews = _crews(everybody.crews, visits, now)
    heading = {each.heading for each in crews}
    waiting = [*waiting_tickets(), *(waiting_of(row) for row in visits if row.id in heading)]
    waiting = with_last_visits(waiting, now, continuity_months)
    refused = refused_by(each.need.ticket_id for each in waiting)
    offers = offers_of(waiting, everybody.crews, refused)
    first = served_first(now)
    tickets = [
        Pending(
            need=each.need,
            version=each.version,
            near_teams=everybody.teams_near(each.grid_id),
            refused=kept_off,
            first=each.need.ticket_id in first,
        )
        for each, kept_off in offers
    ]
    return Board(tickets, crews, everybody, arrivals_of_last_hour(now))


def arrivals_of_last_hour(now: datetime) -> float:
    """Return how many tickets that need a crew came in during the last hour."""
    found = db.session.scalar(
        select(func.count()).where(
            Ticket.received_at > now - AN_HOUR,
            Ticket.received_at <= now,
            Ticket.level < Level.ENQUIRY,
            Ticket.kind.not_in(PLANNED_KINDS | STEP_KINDS),
            ~Ticket.imported,
            Ticket.state != TicketState.DUPLICATE,
        )
    )
    return float(found or 0)


def silent_visits(now: datetime, grace: timedelta) -> list[Silent]:
    """Return the visits by rule that their crews have not answered within promise and grace."""
    rows = db.session.execute(
        select(Visit.id.label("visit_id"), *NEED_COLUMNS)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(
            IS_ACTIVE,
            Visit.state == VisitState.DISPATCHED,
            Visit.automatic,
            Visit.acknowledge_due_at <= now - grace,
            Ticket.state == TicketState.DISPATCHED,
            ~Ticket.pinned,
        )
        .order_by(*BY_CREW)
    ).all()
    return [Silent(row.visit_id, waiting_of(row).need) for row in sorted(rows, key=_by_visit)]


def _by_visit(row: Any) -> int:
    number: int = row.visit_id
    return number


def _active_visits() -> Sequence[Row[*tuple[Any, ...]]]:
    rows = db.session.execute(
        select(
            Visit.id.label("visit_id"), Visit.crew_id, Visit.crew_role, Visit.automatic,
            Visit.state.label("visit_state"), Visit.eta_at, Visit.arrived_at,
            Ticket.state, Ticket.pinned, Ticket.kind, *NEED_COLUMNS,
        )
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(IS_ACTIVE)
        .order_by(*BY_CREW)
    ).all()  # fmt: skip
    return sorted(rows, key=_by_visit)


def _crews(
    options: Iterable[CrewOption], visits: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> list[OnDuty]:
    by_crew: dict[int, list[Any]] = defaultdict(list)
    on_ticket: dict[int, int] = defaultdict(int)
    for row in visits:
        by_crew[row.crew_id].append(row)
        on_ticket[row.id] += 1
    alone = {row.visit_id for row in visits if on_ticket[row.id] == 1}
    changed = _changed_before(
        [row for row in visits if row.visit_state in BEFORE_ARRIVAL and _may_turn(row)]
    )
    taken = crews_on_tasks()
    told = times_left(row.id for row in visits if row.arrived_at)
    found = []
    for crew in options:
        rows = by_crew[crew.crew_id]
        if not crew.on_shift or len(rows) > 1:
            continue
        if not rows:
            task = taken.get(crew.crew_id)
            found.append(_on_task(crew, task, now) if task else _idle(crew))
        elif rows[0].visit_state not in BEFORE_ARRIVAL:
            found.append(_at_work(crew, rows[0], told.get(rows[0].visit_id), now))
        elif rows[0].kind in PLANNED_KINDS:
            found += [_idle(crew, rows[0])] if _is_ours(rows[0]) else []
        elif rows[0].visit_id in alone and _may_turn(rows[0]):
            found.append(_under_way(crew, rows[0], changed))
    return [each for each in found if each.turn is not Turn.NEVER]


def _idle(crew: CrewOption, planned: Any = None) -> OnDuty:
    """Return a crew that may go anywhere; one on its way to a planned visit gives way at once."""
    if planned is None:
        return OnDuty(crew=crew, origin=crew.position)
    visit_id, ticket_id = planned.visit_id, planned.id
    return OnDuty(crew=crew, origin=crew.position, visit_id=visit_id, gives_up=ticket_id)


def _on_task(crew: CrewOption, task: OnTask, now: datetime) -> OnDuty:
    law = workload(now).repair_of(task.category)
    place = None if task.lat is None or task.lon is None else Point(task.lat, task.lon)
    return OnDuty(
        crew=crew,
        origin=place or crew.position,
        working_since=task.since,
        repair_mean=law.mean_seconds,
        repair_sigma=law.sigma,
    )


def _is_ours(row: Any) -> bool:
    """Tell whether the planner sent the crew, to a ticket that nobody pinned or holds."""
    is_ours = row.automatic and row.crew_role == "lead" and not row.pinned
    return bool(is_ours and row.state in _ROAD)


def _may_turn(row: Any) -> bool:
    return _is_ours(row) and bool(row.level < Level.ENQUIRY)


def _under_way(crew: CrewOption, row: Any, changed: set[int]) -> OnDuty:
    """Let a crew turn once on a drive, and once more from a routine ticket to an emergency."""
    turn = Turn.ANY
    if row.visit_id in changed:
        turn = Turn.EMERGENCY if row.level >= Level.STANDARD else Turn.NEVER
    return OnDuty(
        crew=crew,
        origin=crew.position,
        heading=row.id,
        visit_id=row.visit_id,
        turn=turn,
        eta_at=row.eta_at,
    )


def _at_work(crew: CrewOption, row: Any, told: TimeLeft | None, now: datetime) -> OnDuty:
    usual = workload(now).repair_of(row.category)
    since, law = reckoned(row.arrived_at or now, usual, told)
    place = None if row.lat is None or row.lon is None else Point(row.lat, row.lon)
    return OnDuty(
        crew=crew,
        origin=place or crew.position,
        working_since=since,
        repair_mean=law.mean_seconds,
        repair_sigma=law.sigma,
        has_told=law is not usual,
    )


def _changed_before(visits: Sequence[Any]) -> set[int]:
    """Return the visits for which the planner has changed its mind once already."""
    if not visits:
        return set()
    sent = db.session.execute(
        select(TicketEvent.visit_id, TicketEvent.facts).where(
            TicketEvent.ticket_id.in_({row.id for row in visits}),
            TicketEvent.kind == EventKind.DISPATCHED,
        )
    )
    return {visit_id for visit_id, facts in sent if facts.get("changed_mind")}
