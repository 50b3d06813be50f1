"""Where is each crew, what keeps it, and when is it on duty in the hours to come?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.coverage import Work
from dispatch.domain.shifts import duty_at
from dispatch.domain.time_left import law_told
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.candidates import BY_CREW, IS_ACTIVE, crew_board
from dispatch.queries.policies import policy_in_force
from dispatch.queries.tasks import crews_on_tasks
from dispatch.queries.time_left import times_left
from dispatch.queries.workload import shift_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.candidates import CrewOption
    from dispatch.domain.permissions import Scope
    from dispatch.domain.shifts import ShiftRule
    from dispatch.domain.time_left import TimeLeft

LONGEST_DRIVE = timedelta(minutes=30)
"""A crew that has been sent and whose arrival nobody has estimated is there after this."""


@dataclass(frozen=True)
class CrewAhead:
    """A crew as coverage sees it; places are latitude and longitude in degrees.

    `origin` is where it is, or the place of the ticket that it works on, None when neither that nor
    a base is known. `work` is None when it is idle. A crew on several tickets is never free.
    """

    crew_id: int
    name: str
    team_id: int
    origin: tuple[float, float] | None
    base: tuple[float, float] | None
    from_base: bool
    on_shift: bool
    tickets: int
    work: Work | None
    now: datetime
    rules: Sequence[ShiftRule]
    zone: ZoneInfo

    @property
    def is_idle(self) -> bool:
        """Tell whether it is on duty and on no ticket."""
        return self.on_shift and not self.tickets

    @property
    def free_now(self) -> float:
        """Return 1 for a crew on duty on at most one ticket, whose end may be near, else 0."""
        return float(self.on_shift and self.tickets <= 1)

    def is_seen(self, scope: Scope) -> bool:
        """Tell whether an asker of this scope sees it."""
        return scope.everything or self.team_id == scope.team_id

    def is_on_duty(self, at: datetime) -> bool:
        """Tell whether its shifts put it on duty at an instant."""
        if at == self.now:
            return self.on_shift
        return duty_at(self.rules, self.zone, at) is not None


def crews_ahead(now: datetime) -> list[CrewAhead]:
    """Return every active crew, by id."""
    bases = {
        crew_id: (lat, lon)
        for crew_id, lat, lon in db.session.execute(
            select(Crew.id, Crew.base_lat, Crew.base_lon).where(Crew.active)
        )
        if lat is not None and lon is not None
    }
    rules, zone = shift_rules(), policy_in_force().policy.calendar.zone
    visits = _visits()
    return [
        _crew(
            crew,
            bases.get(crew.crew_id),
            visits.get(crew.crew_id, []),
            (now, rules.get(crew.crew_id, []), zone),
        )
        for crew in crew_board(now).crews
    ]


@dataclass(frozen=True)
class _Visit:
    place: tuple[float, float] | None
    there_at: datetime
    arrived: bool
    told: TimeLeft | None = None


def _crew(
    crew: CrewOption,
    base: tuple[float, float] | None,
    visits: list[_Visit],
    duty: tuple[datetime, Sequence[ShiftRule], ZoneInfo],
) -> CrewAhead:
    now = duty[0]
    origin = None if crew.position is None else (crew.position.lat, crew.position.lon)
    visit = visits[0] if visits else None
    return CrewAhead(
        crew_id=crew.crew_id,
        name=crew.name,
        team_id=crew.team_id,
        origin=(visit and visit.place) or origin,
        base=base,
        from_base=crew.position_source == "base" and crew.position is not None and not visits,
        on_shift=crew.on_shift,
        tickets=len(visits),
        work=_work(visit, now) if visit else None,
        now=now,
        rules=duty[1],
        zone=duty[2],
    )


def _work(visit: _Visit, now: datetime) -> Work:
    if visit.told is not None:
        since = max(0.0, (now - visit.told.told_at).total_seconds())
        return Work(elapsed=since, repair=law_told(visit.told.minutes))
    seconds = (now - visit.there_at).total_seconds()
    return Work(elapsed=max(0.0, seconds)) if visit.arrived else Work(arrives_in=max(0.0, -seconds))


def _visits() -> dict[int, list[_Visit]]:
    """Return the visits and tasks under way of each crew, with the place of their tickets."""
    found: dict[int, list[_Visit]] = {}
    asked = (
        select(
            Visit.id,
            Visit.ticket_id,
            Visit.crew_id,
            Visit.arrived_at,
            Visit.eta_at,
            Visit.dispatched_at,
            Ticket.lat,
            Ticket.lon,
        )
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(IS_ACTIVE)
        .order_by(*BY_CREW)
    )
    rows = db.session.execute(asked).all()
    told = times_left(row.ticket_id for row in rows if row.arrived_at)
    for row in rows:
        place = None if row.lat is None or row.lon is None else (row.lat, row.lon)
        there_at = row.arrived_at or row.eta_at or row.dispatched_at + LONGEST_DRIVE
        found.setdefault(row.crew_id, []).append(
            _Visit(place, there_at, row.arrived_at is not None, told.get(row.id))
        )
    for crew_id, task in crews_on_tasks().items():
        place = None if task.lat is None or task.lon is None else (task.lat, task.lon)
        found[crew_id] = [_Visit(place, task.since, task.begun)]
    return found
