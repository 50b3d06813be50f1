"""What would a drawn change of grids make, end, leave open, and whose tickets would it move?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shapely.geometry import shape
from sqlalchemy import select

from dispatch.actions.settings_log import refuse_stale
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.grid_changes import new_faults
from dispatch.domain.grid_features import LONGEST_NAME
from dispatch.domain.grid_outline import fit_area, merge_areas, split_area
from dispatch.domain.grids import GridIndex, GridShape
from dispatch.domain.place import Point
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Zone
from dispatch.domain.ticket_state import ENDED, REACHED, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.administration import last_change
from dispatch.queries.grids import GridFacts, valid_grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.sentences import Sentence

LATEST = timedelta(days=366)
#: How many grids each kind of change begins with.
SEEN = {"draw": 0, "edit": 1, "split": 1, "merge": 2}
_FIRST_KEY = -10
_SETTLED = tuple(sorted(str(state) for state in ENDED | REACHED))


@dataclass(frozen=True)
class GridFields:
    """What a grid is beside its outline."""

    name: str
    team_id: int | None
    name_zh: str | None = None
    zone: str = "town"
    in_circle: bool = True


@dataclass(frozen=True)
class GridWish:
    """A drawn change: `seen` are the versions it was drawn on, `begins` None is at once.

    `outline` is the new area, or the line of a split; the fields are those of the grid that is
    drawn, edited, cut off or merged.
    """

    kind: str
    fields: GridFields
    seen: tuple[int, ...] = ()
    outline: BaseGeometry | None = None
    begins: datetime | None = None


@dataclass(frozen=True)
class Draft:
    """One version to make; `before` is the version that it follows."""

    fields: GridFields
    shape: BaseGeometry
    before: Grid | None = None


@dataclass(frozen=True)
class Move:
    """An open ticket that becomes another's: names of grid and team before and after."""

    ticket_id: int
    standing: str
    key: int | None
    team_id: int | None
    was: tuple[str | None, str | None]
    becomes: tuple[str | None, str | None]

    @property
    def number(self) -> str:
        """Return the ticket's number."""
        return ticket_number(self.ticket_id)


@dataclass(frozen=True)
class GridPlan:
    """What a change makes and ends, what is wrong with it, and which open tickets it touches."""

    begins: datetime
    makes: tuple[Draft, ...]
    ends: tuple[Grid, ...] = ()
    faults: list[Sentence] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def plan_grids(wish: GridWish, now: datetime) -> GridPlan:
    """Return what a change would do; nothing is written.

    Raises:
        Invalid: naming the field that is wrong.
        NotFound: when a grid is not there.
        Stale: when somebody changed a grid since it was seen.
    """
    begins = _begins(wish.begins, now)
    _check_fields(wish.fields)
    seen = [_seen(each, begins) for each in wish.seen]
    if wish.kind not in SEEN or len(set(wish.seen)) != SEEN[wish.kind]:
        raise _wrong("kind", say("Choose what to do, and the grids to do it with."))
    valid = valid_grids(begins)
    makes, ends = _made(wish, seen, valid)
    _check_names(makes, ends, valid, begins)
    return effect_of(makes, ends, begins)


def effect_of(makes: Sequence[Draft], ends: Sequence[Grid], begins: datetime) -> GridPlan:
    """Return the plan of these versions with its overlaps, gaps and moved tickets."""
    valid = valid_grids(begins)
    gone = {grid.id for grid in ends} | {each.before.id for each in makes if each.before}
    old = [_as_shape(grid) for grid in valid]
    drawn = [
        GridShape(_FIRST_KEY - place, each.fields.name, each.fields.team_id, each.shape)
        for place, each in enumerate(makes)
    ]
    new = [*(grid for grid in old if grid.key not in gone), *drawn]
    touched = [*(each.shape for each in makes), *(each.shape for each in old if each.key in gone)]
    return GridPlan(
        begins,
        tuple(makes),
        tuple(ends),
        new_faults(old, new, touched),
        _moves(new, gone, {each.key for each in drawn}),
    )


def draft_facts(plan: GridPlan, ids: Sequence[int]) -> dict[int, GridFacts]:
    """Return what each drawn version hands to a ticket, by its key in the plan's moves."""
    return {
        _FIRST_KEY - place: GridFacts(
            row_id, each.fields.name, each.fields.team_id, each.fields.zone, each.fields.in_circle
        )
        for place, (each, row_id) in enumerate(zip(plan.makes, ids, strict=True))
    }


def newest_version(name: str) -> Grid | None:
    """Return the version of a grid that was made last, in force or not."""
    return db.session.scalar(
        select(Grid).where(Grid.name == name).order_by(Grid.version.desc()).limit(1)
    )


def _wrong(name: str, fault: Sentence) -> Invalid:
    return Invalid(fault, fields={name: fault})


