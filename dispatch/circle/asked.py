"""What does an address of the circle ask for, and what is the address of another view?"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from dispatch.access import current_time
from dispatch.domain.broken_promises import SplitBy, read_key
from dispatch.domain.cell_figures import CellShape, MapFigure, Over
from dispatch.domain.part_of_week import HOURS, part_of_week
from dispatch.domain.periods import Period, last_days
from dispatch.domain.sentences import say
from dispatch.domain.stages import Stage
from dispatch.queries.export import check_names
from dispatch.queries.stories import FigureFilters
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.tickets import CircleQuery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from dispatch.domain.broken_promises import SplitKey

OVERVIEW = "/circle"
RETURNS = "/circle/returns"
PROBLEMS = "/circle/problems"
RESPONSIBILITY = "/circle/responsibility"
PAGES = {
    OVERVIEW: say("Overview"),
    "/circle/map": say("Map"),
    RETURNS: say("First-time fix"),
    PROBLEMS: say("Common problems"),
    RESPONSIBILITY: say("Responsibility"),
    "/circle/ranking": say("Ranking"),
}
"""The pages that show one and the same view, in their order, with their names."""
DEFAULT_DAYS = 7
DAYS_A_YEAR = 365
_RANGE = ("from", "to")
_NARROWED = ("team", "grid", "category", "level")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a period, what it is compared with, which tickets, which split.

    `last` is the number of days up to today when the range moves with the days. `group` is the row
    whose tickets are asked for, `stage` the one in which they lost most time; `cell` is the part of
    a map whose tickets are asked for. `path` is the page that shows this view.
    """

    period: Period
    compare: bool
    filters: FigureFilters
    by: SplitBy = SplitBy.GRID
    last: int | None = None
    wall: bool = False
    group: tuple[SplitBy, SplitKey] | None = None
    stage: Stage | None = None
    only_broken: bool = True
    names_promise: bool = False
    page: int = 1
    ends_today: bool = False
    path: str = OVERVIEW
    shape: CellShape = CellShape.GRID
    figure: MapFigure = MapFigure.ATTAINMENT
    over: Over = Over.HOURS
    cell: str | None = None

    @property
    def parts(self) -> dict[str, str]:
        """Return the query of this view, without what every view has by itself."""
        part = self.filters.part_of_week
        hours = None if part is None or part.is_all_hours else part
        storm = self.filters.storm
        days = {"from": str(self.period.first), "to": str(self.period.last)}
        found: dict[str, str | int | None] = {
            **(days if self.last is None else {"last": self.last}),
            "compare": "1" if self.compare else "0",
            **{name: getattr(self.filters, name) for name in _NARROWED},
            "storm": None if storm is None else int(storm),
            "days": None if part is None else part.days,
            "from_hour": None if hours is None else hours.from_hour,
            "to_hour": None if hours is None else hours.to_hour,
            "by": None if self.by is SplitBy.GRID else str(self.by),
            "wall": "1" if self.wall else None,
            **self._map_parts,
        }
        return {name: str(value) for name, value in found.items() if value is not None}

    @property
    def _map_parts(self) -> dict[str, str]:
        """Return how the address names what its map shows, without what every map has."""
        usual = {"shape": CellShape.GRID, "figure": MapFigure.ATTAINMENT, "over": Over.HOURS}
        return {
            name: str(getattr(self, name))
            for name, value in usual.items()
            if getattr(self, name) is not value
        }

    @property
    def narrowed(self) -> dict[str, str]:
        """Return the filters of this view as the address writes them."""
        names = {each.name for each in fields(FigureFilters)} | {"days", "from_hour", "to_hour"}
        return {name: value for name, value in self.parts.items() if name in names}

    def url(self, path: str | None = None, /, **changes: str | int | None) -> str:
        """Return the address of this view with some parts changed; None takes a part away."""
        parts = self.parts | changes
        known = {name: str(value) for name, value in parts.items() if value is not None}
        return f"{path or self.path}?{urlencode(known)}"

    def range_url(self, first: date, last: date) -> str:
        """Return the address of the same view of other days."""
        period = Period(first, last + timedelta(days=1), self.period.zone)
        return replace(self, period=period, last=None).url()

    @property
    def longer_url(self) -> str | None:
        """Return the same view of a year up to the same day, None when it is as long already."""
        first = self.period.last - timedelta(days=DAYS_A_YEAR - 1)
        return self.range_url(first, self.period.last) if self.period.days < DAYS_A_YEAR else None

    def wall_url(self) -> str:
        """Return the address of this view for a wall; the days of a live one go along."""
        if not self.ends_today:
            return self.url(wall=1)
        return self.url(**{"from": None}, to=None, wall=1, last=self.period.days)

    def tickets_url(
        self,
        key: SplitKey = None,
        stage: str | None = None,
        *,
        whole: bool = False,
        everything: bool = False,
    ) -> str:
        """Return the address of the tickets behind one row, or behind the whole view.

        With `everything` also those that kept the promise.
        """
        group = {} if whole else {"by": str(self.by), "key": "" if key is None else str(key)}
        promise = "all" if everything else None
        return self.url("/circle/tickets", **group, stage=stage, promise=promise, wall=None)

    @property
    def group_parts(self) -> dict[str, str | int | None]:
        """Return how the address names the row and the page of tickets that is shown."""
        found: dict[str, str | int | None] = {
            "stage": self.stage,
            "promise": "broken" if self.only_broken else "all",
        }
        if self.group is not None:
            by, key = self.group
            found |= {"by": str(by), "key": "" if key is None else str(key)}
        return found

    @property
    def fixed(self) -> dict[str, str]:
        """Return the query of exactly these tickets, also when the days have moved on."""
        whole = replace(self, last=None, wall=False).parts
        if not self.is_of_group:
            return whole
        return whole | {name: str(value) for name, value in self.group_parts.items() if value}

    @property
    def is_of_group(self) -> bool:
        """Tell whether the tickets of one row are asked for, and not those of the whole view."""
        return self.group is not None or self.stage is not None or self.names_promise

    def hour_url(self, day: str, hour: int) -> str:
        """Return the address of this view narrowed to one hour of one weekday."""
        return self.url(days=day, from_hour=hour, to_hour=hour + 1)


