"""Which tickets wait for a crew, and how does each crew stand before them?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import exists, func, select, text

from dispatch.domain.candidates import (
    Candidate,
    CrewOption,
    Need,
    assess,
    is_able,
    standing,
)
from dispatch.domain.categories import category_rule
from dispatch.domain.crew_fit import kit_for
from dispatch.domain.place import Point
from dispatch.domain.service_policy import Level
from dispatch.domain.shifts import Duty, ShiftRule, duty_at
from dispatch.domain.ticket_kinds import PLANNED_KINDS, STEP_KINDS
from dispatch.domain.ticket_state import WITHOUT_CREW
from dispatch.domain.visit_state import ACTIVE
from dispatch.domain.whereabouts import POSITION_LIFETIME
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewSkill, Position, Shift
from dispatch.models.tickets import Task, Ticket, Visit
from dispatch.queries.checkers import offers_of, refused_by
from dispatch.queries.continuity import with_last_visits
from dispatch.queries.crew_areas import areas_of
from dispatch.queries.grids import grid_index
from dispatch.queries.policies import policy_in_force
from dispatch.queries.tasks import IS_UNSETTLED, crews_on_tasks
from dispatch.queries.time_left import times_left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from dispatch.domain.crew_fit import Area
    from dispatch.domain.travel import Leg

NOT_ASKED: Mapping[int, Leg] = MappingProxyType({})

EXPECTED_WORK = timedelta(minutes=45)
"""Mean time of a repair on site, until each category has its own."""

# The words of the partial indexes, so that both databases use them.
IS_OPEN = text(
    "ticket.state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'answered_by_notice',"
    " 'cancelled') AND NOT ticket.imported"
)
IS_ACTIVE = text("visit.state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')")
BY_CREW = (Visit.crew_id, Visit.id)
"""As the index of visits under way has them; by their ids SQLite would walk through all visits."""
NEED_COLUMNS = (
    Ticket.id, Ticket.version, Ticket.lat, Ticket.lon, Ticket.level, Ticket.category,
    Ticket.arrive_due_at, Ticket.team_id, Ticket.grid_id, Ticket.received_at, Ticket.pipe_mm,
    Ticket.household_id,
)  # fmt: skip
_WAITING = tuple(sorted(str(state) for state in WITHOUT_CREW))
_LONGEST_DUTY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket without a crew, the version that was seen, the grid it lies in, and whose it is."""

    need: Need
    version: int
    grid_id: int | None
    household_id: int | None = None


class CrewStamp(NamedTuple):
    """Changes whenever a visit begins or ends; equal stamps mean the same crews are free."""

    active: int
    newest: int
    tasks: int = 0


@dataclass
class CrewBoard:
    """Every active crew at one instant, read once for all tickets of a round."""

    now: datetime
    crews: list[CrewOption]
    neighbours: dict[int, frozenset[int]] = field(default_factory=dict)

    def options_for(self, waiting: Waiting, refused: frozenset[int]) -> list[CrewOption]:
        """Return every crew as it stands before one ticket; `refused` are those that left it."""
        near = self.teams_near(waiting.grid_id)
        return [standing(crew, waiting.need, near, refused) for crew in self.crews]

    def free_skills(self) -> frozenset[str]:
        """Return what the crews that are on duty and on no ticket can do between them."""
        return frozenset(skill for crew in self._free() for skill in crew.skills)

    def has_free(self, need: Need) -> bool:
        """Tell whether a crew that is on duty and on no ticket can do what a ticket needs."""
        return any(is_able(crew, need) for crew in self._free())

    def _free(self) -> list[CrewOption]:
        return [crew for crew in self.crews if crew.on_shift and not crew.active_visits]

    def teams_near(self, grid_id: int | None) -> frozenset[int]:
        """Return the teams of the grids around one, its own among them where it has several."""
        if grid_id is None:
            return frozenset()
        if grid_id not in self.neighbours:
            self.neighbours[grid_id] = _neighbour_teams(grid_id, self.now)
        return self.neighbours[grid_id]