def _begins(wanted: datetime | None, now: datetime) -> datetime:
    if wanted is None:
        return now
    if wanted <= now:
        raise _wrong("begins", say("This is in the past. Leave it empty for at once."))
    if wanted > now + LATEST:
        raise _wrong("begins", say("At most a year ahead."))
    return wanted


def _check_fields(fields: GridFields) -> None:
    if not 0 < len(fields.name.strip()) <= LONGEST_NAME or "\0" in fields.name:
        raise _wrong("name", say("Write a text of 1 to %(limit)s characters.", limit=LONGEST_NAME))
    if fields.zone not in set(Zone):
        raise _wrong("zone", say("Choose one of the zones."))
    if fields.team_id is not None and db.session.get(Team, fields.team_id) is None:
        raise _wrong("team_id", say("There is no such team."))


def _seen(grid_id: int, begins: datetime) -> Grid:
    grid = db.session.get(Grid, grid_id)
    if grid is None:
        raise NotFound(say("There is no such grid."))
    newest = newest_version(grid.name) or grid
    refuse_stale(newest.version, grid.version, last_change("grids"))
    if grid.valid_to is not None and grid.valid_to <= begins:
        raise _wrong("grids", say("The grid “%(name)s” has ended.", name=grid.name))
    return grid


def _made(
    wish: GridWish, seen: list[Grid], valid: Sequence[Grid]
) -> tuple[list[Draft], list[Grid]]:
    if wish.kind == "merge":
        kept, other = seen
        joined = merge_areas(shape(kept.geometry), shape(other.geometry))
        before = next((each for each in seen if each.name == wish.fields.name), None)
        return [Draft(wish.fields, joined, before)], [each for each in seen if each is not before]
    if wish.outline is None:
        raise _wrong("outline", say("Draw it on the map, or write its coordinates."))
    if wish.kind == "split":
        (whole,) = seen
        stays, leaves = split_area(shape(whole.geometry), wish.outline)
        return [Draft(fields_of(whole), stays, whole), Draft(wish.fields, leaves)], []
    others = [shape(each.geometry) for each in valid if each not in seen]
    area = fit_area(
        wish.outline, [each for each in others if each.intersects(wish.outline.envelope)]
    )
    before = seen[0] if seen else None
    if before is None or before.name == wish.fields.name:
        return [Draft(wish.fields, area, before)], []
    return [Draft(wish.fields, area)], [before]


def fields_of(grid: Grid) -> GridFields:
    """Return what a version is beside its outline."""
    return GridFields(grid.name, grid.team_id, grid.name_zh, grid.zone, grid.in_circle)


def _check_names(
    makes: Sequence[Draft], ends: Sequence[Grid], valid: Sequence[Grid], begins: datetime
) -> None:
    """Refuse a name that another grid has, then or in a version that begins later."""
    own = {each.before.id for each in makes if each.before} | {each.id for each in ends}
    taken = {each.name for each in valid if each.id not in own}
    names = [each.fields.name for each in makes]
    for name in names:
        newest = newest_version(name)
        is_later = newest is not None and newest.valid_from > begins
        if name in taken or names.count(name) > 1 or is_later:
            raise _wrong("name", say("There is a grid “%(name)s” already.", name=name))


def _as_shape(grid: Grid) -> GridShape:
    return GridShape(grid.id, grid.name, grid.team_id, shape(grid.geometry))


def _moves(new: list[GridShape], gone: set[int], drawn: set[int]) -> list[Move]:
    """Return the open tickets that no crew has reached and whose grid or team changes."""
    index = GridIndex(new)
    teams = {row.id: row.name for row in db.session.execute(select(Team.id, Team.name))}
    rows = db.session.execute(
        select(
            Ticket.id, Ticket.lat, Ticket.lon, Ticket.grid_id, Ticket.team_id, Grid.name,
            Grid.team_id.label("owner"),
        )
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .where(Ticket.state.not_in(_SETTLED), Ticket.lat.is_not(None), Ticket.lon.is_not(None))
        .order_by(Ticket.id)
    )  # fmt: skip
    touched = _names(gone)
    moves = []
    for row in rows:
        found = index.find_grid(Point(row.lat, row.lon))
        if found.key not in drawn and row.name not in touched:
            continue
        target = index.grid(found.key) if found.key is not None else None
        # A team that a dispute or a person decided stays, whatever the grids are.
        is_own = row.team_id is None or row.team_id == row.owner
        team_id = (target.team_id if target else None) if is_own else row.team_id
        name = target.name if target else None
        if (name, team_id) == (row.name, row.team_id):
            continue
        was, becomes = (row.name, _named(teams, row.team_id)), (name, _named(teams, team_id))
        moves.append(Move(row.id, found.standing, found.key, team_id, was, becomes))
    return moves


def _names(ids: set[int]) -> set[str]:
    return set(db.session.scalars(select(Grid.name).where(Grid.id.in_(ids))))


def _named(teams: dict[int, str], team_id: int | None) -> str | None:
    return None if team_id is None else teams[team_id]
