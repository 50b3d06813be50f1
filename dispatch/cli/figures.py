"""How does `onevisit figures` print what the dashboards show?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.running import answer, application
from dispatch.cli.wording import word
from dispatch.domain.arrival_evidence import grade_name
from dispatch.domain.figures import By
from dispatch.domain.periods import period_between
from dispatch.domain.sentences import say
from dispatch.domain.stages import Stage

if TYPE_CHECKING:
    from dispatch.domain.figures import FigureRow
    from dispatch.domain.periods import Period
    from dispatch.domain.samples import Percentiles

GROUPINGS = tuple(str(by) for by in By)
_PERCENT = 100
_SECONDS_A_MINUTE = 60


@command("figures", say("Print what the dashboards show."))
@option(
    "--from",
    "first",
    required=True,
    metavar="DAY",
    sentence=say("First day of the range, such as 2015-01-01, in the utility's zone."),
)
@option(
    "--to",
    "until",
    required=True,
    metavar="DAY",
    sentence=say("First day after the range; it is not in it."),
)
@option(
    "--by",
    type=click.Choice(GROUPINGS),
    sentence=say(
        "One row for each grid, team, hour, category, level, storm and no storm, or evidence of "
        "the arrival."
    ),
)
@json_option
def figures(first: str, until: str, by: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Work out the figures of every ticket received in a range of days."""
    with application() as app:
        from dispatch.access import current_time  # noqa: PLC0415  help needs no application
        from dispatch.domain.permissions import Scope  # noqa: PLC0415  likewise
        from dispatch.queries.figures import figure_rows  # noqa: PLC0415  likewise

        period = period_between(first, until, app.config["SETTINGS"].zone)
        grouped = By(by) if by else None
        rows = figure_rows(period, Scope(everything=True), by=grouped, now=current_time())
    if as_json:
        answer(True, _as_json(period, grouped, rows))  # noqa: FBT003
    else:
        _print_table(period, grouped, rows)


def _as_json(period: Period, by: By | None, rows: list[FigureRow]) -> dict[str, Any]:
    return {
        "from": period.first.isoformat(),
        "to": period.until.isoformat(),
        "by": by and str(by),
        "time_zone": str(period.zone),
        "rows": [row.as_json() for row in rows],
    }


def _print_table(period: Period, by: By | None, rows: list[FigureRow]) -> None:
    from rich.console import Console  # noqa: PLC0415  only a person needs it
    from rich.table import Table  # noqa: PLC0415  likewise

    title = say(
        "Tickets received from %(first)s up to %(until)s (not included), %(zone)s",
        first=period.first.isoformat(),
        until=period.until.isoformat(),
        zone=str(period.zone),
    )
    table = Table(title=word(title), title_justify="left")
    table.add_column(word(_GROUP_NAMES[by]))
    for heading in _HEADINGS:
        table.add_column(word(heading), justify="right")
    for row in rows:
        table.add_row(_key(row, by), *_cells(row))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


_GROUP_NAMES = {
    None: say("Group"),
    By.GRID: say("Grid"),
    By.TEAM: say("Team"),
    By.HOUR: say("Hour"),
    By.CATEGORY: say("Category"),
    By.LEVEL: say("Level"),
    By.STORM: say("Storm mode"),
    By.EVIDENCE: say("Evidence of the arrival"),
}
_STORM_NAMES = {True: say("in a storm"), False: say("outside a storm")}
_HEADINGS = (
    say("Tickets"),
    say("Closed"),
    say("Within 30 min"),
    say("Response P50 min"),
    say("Response P90 min"),
    say("Repair P50 min"),
    say("Fixed the first time"),
)


def _key(row: FigureRow, by: By | None) -> str:
    if by is None:
        return word(say("All"))
    if by is By.STORM:
        return word(_STORM_NAMES[bool(row.key)])
    if by is By.EVIDENCE:
        return word(grade_name(row.key))
    return word(say("none")) if row.key is None else str(row.key)


def _cells(row: FigureRow) -> list[str]:
    response, repair = row.stages[Stage.RESPONSE], row.stages[Stage.REPAIR]
    return [
        str(row.n),
        str(row.flow.closed),
        _percent(row.attainment_30.rate),
        _minutes(response, "p50"),
        _minutes(response, "p90"),
        _minutes(repair, "p50"),
        _percent(row.first_time_fix.share.rate),
    ]


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * _PERCENT:.1f} %"


def _minutes(spread: Percentiles | None, name: str) -> str:
    return "–" if spread is None else f"{getattr(spread, name) / _SECONDS_A_MINUTE:.1f}"
