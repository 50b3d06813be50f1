"""How does `onevisit site` choose where bases should stand?"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.declaring import command, json_option, option
from dispatch.cli.input_files import open_lines
from dispatch.cli.running import answer, application
from dispatch.cli.wording import command_language, word
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import EARLIEST, LATEST, Period, period_between
from dispatch.domain.sentences import say
from dispatch.domain.site_rows import read_site_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import numpy as np
    from numpy.typing import NDArray

    from dispatch.domain.sentences import Sentence
    from dispatch.domain.siting import Siting
    from dispatch.domain.travel import TravelTimes
    from dispatch.queries.sites import Site

    Floats = NDArray[np.float64]
    Covers = NDArray[np.bool_]

CIRCLE_MINUTES = 30.0
MOST_PLACES = 10_000
"""More distinct places are put together into squares of a thousandth of a degree, about 100 m."""

_SQUARE_DIGITS = 3
_PERCENT = 100
_SECONDS_A_MINUTE = 60


@dataclass(frozen=True)
class Reach:
    """How far a site covers: a drive in minutes, or metres as the crow flies."""

    minutes: float | None
    metres: float | None

    def covers(self, sites: Sequence[Site], places: Floats, travel: TravelTimes) -> Covers:
        """Tell which places each site covers, sites × places, whatever the hour."""
        import numpy as np  # noqa: PLC0415  help needs no arrays

        from dispatch.domain.siting import covered_by  # noqa: PLC0415  likewise
        from dispatch.domain.travel import great_circle_metres  # noqa: PLC0415  likewise

        origins = np.array([(site.lat, site.lon) for site in sites]).reshape(-1, 2)
        if self.metres is not None:
            return covered_by(great_circle_metres(origins, places), self.metres)
        limit = (self.minutes or CIRCLE_MINUTES) * _SECONDS_A_MINUTE
        return covered_by(travel.seconds(origins, places, None), limit)

    def in_words(self) -> Sentence:
        """Word the reach."""
        if self.metres is not None:
            return say("%(metres)s m as the crow flies", metres=f"{self.metres:g}")
        return say("a drive of %(minutes)s min", minutes=f"{self.minutes or CIRCLE_MINUTES:g}")


@dataclass(frozen=True)
class Answer:
    """What was chosen, and what it is compared with."""

    period: Period | None
    reach: Reach
    sites: Sequence[Site]
    covers: Covers
    weights: Floats
    chosen: Siting
    today: Sequence[Site]
    today_share: float | None

    def share_of(self, site: int) -> float:
        """Return the share of the tickets that one site covers alone."""
        return float(self.weights[self.covers[site]].sum() / self.weights.sum())


@command("site", say("Choose where bases should stand so that most of the tickets are covered."))
@option(
    "--sites",
    "count",
    type=click.IntRange(1),
    required=True,
    sentence=say("How many sites to choose."),
)
@option(
    "--within",
    "minutes",
    type=click.FloatRange(0, min_open=True),
    sentence=say("Minutes of driving that a site covers; 30 unless told."),
)
@option(
    "--metres",
    type=click.FloatRange(0, min_open=True),
    sentence=say("Metres as the crow flies that a site covers, in place of minutes."),
)
@option("--from", "first", metavar="DAY", sentence=say("First day of the calls."))
@option("--to", "until", metavar="DAY", sentence=say("Day after the last."))
@option(
    "--candidates",
    "file",
    type=click.Path(path_type=Path),
    sentence=say("CSV with name, lat, lon to choose from; else today's bases and the grids."),
)
@json_option
def site(
    *,
    count: int,
    minutes: float | None,
    metres: float | None,
    file: Path | None,
    as_json: bool,
    **days: str | None,
) -> None:
    """Choose the sites exactly, from the tickets of a range of days."""
    if minutes is not None and metres is not None:
        fault = say("Give either --within or --metres, not both.")
        raise Invalid(fault, fields={"metres": fault})
    if not math.isfinite(minutes or metres or 1.0):
        fault = say("A reach is a number of minutes or metres.")
        raise Invalid(fault, fields={"within": fault})
    with application() as app:
        from dispatch.access import current_time  # noqa: PLC0415  help needs no application

        period = _period(days["first"], days["until"], app.config["SETTINGS"].zone)
        found = _choose(count, Reach(minutes, metres), period, file, current_time())
    if as_json:
        answer(True, _as_json(found))  # noqa: FBT003
    else:
        _print_table(found)
        answer(False, {}, *_lines(found))  # noqa: FBT003


def _period(first: str | None, until: str | None, zone: ZoneInfo) -> Period | None:
    if first is None and until is None:
        return None
    return period_between(first or EARLIEST.isoformat(), until or LATEST.isoformat(), zone)


def _choose(
    count: int, reach: Reach, period: Period | None, file: Path | None, now: datetime
) -> Answer:
    from dispatch.domain.siting import covered_demand, maximal_covering  # noqa: PLC0415
    from dispatch.queries.sites import bases, candidate_sites  # noqa: PLC0415
    from dispatch.queries.workload import usual_travel  # noqa: PLC0415

    places, weights, travel = *_demand(period), usual_travel(now)
    sites = candidate_sites(now) if file is None else _sites_of(file)
    covers = reach.covers(sites, places, travel)
    chosen = maximal_covering(covers, weights, count)
    today = bases()
    everywhere = covered_demand(reach.covers(today, places, travel), weights, range(len(today)))
    share = everywhere / float(weights.sum()) if today else None
    return Answer(period, reach, sites, covers, weights, chosen, today, share)


def _demand(period: Period | None) -> tuple[Floats, Floats]:
    """Return the places of the tickets, (n, 2) in degrees, and how many lie at each.

    Raises:
        Invalid: when there is none.
    """
    import numpy as np  # noqa: PLC0415  help needs no arrays

    from dispatch.queries.demand import located_tickets  # noqa: PLC0415  likewise

    days = (None, None) if period is None else (period.from_at, period.to_at)
    tickets = located_tickets(*days)
    if not len(tickets):
        fault = say("No located ticket was received in these days: choose others, or import some.")
        raise Invalid(fault, fields={"from": fault})
    places, counts = np.unique(tickets, axis=0, return_counts=True)
    if len(places) > MOST_PLACES:
        places, counts = np.unique(tickets.round(_SQUARE_DIGITS), axis=0, return_counts=True)
    return places, counts.astype(np.float64)


def _sites_of(file: Path) -> list[Site]:
    from dispatch.queries.sites import Site  # noqa: PLC0415  help needs no tables

    with open_lines(file) as (lines, _bytes_read):
        rows = read_site_rows(lines, file.name)
    return [Site(row.name, "file", row.point.lat, row.point.lon) for row in rows]


def _as_json(found: Answer) -> dict[str, Any]:
    period = found.period
    return {
        "from": period and period.first.isoformat(),
        "to": period and period.until.isoformat(),
        "within_minutes": None
        if found.reach.metres is not None
        else found.reach.minutes or CIRCLE_MINUTES,
        "metres": found.reach.metres,
        "tickets": int(found.weights.sum()),
        "candidates": len(found.sites),
        "sites": [
            {
                "name": found.sites[site].name,
                "name_zh": found.sites[site].name_zh,
                "kind": found.sites[site].kind,
                "lat": found.sites[site].lat,
                "lon": found.sites[site].lon,
                "share": found.share_of(site),
            }
            for site in found.chosen.sites
        ],
        "share": found.chosen.share,
        "proven": found.chosen.proven,
        "today": {"bases": len(found.today), "share": found.today_share},
    }


def _print_table(found: Answer) -> None:
    from rich.console import Console  # noqa: PLC0415  only a person needs it
    from rich.table import Table  # noqa: PLC0415  likewise

    table, is_chinese = Table(), command_language() == "zh-CN"
    for heading in (say("Site"), say("Kind"), say("Latitude"), say("Longitude")):
        table.add_column(word(heading))
    table.add_column(word(say("Covers alone")), justify="right")
    for place in found.chosen.sites:
        each = found.sites[place]
        at = (f"{each.lat:.5f}", f"{each.lon:.5f}")
        name = (is_chinese and each.name_zh) or each.name
        table.add_row(name, word(_KINDS[each.kind]), *at, _percent(found.share_of(place)))
    Console(width=None if sys.stdout.isatty() else 120).print(table)


_KINDS = {"base": say("base of today"), "grid": say("middle of a grid"), "file": say("from file")}


def _lines(found: Answer) -> list[Sentence]:
    lines = [
        say(
            "Together: %(share)s of %(tickets)s tickets within %(reach)s, from %(sites)s of "
            "%(candidates)s places.",
            share=_percent(found.chosen.share),
            tickets=int(found.weights.sum()),
            reach=found.reach.in_words(),
            sites=len(found.chosen.sites),
            candidates=len(found.sites),
        )
    ]
    if found.today:
        share, count = _percent(found.today_share), len(found.today)
        lines.append(say("Today's %(count)s bases: %(share)s.", count=count, share=share))
    else:
        lines.append(say("No crew has a base today to compare with."))
    if found.chosen.proven:
        lines.append(say("No other choice of so many covers more."))
    else:
        lines.append(say("The search ran out of time: a better choice may exist."))
    return lines


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * _PERCENT:.2f} %"
