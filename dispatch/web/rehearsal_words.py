"""How are a rehearsal and its difference from another one put into words?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal, gettext, ngettext
from markupsafe import Markup, escape

from dispatch.domain.rehearsal_wish import PLANNER_NAMES, Staffing, Wish
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import clock_time
from dispatch.domain.travel import SOURCE_NAMES
from dispatch.refusals import worded
from dispatch.web.circle_words import percent
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dispatch.domain.crews_on_top import CrewsOnTop
    from dispatch.models.rehearsals import Rehearsal

PERCENT = 100
_IN_TITLE = 3
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)")

STATES: dict[str, tuple[Sentence, str, str]] = {
    "queued": (say("waiting"), "neutral", "clock"),
    "running": (say("running"), "info", "player-play"),
    "done": (say("done"), "good", "circle-check"),
    "failed": (say("failed"), "danger", "circle-x"),
    "cancelled": (say("cancelled"), "neutral", "ban"),
}


@dataclass(frozen=True)
class Band:
    """From which share on a grid is tinted how, and the word for it."""

    least: float
    tone: str
    icon: str
    name: Sentence


BANDS = (
    Band(0.9, "good", "circle-check", say("kept nearly always, 90 % and more")),
    Band(0.75, "info", "check", say("kept mostly, 75 to 90 %")),
    Band(0.5, "warn", "alert-triangle", say("often missed, 50 to 75 %")),
    Band(0.0, "danger", "alert-octagon", say("mostly missed, below 50 %")),
)


@dataclass(frozen=True)
class Line:
    """One figure on both sides, and the difference with its tone."""

    name: str
    here: str
    there: str
    change: str
    tone: str


LEAST_TINTED = 5
"""A grid with fewer tickets than this has no tint on the map: one call would colour it."""


def map_band(row: Mapping[str, Any] | None) -> Band | None:
    """Return the band of a grid on the map; None where too few tickets say anything."""
    return band_of(row["rate"]) if row and row["n"] >= LEAST_TINTED else None


def place_names(sites: Mapping[str, Any]) -> str:
    """Name the places that were chosen for bases."""
    return " · ".join(local_name(each["name"], each["name_zh"]) for each in sites["chosen"])


def source_name(travel: Mapping[str, Any]) -> str:
    """Name who answered the drives, with its error."""
    name = worded(SOURCE_NAMES.get(travel["source"], Sentence(travel["source"])))
    share = percent(travel["spread"])
    return str(gettext("%(source)s, give or take %(share)s", source=name, share=share))


def band_of(rate: float | None) -> Band | None:
    """Return the band of a share."""
    if rate is None:
        return None
    return next(band for band in BANDS if rate >= band.least)


def state_name(state: str) -> str:
    """Name the state of a rehearsal."""
    return worded(STATES[state][0])


def title(row: Rehearsal, chinese: Mapping[str, str]) -> str:
    """Name a rehearsal: as its asker did, else by what it changes."""
    return row.name or " · ".join(parts(row, chinese)[:_IN_TITLE])


def beside_title(row: Rehearsal, chinese: Mapping[str, str]) -> list[str]:
    """Return the assumptions of a rehearsal that its title does not say."""
    return parts(row, chinese)[0 if row.name else _IN_TITLE :]


def unbroken(text: str) -> Markup:
    """Return a text of a page whose dates stay on one line each."""
    date = Markup('<span class="nowrap">{}</span>')
    pieces = _DATE.split(text)
    return Markup().join(
        date.format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


def parts(row: Rehearsal, chinese: Mapping[str, str]) -> list[str]:
    """Say what a rehearsal assumes, the days first, then what differs from life."""
    wish = Wish.from_json(row.options)
    found = [_days(wish), *_weather(wish), *_crews(wish, chinese)]
    found += [*_bases(wish, chinese), *_waiting(wish), *_street(wish)]
    found.append(worded(PLANNER_NAMES[wish.planner]))
    found.append(gettext("promise %(minutes)s min", minutes=wish.promise_minutes))
    found.append(gettext("seed %(seed)s", seed=wish.seed))
    return found


def _days(wish: Wish) -> str:
    if wish.first == wish.last:
        return wish.first.isoformat()
    return f"{wish.first.isoformat()} – {wish.last.isoformat()}"


def _crews(wish: Wish, chinese: Mapping[str, str]) -> list[str]:
    found = [_extra(block, chinese) for block in wish.crews_on_top]
    if wish.staffing is Staffing.AROUND_THE_CLOCK:
        found.append(
            ngettext("%(num)s crew around the clock", "%(num)s crews around the clock", wish.crews)
        )
    else:
        found.append(gettext("crews as in life"))
    return found


def _extra(block: CrewsOnTop, chinese: Mapping[str, str]) -> str:
    hours = f"{clock_time(block.begins)}–{clock_time(block.ends)}"
    if block.is_whole_day:
        hours = gettext("from %(begins)s for 24 hours", begins=clock_time(block.begins))
    return str(
        ngettext(
            "+%(num)s crew of %(team)s, %(day)s %(hours)s",
            "+%(num)s crews of %(team)s, %(day)s %(hours)s",
            block.crews,
            team=local_name(block.team, chinese.get(block.team)),
            day=block.day.isoformat() if block.day else gettext("every day"),
            hours=hours,
        )
    )


def _bases(wish: Wish, chinese: Mapping[str, str]) -> list[str]:
    if wish.sites:
        return [
            ngettext(
                "bases at the best %(num)s place", "bases at the best %(num)s places", wish.sites
            )
        ]
    if wish.base_team:
        team = local_name(wish.base_team, chinese.get(wish.base_team))
        return [gettext("%(team)s starts in grid %(grid)s", team=team, grid=wish.base_grid)]
    return []


def _waiting(wish: Wish) -> list[str]:
    return [gettext("idle crews wait where suggested")] if wish.wait_where_suggested else []


def _street(wish: Wish) -> list[str]:
    shares = (
        (say("%(share)s declined"), wish.declines),
        (say("%(share)s cancelled"), wish.cancelled),
        (say("%(share)s without access"), wish.no_access),
        (say("%(share)s second visits"), wish.second_visits),
    )
    found = [
        worded(Sentence(name.text, {"share": percent(share)})) for name, share in shares if share
    ]
    if wish.break_minutes:
        found.append(gettext("breaks of %(minutes)s min", minutes=wish.break_minutes))
    return found


def _weather(wish: Wish) -> list[str]:
    if wish.frost == 1:
        return []
    return [
        gettext(
            "tickets × %(factor)s for %(hours)s h from %(day)s %(hour)s",
            factor=format_decimal(wish.frost),
            hours=wish.frost_hours,
            day=(wish.frost_day or wish.first).isoformat(),
            hour=clock_time(wish.frost_hour * 60),
        )
    ]


def is_thin(row: Mapping[str, Any]) -> bool:
    """Tell whether a group is too small to judge."""
    return bool(row["n"] < MINIMUM_SAMPLE)


def number(value: float | None) -> str:
    """Write a number with one decimal."""
    return "–" if value is None else str(format_decimal(value, "#,##0.0"))


def points(here: float | None, there: float | None) -> tuple[str, str]:
    """Say by how many points a share is better, with its tone."""
    if here is None or there is None:
        return "–", "neutral"
    moved = round((here - there) * PERCENT, 1)
    if moved == 0:
        return gettext("unchanged"), "neutral"
    signed = ("+" if moved > 0 else "−") + str(format_decimal(abs(moved), "0.0"))
    return gettext("%(signed)s points", signed=signed), "good" if moved > 0 else "danger"


def lines(here: Mapping[str, Any], there: Mapping[str, Any] | None) -> list[Line]:
    """Put the totals of two sides beside each other; the other side may be missing."""
    other = there or {}
    total, beside = here["total"], other.get("total") or {}
    found = [
        _share(gettext("Reached in time"), total["rate"], beside.get("rate")),
        *_hours(here.get("in_hours"), other.get("in_hours")),
        *_bound(here.get("bound"), other.get("bound")),
        *_arrivals(total["minutes"] or {}, beside.get("minutes") or {}),
        _count(gettext("Not reached at all"), here["unserved"], other.get("unserved")),
        _share(
            gettext("One visit was enough"), here["one_visit_share"], other.get("one_visit_share")
        ),
        _less(
            gettext("Kilometres per ticket"),
            here.get("travel_km_per_ticket"),
            other.get("travel_km_per_ticket"),
            (say("%(size)s km less"), say("%(size)s km more")),
        ),
        _share(
            gettext("By the grid's own team"),
            here.get("home_team_share"),
            other.get("home_team_share"),
        ),
        *_street_counts(here, other),
        Line(gettext("Tickets, n"), _whole(total["n"]), _whole(beside.get("n")), "", "neutral"),
    ]
    return [line for line in found if line.here != "–" or line.there != "–"]


def _arrivals(here: Mapping[str, float], there: Mapping[str, float]) -> list[Line]:
    names = (
        (gettext("Arrival after, P50 min"), "p50"),
        ("P80", "p80"),
        ("P90", "p90"),
        ("P95", "p95"),
        (gettext("longest"), "max"),
    )
    says = (say("%(size)s min sooner"), say("%(size)s min later"))
    return [_less(name, here.get(key), there.get(key), says) for name, key in names]


def _hours(here: Mapping[str, Any] | None, there: Mapping[str, Any] | None) -> list[Line]:
    """Compare the calls of the hours that were changed, where a week would dilute the answer."""
    if here is None:
        return []
    name = gettext("… of the calls in the changed hours, n = %(count)s", count=here["n"])
    return [_share(name, here["rate"], (there or {}).get("rate"))]


def _bound(here: Mapping[str, Any] | None, there: Mapping[str, Any] | None) -> list[Line]:
    """Show what a search with full knowledge reached; it is no aim, so no side is better."""
    if here is None and there is None:
        return []
    best, other = (percent((side or {}).get("rate")) for side in (here, there))
    return [Line(gettext("bound"), best, other, "", "neutral")]


def _street_counts(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[Line]:
    """Count what the street did to the plans, where it did anything."""
    names = (
        ("declined", gettext("Refusals of crews")),
        ("cancelled", gettext("Callers who gave up")),
        ("second_visits", gettext("Second visits")),
    )
    return [
        Line(name, _whole(here.get(key)), _whole(there.get(key)), "", "neutral")
        for key, name in names
        if here.get(key) or there.get(key)
    ]


def _share(name: str, here: float | None, there: float | None) -> Line:
    return Line(name, percent(here), percent(there), *points(here, there))


def _less(name: str, here: float | None, there: float | None, says: Sequence[Sentence]) -> Line:
    """Compare a figure of which less is better."""
    change, tone = "–", "neutral"
    if here is not None and there is not None:
        moved = round(here - there, 1)
        size = number(abs(moved))
        if moved == 0:
            change = gettext("unchanged")
        else:
            tone = "good" if moved < 0 else "danger"
            change = worded(Sentence(says[moved > 0].text, {"size": size}))
    return Line(name, number(here), number(there), change, tone)


def _count(name: str, here: int, there: int | None) -> Line:
    change, tone = "–", "neutral"
    if there is not None:
        moved = here - there
        tone = "good" if moved < 0 else "danger" if moved > 0 else "neutral"
        change = gettext("unchanged")
        if moved:
            text = say("%(size)s fewer") if moved < 0 else say("%(size)s more")
            change = worded(Sentence(text.text, {"size": abs(moved)}))
    return Line(name, _whole(here), _whole(there), change, tone)


def _whole(value: int | None) -> str:
    return "–" if value is None else str(format_decimal(value, "#,##0"))
