"""What does a manager see: are we keeping the 30 minutes, and where did they go?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.domain.exclusions import EXCLUSION_NAMES
from dispatch.domain.periods import Period, last_days
from dispatch.domain.permissions import Permission
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.sentences import say
from dispatch.domain.stages import STAGE_NAMES, Stage
from dispatch.queries.coverage import coverage_for
from dispatch.queries.figure_rows import csv_of, rows_behind
from dispatch.queries.figures import (
    CircleFigures,
    chinese_names,
    circle_figures,
    history_span,
    open_now,
)
from dispatch.queries.stories import FigureFilters
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.tickets import FigureQuery
from dispatch.web import circle_words
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.circle_definitions import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

blueprint = Blueprint("circle", __name__)

DEFAULT_DAYS = 7
PRESETS = (
    (1, say("Today")),
    (7, say("7 days")),
    (30, say("30 days")),
    (365, say("12 months")),
)
ON_THE_ROAD = (Stage.DISPATCH, Stage.ACKNOWLEDGE, Stage.TURNOUT, Stage.TRAVEL)
OVERDUE_SHOWN = 20
LEAST_COVERED = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a period, what it is compared with, which tickets."""

    period: Period
    compare: bool
    filters: FigureFilters

    def url(self, path: str = "/circle", **changes: str | None) -> str:
        """Return the address of this view with some parts changed; None takes a part away."""
        parts: dict[str, str | None] = {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "compare": "1" if self.compare else "0",
            "team": self.filters.team,
            "grid": self.filters.grid,
            "category": self.filters.category,
            "level": None if self.filters.level is None else str(self.filters.level),
        } | changes
        known = {name: value for name, value in parts.items() if value is not None}
        return f"{path}?{urlencode(known)}"

    def range_url(self, first: date, last: date) -> str:
        """Return the address of the same view of other days."""
        period = Period(first, last + timedelta(days=1), self.period.zone)
        return replace(self, period=period).url()


@blueprint.get("/circle")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show the figures of a range of days, from real history up to now."""
    zone = current_app.config["SETTINGS"].zone
    now, scope = current_time(), current_scope()
    asked = _asked(zone)
    figures = circle_figures(asked.period, scope, asked.filters, compare=asked.compare, now=now)
    waiting = open_now(scope, asked.filters, now=now)
    span = history_span(scope)
    return render_template(
        "circle.html",
        asked=asked,
        figures=figures,
        waiting=waiting,
        coverage=_coverage(),
        overdue=waiting.overdue[:OVERDUE_SHOWN],
        now=now,
        presets=_presets(asked, now.astimezone(zone).date()),
        history=span and tuple(at.astimezone(zone).date() for at in span),
        is_live=asked.period.from_at <= now < asked.period.to_at,
        may_export=current_actor().can(Permission.EXPORT),
        hours=_hours(figures),
        catalogue=browser_catalogue(),
        definitions=DEFINITIONS,
        chinese=chinese_names(),
        words=circle_words,
        stage_names=STAGE_NAMES,
        exclusion_names=EXCLUSION_NAMES,
        left_out=_left_out(figures),
        road=ON_THE_ROAD,
        Stage=Stage,
        minimum=MINIMUM_SAMPLE,
    )


def _coverage() -> dict[str, Any]:
    """Return coverage now, with the grids that are covered least."""
    view = coverage_for(current_scope(), current_time(), hours=(0,))
    [found] = view.hours
    by_chance = sorted(zip(found.by_grid.tolist(), view.grids, strict=True), key=itemgetter(0))
    return {
        "share": found.share,
        "tickets": view.tickets,
        "at": found.at,
        "on_duty": found.on_duty,
        "least": by_chance[:LEAST_COVERED],
        "notes": view.notes,
    }


@blueprint.get("/circle/rows.csv")
@requires(Permission.EXPORT)
def rows() -> Response:
    """Send the tickets behind the figures, exactly those that the view is narrowed to."""
    zone, now = current_app.config["SETTINGS"].zone, current_time()
    asked = _asked(zone)
    period = asked.period
    stories = rows_behind(period, current_scope(), asked.filters, now)

    def body() -> Iterator[str]:
        yield from csv_of(stories, zone, now)

    name = f"tickets_{period.first.isoformat()}_{period.last.isoformat()}.csv"
    answer = Response(body(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked(zone: ZoneInfo) -> Asked:
    today = current_time().astimezone(zone).date()
    first, last = (request.args.get(name, "") for name in ("from", "to"))
    # On a page the last day is in the range, as people say it.
    period = last_days(first, last, today=today, days=DEFAULT_DAYS, zone=zone)
    narrowed = loaded(FigureQuery, filled(request.args, ("team", "grid", "category", "level")))
    filters = FigureFilters(**narrowed)
    return Asked(period, request.args.get("compare") != "0", filters)


def _presets(asked: Asked, today: date) -> list[dict[str, Any]]:
    found = []
    for days, name in PRESETS:
        first = today - timedelta(days=days - 1)
        is_current = (asked.period.first, asked.period.last) == (first, today)
        found.append({"url": asked.range_url(first, today), "name": name, "current": is_current})
    return found


def _hours(figures: CircleFigures) -> list[dict[str, Any]]:
    """Return what the chart of the hours draws: counts, and minutes to the first arrival."""
    found = {row.key: row for row in figures.by_hour}
    hours = []
    for hour in range(24):
        row = found.get(hour)
        response = row.stages[Stage.RESPONSE] if row else None
        hours.append(
            {
                "hour": f"{hour:02d}",
                "tickets": row.n if row else 0,
                "met": row.circle.met if row else 0,
                "late": row.circle.late if row else 0,
                "overdue": row.circle.open_overdue if row else 0,
                "p50": response and response.as_minutes()["p50"],
                "p90": response and response.as_minutes()["p90"],
                "n": response.n if response else 0,
            }
        )
    return hours


def _left_out(figures: CircleFigures) -> list[tuple[Any, dict[Any, int]]]:
    """Return for each figure how many tickets it leaves out, and why."""
    return [
        (say("Circle attainment"), figures.total.circle.excluded),
        (say("Within 30 minutes, whatever was promised"), figures.total.within_30.excluded),
        (say("Repair promise kept"), figures.repair.excluded),
        (say("Calls back kept in time"), figures.call_back.excluded),
        (say("Fixed the first time"), figures.total.first_time_fix.excluded),
    ]
