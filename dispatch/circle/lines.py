"""Which numbers stand on the circle, one a line, as a file holds them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dispatch.circle.workbook import Ratio, Sheet
from dispatch.domain.fact_sums import SHOWN_STAGES
from dispatch.domain.lost_minutes import ROAD
from dispatch.domain.part_of_week import SINGLE_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dispatch.domain.attainment import Attainment
    from dispatch.domain.broken_promises import BrokenPromises, SplitBy
    from dispatch.domain.samples import Percentiles, Share
    from dispatch.queries.figures import CircleFigures, GroupFigures, OpenNow

LINE_COLUMNS = ("table", "group", "figure", "value", "n")
_SPREAD = ("p50", "p80", "p90", "p95", "max")
_SECONDS_A_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """One number: its table and group, what it is, its value, and the n it stands on.

    Shares are of one, times in minutes, counts have no n; None is "no data".
    """

    table: str
    group: str
    figure: str
    value: Any
    n: int | None = None

    @property
    def cells(self) -> list[Any]:
        """Return the line as the row of a file."""
        return [self.table, self.group, self.figure, self.value, self.n]


def lines_of(
    figures: CircleFigures, broken: BrokenPromises, waiting: OpenNow, by: SplitBy
) -> list[Line]:
    """Return every number that the circle shows of a view, in the order of the page."""
    return [
        *_overview(figures, waiting),
        *_group("period", "asked", figures.total),
        *(_group("period", "before", figures.before) if figures.before else ()),
        *_groups("team", figures.by_team),
        *_groups("grid", figures.by_grid),
        *_groups("level", figures.by_level),
        *_groups("hour", figures.by_hour),
        *_groups("storm", figures.by_storm),
        *_groups("evidence", figures.by_evidence),
        *_broken(broken, by),
        *_week(broken),
        *_left_out(figures),
    ]


def grid_lines(figures: CircleFigures) -> dict[str | None, dict[str, Any]]:
    """Return the figures of each grid by its name, as the properties of a map feature."""
    found: dict[str | None, dict[str, Any]] = {}
    for row in figures.by_grid:
        key = None if row.key is None else str(row.key)
        lines = _group("grid", key or "", row)
        found[key] = {line.figure: line.value for line in lines} | {
            f"{line.figure}_n": line.n for line in lines if line.n is not None
        }
    return found


def sheets_of(lines: Sequence[Line], names: dict[str, str]) -> list[Sheet]:
    """Return a sheet for each table, a row a group, with each n beside its value."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for line in lines:
        row = tables.setdefault(line.table, {}).setdefault(line.group, {})
        row[line.figure] = line.value
        if line.n is not None:
            row[f"{line.figure} n"] = line.n
    return [_pivot(names.get(table, table), groups) for table, groups in tables.items()]


def _pivot(name: str, groups: dict[str, dict[str, Any]]) -> Sheet:
    columns = list(dict.fromkeys(figure for row in groups.values() for figure in row))
    rows = [[group, *(row.get(figure) for figure in columns)] for group, row in groups.items()]
    return Sheet(name, ["group", *columns], rows)


