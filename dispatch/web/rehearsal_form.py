"""How does the form of a rehearsal become a wish, and a wish the form again?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask_babel import gettext

from dispatch.domain.crews_on_top import MOST_BLOCKS, CrewsOnTop
from dispatch.domain.rehearsal_wish import Planner, Staffing, Wish
from dispatch.domain.strict_json import clock_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from dispatch.domain.samples import Share

FRIDAY = 4
_DAY = timedelta(days=1)
_PERCENT = 100
_SHARES = ("declines", "cancelled", "no_access", "second_visits")
_PARTS = {"crews": "crews", "team": "team", "day": "day", "begins": "from", "ends": "to"}


def wish_of(given: dict[str, Any]) -> Wish:
    """Return the wish that the loaded fields of the form ask for."""
    plain = dict(given)
    blocks = [
        CrewsOnTop(**{part: plain.pop(f"extra_{name}_{number}") for part, name in _PARTS.items()})
        for number in range(2, MOST_BLOCKS + 1)
    ]
    kinds = {
        "planner": Planner(given["planner"]),
        "staffing": Staffing(given["staffing"]),
        "frost": float(given["frost"]),
        "wait_where_suggested": given["wait_where_suggested"] == "1",
        "with_bound": given["with_bound"] == "1",
        "more_crews": tuple(block for block in blocks if block.crews),
    }
    return Wish(**plain | kinds)


def texts_of(wish: Wish) -> dict[str, str]:
    """Return the fields of the form that ask for a wish again."""
    plain = wish.as_json()
    blocks = plain.pop("more_crews")
    found = {name: _text(name, value) for name, value in plain.items()}
    for number, block in enumerate(blocks, 2):
        for part, name in _PARTS.items():
            found[f"extra_{name}_{number}"] = _text(f"extra_{name}", block[part])
    return found


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in {"extra_from", "extra_to"}:
        return clock_time(value)
    if name in _SHARES:
        return f"{round(value * _PERCENT, 2):g}"
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def typed_by_default(
    first: date, last: date, late: tuple[str, int] | None, streets: Mapping[str, Share]
) -> dict[str, str]:
    """Return what the form holds before anybody typed.

    The team is the one with most late tickets; the shares of the street are those of the last 90
    days, 0 where too few are known.
    """
    found = texts_of(Wish(first=first, last=last))
    for number in range(2, MOST_BLOCKS + 1):
        found |= {f"extra_{name}_{number}": found[f"extra_{name}"] for name in _PARTS.values()}
    team = late[0] if late else ""
    teams = {name: team for name in found if name.startswith("extra_team")}
    known = {
        name: _text(name, share.rate)
        for name, share in streets.items()
        if share.rate is not None and not share.greyed
    }
    return found | teams | known | {"crews": "", "name": "", "sites": ""}


def ideas(
    here: str, first: date, last: date, late: tuple[str, int] | None, shown: str
) -> list[tuple[str, str, str]]:
    """Return questions that fill in the form: the question, its address, and why so.

    `shown` is the name of the team with most late tickets in the reader's language.
    """
    days = {"first": first.isoformat(), "last": last.isoformat()}
    friday = (last - ((last.weekday() - FRIDAY) % 7) * _DAY).isoformat()
    found = [
        (gettext("How far would “the closest crew first” have come?"), {"planner": "nearest"}, ""),
        (gettext("What if we promised 20 minutes?"), {"promise_minutes": "20"}, ""),
        (gettext("What if crews started from the five best places?"), {"sites": "5"}, ""),
    ]
    if late is not None:
        team, count = late
        more = {"extra_crews": "2", "extra_team": team, "extra_day": friday}
        why = gettext("%(team)s, with %(count)s late arrivals the most", team=shown, count=count)
        question = gettext("What if two more crews on Friday evening?")
        found.insert(0, (question, more, why if count else ""))
    frost = {"frost": "3.5", "frost_day": friday, "frost_hour": "6", "frost_hours": "24"}
    found.append((gettext("What if a hard frost came on Friday?"), frost, ""))
    return [(text, f"{here}?{urlencode(days | idea)}#ask", why) for text, idea, why in found]
