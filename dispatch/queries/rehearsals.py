"""Which rehearsals are there for the asker, and what do our own tables give one to start from?"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import shapely
import shapely.geometry
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from dispatch.domain.attainment import attainment_within
from dispatch.domain.errors import NotFound
from dispatch.domain.figures import By, group_by
from dispatch.domain.five_ones import five_ones
from dispatch.domain.permissions import Scope
from dispatch.domain.samples import percentiles
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.spreadsheet import safe_cell
from dispatch.domain.stages import Stage, durations
from dispatch.domain.ticket_state import TicketState, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewSkill, Shift, Team
from dispatch.models.places import Grid
from dispatch.models.rehearsals import Rehearsal
from dispatch.models.tickets import Ticket
from dispatch.queries.crew_areas import area_in_force
from dispatch.queries.figure_rows import BYTE_ORDER_MARK
from dispatch.queries.scoping import in_scope
from dispatch.queries.sites import candidate_sites
from dispatch.queries.stories import end_reading, stories_for
from dispatch.queries.workload import usual_travel, workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select

    from dispatch.domain.periods import Period
    from dispatch.domain.rehearsal_wish import Wish
    from dispatch.domain.stories import TicketStory

REPAIR = "repair"
MOST_LISTED = 100
_NOT_VISITED = tuple(
    str(state)
    for state in (
        TicketState.DUPLICATE,
        TicketState.SOLVED_BY_PHONE,
        TicketState.ANSWERED_BY_NOTICE,
        TicketState.CANCELLED,
    )
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets there are to rehearse, and between which calls."""

    located: int
    first: datetime | None
    last: datetime | None


def count_for(scope: Scope, period: Period | None = None) -> Count:
    """Count the tickets that a rehearsal of some days, or of any, would replay.

    In: repairs of levels 1 to 3 with a place. Out: duplicates, cancelled, solved without a visit.
    """
    asked: Any = select(
        func.count(), func.min(Ticket.received_at), func.max(Ticket.received_at)
    ).where(
        Ticket.kind == REPAIR,
        Ticket.lat.is_not(None),
        Ticket.lon.is_not(None),
        Ticket.level < Level.ENQUIRY,
        Ticket.state.not_in(_NOT_VISITED),
    )
    if period is not None:
        asked = asked.where(Ticket.received_at >= period.from_at, Ticket.received_at < period.to_at)
    return Count(*db.session.execute(in_scope(asked, scope.shared)).one())