def read_asked(zone: ZoneInfo) -> Asked:
    """Read the address of the request.

    Raises:
        Invalid: as `asked_of`.
    """
    today = current_time().astimezone(zone).date()
    return asked_of(request.args, request.path, today, zone)


def asked_of(args: Mapping[str, str], path: str, today: date, zone: ZoneInfo) -> Asked:
    """Read the query and the path of an address, as it is meant on a day.

    Raises:
        Invalid: naming what cannot be meant, is not known, or ends before it starts.
    """
    given = loaded(CircleQuery, filled(args, [name for name in args if name not in _RANGE]))
    first, last = (args.get(name, "") for name in _RANGE)
    if given["last"] is not None:
        first = str(today - timedelta(days=given["last"] - 1))
        last = str(today)
    # On a page the last day is in the range, as people say it.
    period = last_days(first, last, today=today, days=DEFAULT_DAYS, zone=zone)
    part = part_of_week(zone, given["days"], given["from_hour"], given["to_hour"])
    filters = FigureFilters(
        **{name: given[name] for name in _NARROWED}, storm=given["storm"], part_of_week=part
    )
    check_names(filters)
    by = SplitBy(given["by"])
    has_group = "key" in args
    return Asked(
        period=period,
        compare=given["compare"],
        filters=filters,
        by=by,
        last=given["last"],
        wall=given["wall"],
        group=(by, read_key(given["key"], by)) if has_group else None,
        stage=None if given["stage"] is None else Stage(given["stage"]),
        only_broken=given["promise"] == "broken",
        names_promise="promise" in args,
        page=given["page"],
        ends_today=period.last == today,
        path=path if path in PAGES else OVERVIEW,
        shape=CellShape(given["shape"]),
        figure=MapFigure(given["figure"]),
        over=Over(given["over"]),
        cell=given["cell"],
    )


def hours_of(filters: FigureFilters) -> tuple[int, int]:
    """Return the hours that a view is narrowed to, 0 and 24 for the whole day."""
    part = filters.part_of_week
    return (0, HOURS) if part is None else (part.from_hour, part.to_hour)