def _overview(figures: CircleFigures, waiting: OpenNow) -> Iterator[Line]:
    def line(figure: str, value: Any, n: int | None = None) -> Line:
        return Line("overview", "", figure, value, n)

    if figures.within:
        yield line("minutes_within", Ratio(figures.within))
    yield from (
        Line("overview", "", name, value, n)
        for name, value, n in (
            *_promise("repair_attainment", figures.repair),
            *_promise("call_back_attainment", figures.call_back),
        )
    )
    for repeat in figures.repeats:
        yield line(f"repeat_{repeat.days}_days", _ratio(repeat.share.rate), repeat.share.n)
    for name in ("one_call", "one_ticket", "one_team", "one_arrival", "one_fix"):
        share: Share = getattr(figures.five_ones, name)
        yield line(name, _ratio(share.rate), share.n)
    said = figures.said
    for name in ("answered", "solved", "process", "result"):
        share = getattr(said, name)
        yield line(f"follow_up_{name}", _ratio(share.rate), share.n)
    for name in ("asked", "not_fixed", "not_said", "refused", "silent"):
        yield line(f"follow_up_{name}", getattr(said, name))
    flow = figures.flow
    for name in ("opened", "closed", "backlog", "overdue", "returns", "overrides"):
        yield line(name, getattr(flow, name))
    yield line("dispatches_per_ticket", flow.dispatches_per_ticket, flow.dispatched)
    yield line("assigned_by_rule", _ratio(flow.by_rule.rate), flow.by_rule.n)
    for band, count in flow.age_bands.items():
        yield line(f"backlog_{band}", count)
    for cause, count in figures.causes.items():
        yield line(f"second_visit_{cause}", count)
    yield line("open_now", waiting.open)
    yield line("overdue_now", len(waiting.overdue))


def _groups(table: str, rows: Iterable[GroupFigures]) -> Iterator[Line]:
    for row in rows:
        yield from _group(table, "" if row.key is None else str(row.key), row)


def _group(table: str, group: str, row: GroupFigures) -> list[Line]:
    fix = row.first_time_fix
    found: list[tuple[str, Any, int | None]] = [
        ("tickets", row.n, None),
        *_promise("circle_attainment", row.circle),
        *_promise("within_30", row.within_30),
        ("first_time_fix", _ratio(fix.share.rate), fix.share.n),
        ("first_time_fix_confirmed", _ratio(fix.confirmed.rate), fix.confirmed.n),
    ]
    for stage in SHOWN_STAGES:
        found.extend(_minutes(f"{stage}_minutes", row.stages[stage]))
    return [Line(table, group, name, value, n) for name, value, n in found]


def _promise(name: str, found: Attainment) -> Iterator[tuple[str, Any, int | None]]:
    yield name, _ratio(found.rate), found.n
    yield f"{name}_adjusted", _ratio(found.adjusted_rate), found.adjusted_n
    for part in ("met", "late", "open_overdue", "not_due"):
        yield f"{name}_{part}", getattr(found, part), None


def _minutes(name: str, spread: Percentiles | None) -> Iterator[tuple[str, Any, int | None]]:
    for part in _SPREAD:
        value = None if spread is None else getattr(spread, part) / _SECONDS_A_MINUTE
        yield f"{name}_{part}", value, spread.n if spread else 0


def _broken(broken: BrokenPromises, by: SplitBy) -> Iterator[Line]:
    for row in broken.rows:
        group, lost = "" if row.key is None else str(row.key), row.lost
        found: list[tuple[str, Any, int | None]] = [
            ("broken", lost.broken.hits, None),
            ("broken_share", _ratio(lost.broken.rate), lost.broken.n),
            ("worst_stage", lost.worst and str(lost.worst), None),
            ("worst_stage_share", _ratio(lost.worst_share), None),
        ]
        for stage in ROAD:
            found.extend(list(_minutes(f"{stage}_minutes", row.road.get(stage)))[:1])
        for name, value, n in found:
            yield Line(f"broken_by_{by}", group, name, value, n)


def _week(broken: BrokenPromises) -> Iterator[Line]:
    for (day, hour), share in broken.week.items():
        group = f"{SINGLE_DAYS[day]} {hour:02d}:00"
        yield Line("week", group, "broken_share", _ratio(share.rate), share.n)


def _left_out(figures: CircleFigures) -> Iterator[Line]:
    total = figures.total
    for name, excluded in (
        ("circle_attainment", total.circle.excluded),
        ("within_30", total.within_30.excluded),
        ("repair_attainment", figures.repair.excluded),
        ("call_back_attainment", figures.call_back.excluded),
        ("first_time_fix", total.first_time_fix.excluded),
    ):
        for reason, count in excluded.items():
            yield Line("left_out", name, str(reason), count)


def _ratio(rate: float | None) -> Ratio | None:
    return None if rate is None else Ratio(rate)
