"""What does a manager see: are we keeping the 30 minutes, and where did they go?"""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, render_template

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.circle.asked import OVERVIEW, PAGES, Asked, hours_of, read_asked
from dispatch.domain.broken_facts import ROAD_COLUMNS
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.definitions import DEFINITIONS
from dispatch.domain.exclusions import EXCLUSION_NAMES
from dispatch.domain.lost_minutes import ROAD
from dispatch.domain.part_of_week import DAY_NAMES, SINGLE_DAYS
from dispatch.domain.permissions import Permission
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.sentences import say
from dispatch.domain.stages import STAGE_NAMES, Stage
from dispatch.queries.circle_broken import broken_in, shown_tickets, tickets_behind
from dispatch.queries.coverage import coverage_for
from dispatch.queries.facts import Moment
from dispatch.queries.figure_looks import last_event, readings_of
from dispatch.queries.figures import (
    CircleFigures,
    chinese_names,
    circle_figures,
    facts_of_view,
    history_span,
    local_names,
    open_now,
    summed_figures,
)
from dispatch.web import circle_words
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.circle_since import changed_since
from dispatch.web.circle_views import kept_views, put_away
from dispatch.web.export_news import export_news

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

blueprint = Blueprint("circle", __name__)

PRESETS = (
    (1, say("Today")),
    (7, say("7 days")),
    (30, say("30 days")),
    (365, say("12 months")),
)
OVERDUE_SHOWN = 20
LEAST_COVERED = 5
TICKETS_A_PAGE = 50


@blueprint.get("/circle")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show the figures of a range of days, from real history up to now."""
    zone = current_app.config["SETTINGS"].zone
    now, scope = current_time(), current_scope()
    asked = read_asked(zone)
    view, compare = (asked.period, scope, asked.filters), asked.compare
    event = last_event()
    moment = Moment(now)
    figures = summed_figures(*view, compare=compare, moment=moment)
    if figures is None:
        facts = facts_of_view(*view, compare=compare, now=now, moment=moment)
        figures = circle_figures(*view, compare=compare, facts=facts, now=now)
    else:
        facts = facts_of_view(*view, compare=False, now=now, moment=moment, names=ROAD_COLUMNS)
    waiting = open_now(scope, asked.filters, now=now)
    span = history_span(scope)
    return render_template(
        "circle.html",
        **shared_words(asked),
        views=kept_views(asked),
        deleted_views=put_away(),
        may_share=current_actor().can(Permission.SHARE_VIEW),
        figures=figures,
        broken=broken_in(*view, by=asked.by, facts=facts, now=now),
        waiting=waiting,
        coverage=_coverage(),
        overdue=waiting.overdue[:OVERDUE_SHOWN],
        now=now,
        history=span and tuple(at.astimezone(zone).date() for at in span),
        is_live=asked.period.from_at <= now < asked.period.to_at,
        hours=_hours(figures),
        catalogue=browser_catalogue(),
        left_out=_left_out(figures),
        since=changed_since(asked, readings_of(figures), event=event, now=now),
    )


@blueprint.get("/circle/tickets")
@requires(Permission.SEE_FIGURES)
def tickets() -> str:
    """Show the tickets behind a row of the circle, each with its own bar."""
    zone, now = current_app.config["SETTINGS"].zone, current_time()
    asked = read_asked(zone)
    behind = tickets_behind(
        asked.period,
        current_scope(),
        asked.filters,
        asked.group,
        stage=asked.stage,
        only_broken=asked.only_broken,
        now=now,
    )
    a_page = one_page(behind.tickets, asked)
    shown = shown_tickets(a_page["tickets"], behind.usual, now)
    longest = max((sum(one.road.values()) + one.unrecorded for one in shown), default=0.0)
    return render_template(
        "circle_tickets.html",
        **shared_words(asked),
        **a_page | {"tickets": shown},
        longest=max(longest, 1.0),
        path=f"{OVERVIEW}/tickets",
        parts=asked.group_parts,
        now=now,
    )


def one_page(found: Sequence[Any], asked: Asked) -> dict[str, Any]:
    """Return the `tickets` of the page that is asked for, their `total`, its `number`, `pages`."""
    pages = max(-(-len(found) // TICKETS_A_PAGE), 1)
    number = min(asked.page, pages)
    shown = found[(number - 1) * TICKETS_A_PAGE : number * TICKETS_A_PAGE]
    return {"tickets": shown, "total": len(found), "number": number, "pages": pages}


def shared_words(asked: Asked) -> dict[str, Any]:
    """Return what every page of the circle needs to word its view."""
    today = current_time().astimezone(current_app.config["SETTINGS"].zone).date()
    return {
        "asked": asked,
        "circle_pages": PAGES,
        "presets": _presets(asked, today),
        "hours_of": hours_of(asked.filters),
        "names": local_names(current_scope()),
        "chinese": chinese_names(),
        "categories": CATEGORIES,
        "may_export": current_actor().can(Permission.EXPORT),
        "exports": export_news(),
        "definitions": DEFINITIONS,
        "words": circle_words,
        "stage_names": STAGE_NAMES,
        "exclusion_names": EXCLUSION_NAMES,
        "day_names": DAY_NAMES,
        "single_days": SINGLE_DAYS,
        "split_names": circle_words.SPLIT_NAMES,
        "SplitBy": SplitBy,
        "road": ROAD,
        "Stage": Stage,
        "minimum": MINIMUM_SAMPLE,
    }


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
