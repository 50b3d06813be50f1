"""What do the figures of a view say in each cell of a map, and which tickets lie in a cell?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import select

from dispatch.domain.cell_figures import (
    CELL_COLUMNS,
    POINT_COLUMNS,
    WIDTHS,
    CellFigures,
    CellShape,
    Over,
    cell_facts,
    cell_figures,
)
from dispatch.domain.errors import Invalid
from dispatch.domain.hexagons import Hexagons, cells_apart, hexagons_near, numbers_apart
from dispatch.domain.microseconds import instant, micros
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.wall_clock import local_hours
from dispatch.models.base import db
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.coverage import chances_at, coverage_for
from dispatch.queries.facts import facts_for
from dispatch.queries.figure_looks import last_event
from dispatch.queries.figures import local_names
from dispatch.queries.grid_map import grid_features
from dispatch.queries.grids import grid_map
from dispatch.queries.kept_answers import kept_when_large
from dispatch.queries.stories import ROWS_AT_ONCE, end_reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dispatch.domain.fact_columns import FactColumns
    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

    Ints = NDArray[np.int64]

MOST_DAYS = 62
"""A slider over the days of a longer range would hold more cells than anybody looks at."""

HOURS = 24
DEGREE_DIGITS = 7
NOWHERE = -1
UNPLACED = "none"
"""The key of the tickets that lie in no cell."""

_HEXAGON = re.compile(r"(-?\d{1,2})_(-?\d{1,7})_(-?\d{1,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class MapCell:
    """A cell with its figures over the whole range, and by hour or day where it has tickets.

    `key` names it in an address: a grid by its name, a hexagon by its numbers. `grid` is the grid
    most of its tickets lie in, `middle` latitude and longitude of a hexagon. `outline` is GeoJSON,
    None for a grid that is no longer in force.
    """

    key: str
    grid: str | None
    middle: tuple[float, float] | None
    outline: dict[str, Any] | None
    whole: CellFigures
    parts: dict[int, CellFigures]


@dataclass(frozen=True, slots=True)
class CircleMap:
    """The cells of a view, and beside them the figures of all its tickets, placed or not."""

    as_of: datetime
    event: int
    cells: list[MapCell]
    whole: CellFigures
    parts: list[CellFigures]
    unplaced: list[int]

    @property
    def unplaced_in_all(self) -> int:
        """Return how many tickets lie in no cell."""
        return sum(self.unplaced)


@dataclass(frozen=True, slots=True)
class CellTicket:
    """A ticket of a cell; `kept` tells of its promise of 30 minutes, None when it has no part."""

    number: str
    received_at: datetime
    category: str
    level: int | None
    grid: str | None
    kept: bool | None
    response: float | None


_Named = tuple[str, str | None, tuple[float, float] | None, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Key, grid, middle and outline of each cell, and the cell of each ticket or `NOWHERE`."""

    named: list[_Named]
    codes: Ints


@kept_when_large(lambda found: found.whole.n)
def circle_map(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    shape: CellShape,
    *,
    over: Over | None = Over.HOURS,
    now: datetime,
) -> CircleMap:
    """Return the figures of each cell, for the whole range and for each hour of the day, or day.

    Grids in force that have no ticket are there too where the view is of every grid; hexagons have
    at least one ticket. The days of a range of more than `MOST_DAYS` are not told apart, nor is
    anything where `over` is None.
    """
    event = last_event()
    facts = _received(period, scope, filters, now, shape)
    names = _grid_names()
    if shape is CellShape.GRID:
        shown = _grids_shown(scope, filters, now)
        end_reading()
        cells = _by_grid(facts, names, shown)
    else:
        hexagons = _hexagons(facts, WIDTHS[shape], now)
        end_reading()
        cells = _by_hexagon(facts, hexagons, names)
    return _measured(facts, cells, _parts(facts, period, over), (now, event))


