"""Which team and crew leads, by how much, and is it told apart from the next?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, render_template

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.circle.asked import read_asked
from dispatch.circle.files import filename_of
from dispatch.domain.figure_looks import Reading, Watched
from dispatch.domain.findings import limits_of
from dispatch.domain.permissions import Permission
from dispatch.queries.circle_ranking import rankings_for
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.circle import shared_words
from dispatch.web.circle_since import changed_since
from dispatch.web.filtered_lists import spreadsheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response

    from dispatch.circle.asked import Asked
    from dispatch.domain.samples import Share
    from dispatch.queries.circle_ranking import Contender, Rankings

blueprint = Blueprint("circle_ranking", __name__, url_prefix="/circle")

MONTHS_SHOWN = 6
CSV_COLUMNS = (
    "table", "name", "place", "place_first", "place_last", "not_told_apart_from", "tickets",
    "shift_hours", "tickets_a_shift_hour", "kept", "due", "kept_share", "kept_low", "kept_high",
    "expected_share", "beyond", "beyond_low", "beyond_high", "fixed_first_time",
    "fixed_first_time_n", "fixed_low", "fixed_high", "said_solved", "said_solved_n",
    "said_solved_low", "said_solved_high", "findings_open", "findings",
)  # fmt: skip


@blueprint.get("/ranking")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show the places of the teams and crews that the asker may see."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    rankings = _rankings(asked)
    days = {"from": str(asked.period.first), "to": str(asked.period.last)}
    return render_template(
        "circle_ranking.html",
        **shared_words(asked),
        rankings=rankings,
        months=_months(asked),
        may_review=current_actor().can(Permission.REVIEW),
        findings_url=f"/circle/findings?{urlencode(days)}",
        since=changed_since(asked, _readings(rankings), event=rankings.event, now=rankings.as_of),
        catalogue=browser_catalogue(),
    )


@blueprint.get("/ranking.csv")
@requires(Permission.EXPORT)
def table() -> Response:
    """Send both tables for a spreadsheet; shares are of one, those not ranked have no place."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    found = _rankings(asked)
    return spreadsheet(CSV_COLUMNS, _rows(found), filename_of("ranking", asked, "csv", found.as_of))


def _rankings(asked: Asked) -> Rankings:
    may_review = current_actor().can(Permission.REVIEW)
    limits = limits_of(current_app.config["SETTINGS"]) if may_review else None
    return rankings_for(
        asked.period, current_scope(), asked.filters, limits=limits, now=current_time()
    )


def _readings(found: Rankings) -> dict[Watched, Reading]:
    return {
        Watched.CIRCLE: Reading.of(found.kept),
        Watched.FIRST_TIME_FIX: Reading.of(found.fix.share),
        Watched.SOLVED: Reading.of(found.said.solved),
    }


def _rows(found: Rankings) -> Iterator[dict[str, Any]]:
    for kind, ranking in (("team", found.teams), ("crew", found.crews)):
        for number, one in enumerate(ranking.ranked, start=1):
            yield _row(kind, one) | {"place": number}
        for one in ranking.apart:
            yield _row(kind, one)


def _row(kind: str, one: Contender) -> dict[str, Any]:
    place, fared = one.place, one.fared
    low, high = fared.between or (None, None)
    return {
        "table": kind,
        "name": one.name,
        "place": None,
        "place_first": place and place.first,
        "place_last": place and place.last,
        "not_told_apart_from": "; ".join(each.name for each in one.alike),
        "tickets": one.tickets,
        "shift_hours": one.hours,
        "tickets_a_shift_hour": one.a_shift_hour,
        "kept": fared.kept.hits,
        "due": fared.kept.n,
        **_ends("kept", fared.kept, "kept_share"),
        "expected_share": fared.expected,
        "beyond": fared.beyond,
        "beyond_low": low,
        "beyond_high": high,
        **_ends("fixed", one.fix.share, "fixed_first_time"),
        "fixed_first_time_n": one.fix.share.n,
        **_ends("said_solved", one.said.solved, "said_solved"),
        "said_solved_n": one.said.solved.n,
        "findings_open": one.asked and one.asked.open,
        "findings": one.asked and one.asked.all,
    }


def _ends(name: str, share: Share, value: str) -> dict[str, float | None]:
    low, high = share.between or (None, None)
    return {value: share.rate, f"{name}_low": low, f"{name}_high": high}


def _months(asked: Asked) -> list[dict[str, Any]]:
    """Return the month of the view's last day with the months before it, and the one after."""
    today = current_time().astimezone(asked.period.zone).date()
    month = _next_month(asked.period.last.replace(day=1))
    found: list[dict[str, Any]] = []
    while len(found) < MONTHS_SHOWN:
        if month <= today:
            last = _next_month(month) - timedelta(days=1)
            is_this = (asked.period.first, asked.period.last) == (month, last)
            found.append(
                {"name": f"{month:%Y-%m}", "url": asked.range_url(month, last), "current": is_this}
            )
        month = (month - timedelta(days=1)).replace(day=1)
    return found[::-1]


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