def waiting_tickets() -> list[Waiting]:
    """Return the tickets for which a crew should be chosen, the most urgent first."""
    rows = db.session.execute(
        select(*NEED_COLUMNS)
        .where(
            IS_OPEN,
            Ticket.state.in_(_WAITING),
            Ticket.lat.is_not(None) | Ticket.team_id.is_not(None),
            ~Ticket.pinned,
            # Bills and advice stay at the desk until a person sends somebody.
            Ticket.level < Level.ENQUIRY,
            Ticket.kind.not_in(PLANNED_KINDS | STEP_KINDS),
            ~exists().where(Task.ticket_id == Ticket.id, Task.before_crew, IS_UNSETTLED),
        )
        .order_by(Ticket.level, Ticket.arrive_due_at, Ticket.id)
    )
    return [waiting_of(row) for row in rows]


def waiting_of(row: Row[*tuple[Any, ...]] | Ticket) -> Waiting:
    """Return what a row of `NEED_COLUMNS`, or a ticket, asks of a crew."""
    rule = category_rule(row.category)
    need = Need(
        ticket_id=row.id,
        point=_point(row.lat, row.lon),
        level=Level(row.level),
        skill=rule.skill,
        arrive_due_at=row.arrive_due_at,
        owning_team_id=row.team_id,
        expected_work_minutes=EXPECTED_WORK // timedelta(minutes=1),
        received_at=row.received_at,
        kit=kit_for(rule, row.pipe_mm),
        grid_id=row.grid_id,
    )
    return Waiting(need, row.version, row.grid_id, row.household_id)


def crew_stamp() -> CrewStamp:
    """Return a mark that is cheap to read and changes when a crew becomes free or taken."""
    tasks = select(func.sum(Task.version)).where(IS_UNSETTLED).scalar_subquery()
    active, newest, versions = db.session.execute(
        select(func.count(), func.max(Visit.id), tasks).where(IS_ACTIVE)
    ).one()
    return CrewStamp(active, newest or 0, versions or 0)


def need_of(ticket: Ticket) -> Need:
    """Return what a ticket asks of a crew."""
    return waiting_of(ticket).need


def candidates_for(
    ticket: Ticket, now: datetime, known: Mapping[int, Leg] = NOT_ASKED
) -> list[Candidate]:
    """Weigh every crew for one ticket, with the reasons, those that may go first.

    `known` are drives by crew that a source was asked for; the others go by the straight line.
    """
    board = crew_board(now)
    waiting = with_last_visits([waiting_of(ticket)], now)
    [offer] = offers_of(waiting, board.crews, refused_by([ticket.id]))
    return assess(offer.waiting.need, board.options_for(*offer), now=now, known=known)


def crew_board(now: datetime) -> CrewBoard:
    """Read how every active crew stands: duty, skills, position, visits."""
    zone = policy_in_force().policy.calendar.zone
    crews = db.session.execute(
        select(
            Crew.id, Crew.name, Crew.team_id, Crew.vehicle, Crew.base_lat, Crew.base_lon,
            Crew.vehicle_class, Crew.carries, Crew.contractor, Crew.area,
        ).where(Crew.active).order_by(Crew.id)
    ).all()  # fmt: skip
    areas = areas_of(crews)
    skills: dict[int, set[str]] = defaultdict(set)
    for crew_id, skill in db.session.execute(select(CrewSkill.crew_id, CrewSkill.skill_key)):
        skills[crew_id].add(skill)
    rules = _shift_rules()
    duties = {crew.id: duty_at(rules[crew.id], zone, now) for crew in crews}
    positions = {row.crew_id: row for row in db.session.scalars(select(Position))}
    busy = _busy()
    visits = _visits_of_duty(duties, now)
    on_duty = [visits.get(crew.id, 0) for crew in crews if duties[crew.id] is not None]
    mean = fmean(on_duty) if on_duty else None
    return CrewBoard(
        now,
        [
            _option(
                crew,
                _place(crew, positions.get(crew.id), now),
                duties[crew.id],
                _Load(busy.get(crew.id, []), visits.get(crew.id, 0), mean),
                _Means(frozenset(skills[crew.id]), areas.get(crew.id)),
            )
            for crew in crews
        ],
    )


class _Place(NamedTuple):
    point: Point | None
    age_seconds: int | None
    source: Literal["live", "base"]


class _End(NamedTuple):
    at: datetime
    is_told: bool = False


class _Load(NamedTuple):
    busy: list[_End]
    visits: int
    mean: float | None


class _Means(NamedTuple):
    skills: frozenset[str]
    area: Area | None