def _measured(
    facts: Facts, cells: _Cells, by_part: tuple[Ints, int], moment: tuple[datetime, int]
) -> CircleMap:
    part_of, parts = by_part
    each, size = cell_facts(facts, moment[0]), len(cells.named) + 1
    # The tickets that lie in no cell have one of their own, which is the first.
    code = cells.codes - NOWHERE
    nowhere, *whole = cell_figures(each, code, size)
    by_cell: list[dict[int, CellFigures]] = [
        {0: figures} if figures.n else {} for figures in (nowhere, *whole)
    ]
    if parts > 1:
        numbers, places = numbers_apart(code * parts + part_of)
        by_cell = [{} for _ in range(size)]
        for number, figures in zip(
            numbers.tolist(), cell_figures(each, places, numbers.size), strict=True
        ):
            by_cell[number // parts][number % parts] = figures
    return CircleMap(
        *moment,
        cells=[
            MapCell(*named, figures, found)
            for named, figures, found in zip(cells.named, whole, by_cell[1:], strict=True)
        ],
        whole=cell_figures(each, np.zeros_like(part_of), 1)[0],
        parts=cell_figures(each, part_of, parts),
        unplaced=[by_cell[0][part].n if part in by_cell[0] else 0 for part in range(parts)],
    )


def coverage_of_cells(
    cells: list[MapCell], shape: CellShape, scope: Scope, now: datetime
) -> dict[str, float]:
    """Return the chance now that a crew is in time, by the key of a cell; unknown ones are absent.

    Of a grid as everywhere else, of a hexagon at its middle.
    """
    if shape is CellShape.GRID:
        view = coverage_for(scope, now, hours=(0,))
        chances = view.hours[0].by_grid.tolist()
        return {grid.name: chance for grid, chance in zip(view.grids, chances, strict=True)}
    middles = np.array([cell.middle for cell in cells], dtype=np.float64).reshape(-1, 2)
    if not len(middles):
        return {}
    return dict(zip((cell.key for cell in cells), chances_at(middles, now).tolist(), strict=True))


def tickets_in_cell(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    shape: CellShape,
    key: str,
    *,
    now: datetime,
) -> list[CellTicket]:
    """Return the tickets of a cell, or those in none: broken promises first, then the slowest.

    Raises:
        Invalid: when the key names no hexagon.
    """
    facts = _received(period, scope, filters, now, shape)
    names = _grid_names()
    if shape is CellShape.GRID:
        wanted = [number for number, name in names.items() if name == key]
        known = np.isin(facts["grid"], list(names))
        facts = facts[~known if key == UNPLACED else np.isin(facts["grid"], wanted)]
    else:
        facts = facts[_in_hexagon(facts, shape, key)]
    each = np.arange(facts.size, dtype=np.int64)
    figures = cell_figures(cell_facts(facts, now), each, facts.size)
    rows = [facts[name].tolist() for name in ("ticket", "received_at", "grid")]
    words = _categories(rows[0])
    found = [
        CellTicket(
            ticket_number(ticket),
            instant(received),
            *words[ticket],
            names.get(grid),
            bool(one.kept) if one.due else None,
            one.response_p90,
        )
        for ticket, received, grid, one in zip(*rows, figures, strict=True)
        if ticket in words
    ]
    return sorted(found, key=lambda one: (one.kept is not False, -(one.response or 0), one.number))


def _received(
    period: Period, scope: Scope, filters: FigureFilters, now: datetime, shape: CellShape
) -> FactColumns:
    names = CELL_COLUMNS if shape is CellShape.GRID else CELL_COLUMNS | POINT_COLUMNS
    facts = facts_for(period.from_at, period.to_at, scope, filters, now=now, names=names)
    return facts[facts["received_at"] >= micros([period.from_at])]


def _grid_names() -> dict[int, str]:
    return {row.id: row.name for row in db.session.execute(select(Grid.id, Grid.name))}


def _grids_shown(
    scope: Scope, filters: FigureFilters, now: datetime
) -> dict[str, dict[str, Any] | None]:
    """Return the outlines of the grids in force that the asker sees, by name."""
    mine = local_names(scope)["grid"]
    in_force = grid_features(now)[0] or []
    found = {one["properties"]["name"]: one["geometry"] for one in in_force}
    if filters.grid is not None:
        mine = {filters.grid: None}
    return {name: outline for name, outline in found.items() if name in mine}


def _by_grid(
    facts: Facts, names: dict[int, str], shown: dict[str, dict[str, Any] | None]
) -> _Cells:
    numbers, of_each = numbers_apart(facts["grid"])
    found = [names.get(number) for number in numbers.tolist()]
    keys = sorted({name for name in found if name is not None} | shown.keys())
    places = {key: place for place, key in enumerate(keys)}
    codes = np.array([places.get(name or "", NOWHERE) for name in found], dtype=np.int64)
    return _Cells([(key, key, None, shown.get(key)) for key in keys], codes[of_each])


def _by_hexagon(facts: Facts, hexagons: Hexagons, names: dict[int, str]) -> _Cells:
    placed = np.flatnonzero(~np.isnan(facts["lat"]))
    codes = np.full(facts.size, NOWHERE, dtype=np.int64)
    cells, of_each = cells_apart(hexagons.cells_of(facts["lat"][placed], facts["lon"][placed]))
    codes[placed] = of_each
    middles = hexagons.middles(cells).tolist()
    corners = np.round(hexagons.corners(cells), DEGREE_DIGITS)
    rings = np.concatenate([corners, corners[:, :1]], axis=1).tolist()
    grids = _most_in(facts["grid"][placed], of_each, len(cells))
    return _Cells(
        [
            (
                f"{hexagons.lat}_{east}_{north}",
                names.get(grid),
                (lat, lon),
                {"type": "Polygon", "coordinates": [ring]},
            )
            for (east, north), grid, (lon, lat), ring in zip(
                cells.tolist(), grids, middles, rings, strict=True
            )
        ],
        codes,
    )


def _shapes(now: datetime) -> list[Any]:
    known = grid_map(now)
    return [known.index.grid(key).shape for key in sorted(known.facts)]


def _hexagons(facts: Facts, width: float, now: datetime) -> Hexagons:
    """Return hexagons at the middle of the grids, which no range moves; else of the tickets."""
    shapes = _shapes(now)
    if shapes:
        _, south, _, north = shapely.total_bounds(shapes)
        return hexagons_near(float(south + north) / 2, width)
    lats = facts["lat"][~np.isnan(facts["lat"])]
    return hexagons_near(float(np.median(lats)) if lats.size else 0.0, width)


def _most_in(grids: Ints, codes: Ints, size: int) -> list[int]:
    """Return the grid that most tickets of each cell are in."""
    numbers, of_each = numbers_apart(grids)
    found = np.zeros(size, dtype=np.int64)
    pairs, counts = np.unique(codes * numbers.size + of_each, return_counts=True)
    if pairs.size:
        pairs = pairs[np.argsort(counts, kind="stable")]
        cells, places = np.divmod(pairs, numbers.size)
        found[cells] = numbers[places]
    return found.tolist()


def _parts(facts: Facts, period: Period, over: Over | None) -> tuple[Ints, int]:
    """Return the hour or the day of each ticket, and how many of them there are."""
    if over is Over.HOURS:
        return local_hours(facts["received_at"], period.zone), HOURS
    if over is None or period.days > MOST_DAYS:
        return np.zeros(facts.size, dtype=np.int64), 1
    days = [period.first + timedelta(days=day) for day in range(period.days)]
    begins = micros([datetime.combine(day, time(), period.zone) for day in days])
    found: Ints = np.searchsorted(begins, facts["received_at"], side="right") - 1
    return found, period.days


def _in_hexagon(facts: Facts, shape: CellShape, key: str) -> NDArray[np.bool_]:
    placed: NDArray[np.bool_] = ~np.isnan(facts["lat"])
    if key == UNPLACED:
        return ~placed
    found = _HEXAGON.fullmatch(key)
    if found is None:
        fault = say("There is no cell “%(key)s” on the map. Choose one from it.", key=key)
        raise Invalid(fault, fields={"cell": fault})
    lat, east, north = (int(part) for part in found.groups())
    cells = Hexagons(lat, WIDTHS[shape]).cells_of(facts["lat"][placed], facts["lon"][placed])
    placed[placed] = (cells == (east, north)).all(axis=1)
    return placed


def _categories(tickets: list[int]) -> dict[int, tuple[str, int | None]]:
    """Return category and level of tickets by number."""
    found: dict[int, tuple[str, int | None]] = {}
    for start in range(0, len(tickets), ROWS_AT_ONCE):
        some = tickets[start : start + ROWS_AT_ONCE]
        rows = db.session.execute(
            select(Ticket.id, Ticket.category, Ticket.level).where(Ticket.id.in_(some))
        )
        found |= {row.id: (row.category, row.level) for row in rows}
    return found