def material_for(
    wish: Wish, zone: ZoneInfo, team_id: int | None, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a wish starts from, and the figures of the same tickets in life.

    The first is the JSON of `rehearsal.own_city.Material`. `team_id` narrows both to a team; the
    crews are those of today, with the shifts that are valid now.
    """
    scope = Scope(everything=team_id is None, team_id=team_id)
    period = wish.period(zone)
    stories = stories_for(period.from_at, period.to_at, scope, now=now)
    located = [story for story in stories if _is_visited(story)]
    travel, repair, widths = usual_travel(now), workload(now).repair, _pipe_widths(period)
    material = {
        "zone": str(zone),
        "received": len(stories),
        "tickets": [_ticket(story, widths.get(story.number)) for story in located],
        "crews": _crews(scope, now),
        "speed_kmh": travel.speed_kmh,
        "detour": travel.detour,
        "spread": travel.spread,
        "repair_mean": repair.mean_seconds,
        "repair_sigma": repair.sigma,
        "sites": _sites(wish, now),
    }
    end_reading()
    return material, _life(located, wish, period, now)


def _sites(wish: Wish, now: datetime) -> list[tuple[str, str, float, float, str | None]]:
    """Return where bases could stand, as far as the wish asks for it."""
    if wish.base_team:
        shape = grid_shapes().get(wish.base_grid)
        if shape is None:
            return []
        point = shapely.point_on_surface(shapely.geometry.shape(shape))
        return [(wish.base_grid, "grid", point.y, point.x, None)]
    found = candidate_sites(now) if wish.sites else []
    return [(each.name, each.kind, each.lat, each.lon, each.name_zh) for each in found]


def _is_visited(story: TicketStory) -> bool:
    """Tell whether a crew had to go there, and where; the same tickets that `count_for` counts."""
    return (
        story.kind == REPAIR
        and story.lat is not None
        and story.lon is not None
        and story.level is not None
        and story.level < Level.ENQUIRY
        and story.outcome is None
    )


def _pipe_widths(period: Period) -> dict[str, int | None]:
    """Return the nominal widths of the pipes that are recorded, in mm, by the ticket's number."""
    asked = select(Ticket.id, Ticket.pipe_mm).where(
        Ticket.received_at >= period.from_at,
        Ticket.received_at < period.to_at,
        Ticket.pipe_mm.is_not(None),
    )
    return {ticket_number(key): width for key, width in db.session.execute(asked)}


def _ticket(story: TicketStory, pipe_mm: int | None) -> dict[str, Any]:
    return {
        "received": story.received_at.timestamp(),
        "lat": story.lat,
        "lon": story.lon,
        "level": story.level,
        "category": story.category,
        "grid": story.grid,
        "team": story.team,
        "pipe_mm": pipe_mm,
    }


def _crews(scope: Scope, now: datetime) -> list[dict[str, Any]]:
    skills: dict[int, list[str]] = defaultdict(list)
    for crew_id, skill in db.session.execute(select(CrewSkill.crew_id, CrewSkill.skill_key)):
        skills[crew_id].append(skill)
    shifts: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    valid = (
        (Shift.valid_from.is_(None)) | (Shift.valid_from <= now),
        (Shift.valid_to.is_(None)) | (Shift.valid_to > now),
    )
    asked = select(Shift.crew_id, Shift.start_minute, Shift.end_minute, Shift.weekdays)
    for crew_id, *shift in db.session.execute(asked.where(*valid).order_by(Shift.id)):
        shifts[crew_id].append((shift[0], shift[1], shift[2]))
    crews = (
        select(Crew, Team.name)
        .join(Team, Team.id == Crew.team_id)
        .where(Crew.active)
        .order_by(Crew.id)
    )
    return [
        {
            "team": team,
            "base": _base(crew),
            "skills": sorted(skills[crew.id]),
            "shifts": shifts[crew.id],
            "vehicle": crew.vehicle_class,
            "carries": crew.carries,
            "area": area_in_force(crew.contractor, crew.area)["area"],
        }
        for crew, team in db.session.execute(in_scope(crews, scope, crew=Crew))
    ]


def _base(crew: Crew) -> tuple[float, float] | None:
    if crew.base_lat is None or crew.base_lon is None:
        return None
    return crew.base_lat, crew.base_lon


def _life(
    stories: Sequence[TicketStory], wish: Wish, period: Period, now: datetime
) -> dict[str, Any]:
    limit = timedelta(minutes=wish.promise_minutes)

    def row(key: object, members: Sequence[TicketStory]) -> dict[str, Any]:
        found = attainment_within(members, limit, now)
        waited = percentiles(durations(members)[Stage.RESPONSE])
        return {
            "key": key,
            "rate": found.rate,
            "hits": found.met,
            "n": found.n,
            "minutes": waited and waited.as_minutes(),
        }

    def groups(by: By) -> list[dict[str, Any]]:
        return [row(key, those) for key, those in group_by(stories, by, period.zone).items()]

    hours = wish.hours_of_change(period.zone)
    within = [each for each in stories if any(a <= each.received_at < b for a, b in hours)]
    return {
        "total": row(None, stories),
        "in_hours": row(None, within) if hours else None,
        "by_level": groups(By.LEVEL),
        "by_team": groups(By.TEAM),
        "by_grid": groups(By.GRID),
        "unserved": attainment_within(stories, limit, now).open_overdue,
        "one_visit_share": five_ones(stories, now).one_arrival.rate,
    }


def rehearsals_for(scope: Scope) -> list[Rehearsal]:
    """Return the asker's rehearsals without their results, the newest first, at most a hundred."""
    asked = _seen(scope).options(defer(Rehearsal.result)).order_by(Rehearsal.id.desc())
    return list(db.session.scalars(asked.limit(MOST_LISTED)))


def rehearsal_for(key: str, scope: Scope) -> Rehearsal:
    """Return one rehearsal by its address.

    Raises:
        NotFound: when there is none, or it is not the asker's to see.
    """
    found = db.session.scalar(_seen(scope).where(Rehearsal.key == key))
    if found is None:
        raise NotFound(say("There is no such rehearsal. It may have been deleted."))
    return found


def any_waiting() -> bool:
    """Tell whether a rehearsal waits to be begun."""
    return (
        db.session.scalar(select(Rehearsal.id).where(Rehearsal.state == "queued").limit(1))
        is not None
    )


def ahead_of(row: Rehearsal) -> int:
    """Return how many rehearsals are run before one that waits."""
    asked = select(func.count()).where(
        Rehearsal.state.in_(("queued", "running")), Rehearsal.id < row.id
    )
    return db.session.scalars(asked).one()


def csv_of_result(row: Rehearsal) -> Iterator[str]:
    """Yield the lines of a CSV file: a head, then each group rehearsed, beside the same in life.

    `unchanged_` is the same rehearsal without its change. Shares are from 0 to 1, times in
    minutes; a cell without a figure is empty.
    """
    result = row.result or {}
    sides = {name: result.get(name) or {} for name in ("unchanged", "life")}
    heads = [*_cells("", None), *(head for name in sides for head in _cells(f"{name}_", None))]
    yield BYTE_ORDER_MARK + _line(("by", "key", *heads))
    for by in ("total", "in_hours", "by_level", "by_team", "by_grid"):
        there = [{each["key"]: each for each in _rows(side.get(by))} for side in sides.values()]
        for each in _rows(result.get(by)):
            beside = [cell for side in there for cell in _cells("", side.get(each["key"])).values()]
            here = _cells("", each).values()
            yield _line((by.removeprefix("by_"), each["key"], *here, *beside))


def _rows(found: Any) -> list[dict[str, Any]]:
    return found if isinstance(found, list) else [found] if found else []


def _cells(prefix: str, row: dict[str, Any] | None) -> dict[str, Any]:
    row = row or {}
    cells = {name: row.get(name) for name in ("n", "hits", "rate")}
    minutes = row.get("minutes") or {}
    cells |= {f"{name}_minutes": minutes.get(name) for name in ("p50", "p80", "p90", "p95", "max")}
    return {prefix + name: value for name, value in cells.items()}


def _line(cells: Iterable[object]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([safe_cell(cell) for cell in cells])
    return file.getvalue()


def team_names(scope: Scope) -> list[tuple[str, str | None]]:
    """Return the teams in the asker's scope with their Chinese names, by name."""
    asked = select(Team.name, Team.name_zh).order_by(Team.name)
    if not scope.everything:
        asked = asked.where(Team.id == scope.team_id)
    return [(name, chinese) for name, chinese in db.session.execute(asked)]


def team_most_late(scope: Scope, period: Period) -> tuple[str, int] | None:
    """Return the team with most tickets of some days reached late, and how many that were.

    Where no arrival is known, the team with most tickets; None without any.
    """
    late = func.count().filter(Ticket.arrived_at > Ticket.arrive_due_at)
    asked = (
        select(Team.name, late)
        .join(Ticket, Ticket.team_id == Team.id)
        .where(Ticket.received_at >= period.from_at, Ticket.received_at < period.to_at)
        .group_by(Team.id, Team.name)
        .order_by(late.desc(), func.count().desc(), Team.name)
        .limit(1)
    )
    if not scope.everything:
        asked = asked.where(Team.id == scope.team_id)
    found = db.session.execute(asked).first()
    return None if found is None else (found[0], found[1])


def grid_names(scope: Scope) -> list[tuple[str, str | None]]:
    """Return the grids of today with their Chinese names, by name; a team's people see its own."""
    newest = select(func.max(Grid.id)).group_by(Grid.name)
    asked = select(Grid.name, Grid.name_zh).where(Grid.id.in_(newest)).order_by(Grid.name)
    if not scope.everything:
        asked = asked.where(Grid.team_id == scope.team_id)
    return [(name, chinese) for name, chinese in db.session.execute(asked)]


def crew_count(scope: Scope) -> int:
    """Return how many active crews are in the asker's scope."""
    asked = select(func.count(Crew.id)).where(Crew.active)
    return db.session.execute(in_scope(asked, scope, crew=Crew)).scalar_one()


def grid_shapes() -> dict[str, Any]:
    """Return the newest polygon of every grid by its name, GeoJSON in WGS-84 degrees."""
    asked = select(Grid.name, Grid.geometry).order_by(Grid.version)
    return {row.name: row.geometry for row in db.session.execute(asked)}


def _seen(scope: Scope) -> Select[Rehearsal]:
    asked = select(Rehearsal)
    return asked if scope.everything else asked.where(Rehearsal.team_id == (scope.team_id or 0))