def _option(
    crew: Row[*tuple[Any, ...]], place: _Place, duty: Duty | None, load: _Load, means: _Means
) -> CrewOption:
    end = max(load.busy, default=None)
    return CrewOption(
        crew_id=crew.id,
        name=crew.name,
        team_id=crew.team_id,
        position=place.point,
        position_age_seconds=place.age_seconds,
        position_source=place.source,
        skills=means.skills,
        vehicle=crew.vehicle,
        on_shift=duty is not None,
        shift_ends_at=duty.ends_at if duty else None,
        busy_until=end and end.at,
        active_visits=len(load.busy),
        declined=False,
        home_team=False,
        neighbour_team=False,
        visits_this_shift=load.visits,
        mean_visits=load.mean,
        vehicle_class=crew.vehicle_class,
        carries=None if crew.carries is None else frozenset(crew.carries),
        area=means.area,
        has_told=end is not None and end.is_told,
    )


def _place(crew: Row[*tuple[Any, ...]], position: Position | None, now: datetime) -> _Place:
    base = _point(crew.base_lat, crew.base_lon)
    if position is None:
        return _Place(base, None, "base")
    age = max(0, int((now - position.measured_at).total_seconds()))
    if now - position.measured_at > POSITION_LIFETIME:
        return _Place(base, age, "base")
    return _Place(Point(position.lat, position.lon), age, "live")


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)


def _shift_rules() -> dict[int, list[ShiftRule]]:
    rules: dict[int, list[ShiftRule]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Shift.crew_id, Shift.start_minute, Shift.end_minute, Shift.weekdays, Shift.valid_from,
            Shift.valid_to,
        )
    ):  # fmt: skip
        rules[row[0]].append(ShiftRule(*row[1:]))
    return rules


def _busy() -> dict[int, list[_End]]:
    """Return when each visit under way, or a task, is expected to end, by crew."""
    busy: dict[int, list[_End]] = defaultdict(list)
    rows = db.session.execute(
        select(
            Visit.id, Visit.ticket_id, Visit.crew_id, Visit.dispatched_at, Visit.eta_at,
            Visit.arrived_at, Visit.working_at,
        ).where(IS_ACTIVE).order_by(*BY_CREW)
    ).all()  # fmt: skip
    told = times_left(row.ticket_id for row in rows if row.arrived_at)
    for row in rows:
        begins = row.working_at or row.arrived_at or row.eta_at or row.dispatched_at
        left = told.get(row.id)
        busy[row.crew_id].append(
            _End(left.done_at, is_told=True) if left else _End(begins + EXPECTED_WORK)
        )
    for crew_id, taken in crews_on_tasks().items():
        busy[crew_id].append(_End(taken.since + EXPECTED_WORK))
    return busy


def _visits_of_duty(duties: dict[int, Duty | None], now: datetime) -> dict[int, int]:
    """Count the visits of each crew since its duty began."""
    counted: dict[int, int] = defaultdict(int)
    on_duty = {crew_id: duty.starts_at for crew_id, duty in duties.items() if duty is not None}
    for crew_id, at in db.session.execute(
        select(Visit.crew_id, Visit.dispatched_at).where(
            Visit.crew_id.in_(on_duty), Visit.dispatched_at >= now - _LONGEST_DUTY
        )
    ):
        counted[crew_id] += at >= on_duty[crew_id]
    return counted


def _neighbour_teams(grid_id: int, now: datetime) -> frozenset[int]:
    index = grid_index(now)
    try:
        keys = index.neighbours(grid_id)
    except KeyError:  # The ticket was placed in a version of the grid that has ended since.
        return frozenset()
    teams = (index.grid(key).team_id for key in keys)
    return frozenset(team for team in teams if team is not None)


def free_crew(crew_id: int, leaves: int | None = None) -> Crew | None:
    """Lock a crew for this transaction and return it, None when a ticket or task has taken it.

    `leaves` is the visit that it is on now and is to be taken from.
    """
    crew = db.session.scalars(
        select(Crew).where(Crew.id == crew_id, Crew.active).with_for_update()
    ).one_or_none()
    active = tuple(str(state) for state in ACTIVE)
    taken = db.session.scalars(
        select(Visit.id).where(Visit.crew_id == crew_id, Visit.state.in_(active))
    ).all()
    is_free = set(taken) <= {leaves} and crew_id not in crews_on_tasks()
    return crew if is_free else None
