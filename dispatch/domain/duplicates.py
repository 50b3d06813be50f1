"""How likely is it that two reports mean the same fault?"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.place import metres_from
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dispatch.domain.place import Point

#: Metres within which one fault is seen from two doors; FixMyStreet's default is 250 m.
DEFAULT_RADIUS_METRES = 250.0

#: A fault of the main is noticed streets away; one of a meter, a bill or a pipe indoors is not.
RADIUS_METRES = {
    "burst": 500.0,
    "road_flooding": 500.0,
    "no_water": 500.0,
    "low_pressure": 500.0,
    "discoloured_water": 500.0,
    "hydrant": 100.0,
    "cover_missing": 100.0,
    "catch_basin": 100.0,
    "riser": 100.0,
    "meter_leak": 50.0,
    "plumbing": 50.0,
    "installation": 25.0,
    "advice": 25.0,
    "bill": 25.0,
}

#: One broken main is reported under any of these, depending on where the caller stands.
MAIN_FAULTS = frozenset(
    {"burst", "leak", "road_flooding", "no_water", "low_pressure", "discoloured_water"}
)

#: Reports further apart in time than this gain nothing from it; an open leak still may match.
TIME_WINDOW = timedelta(hours=72)

#: Shares of the score; the place decides, the rest orders. They add up to 1.
PLACE_SHARE = 0.45
CATEGORY_SHARE = 0.20
TIME_SHARE = 0.15
TEXT_SHARE = 0.20

#: A related category counts this much of the same one.
RELATED = 0.6

#: Below this a suggestion would cost the call-taker more than it saves.
SUGGEST_FROM = 0.40

_WORDS = re.compile(r"[a-z0-9]+|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_SECONDS_PER_MINUTE = 60
_WORTH_SAYING = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What is known of a fault: a new report (`ticket_id` None) or an open ticket."""

    category: str
    received_at: datetime
    ticket_id: int | None = None
    point: Point | None = None
    text: str = ""
    household_id: int | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1, to which ticket, and why; `metres` is None without two points."""

    ticket_id: int | None
    score: float
    metres: int | None
    reasons: tuple[Sentence, ...]


def likeness(new: Reported, existing: Reported, *, now: datetime) -> Likeness:
    """Compare a new report with an existing one; the score is the same the other way round."""
    return _compare(new, existing, _metres_to(new, [existing])[0], now)


def suggestions(
    new: Reported, open_tickets: Iterable[Reported], *, now: datetime, limit: int = 5
) -> list[Likeness]:
    """Return the likeliest open tickets, best first, at most `limit`, never the ticket itself."""
    others = [
        one for one in open_tickets if one.ticket_id is None or one.ticket_id != new.ticket_id
    ]
    far = _metres_to(new, others)
    found = [
        _compare(new, one, metres, now)
        for one, metres in zip(others, far, strict=True)
        if _is_near(new, one, metres)
    ]
    likely = [one for one in found if one.score >= SUGGEST_FROM]
    return sorted(likely, key=_best_first)[:limit]


def text_overlap(one: str, other: str) -> float:
    """Return the Dice overlap, 0 to 1, of Latin words and Chinese character pairs."""
    return _dice(_tokens(one), _tokens(other))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def _tokens(text: str) -> frozenset[str]:
    found: set[str] = set()
    for run in _WORDS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if run.isascii() or len(run) == 1:
            found.add(run)
        else:
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return frozenset(found)


def _metres_to(new: Reported, others: Sequence[Reported]) -> list[float | None]:
    """Answer the metres from the new report to each other one, None where a point is missing."""
    if new.point is None or not others:
        return [None] * len(others)
    nowhere = (math.nan, math.nan)
    pairs = [(p.lat, p.lon) if (p := one.point) is not None else nowhere for one in others]
    lats, lons = np.array(pairs, dtype=np.float64).T
    metres = metres_from(new.point, lats, lons).tolist()
    return [None if math.isnan(far) else far for far in metres]


def _radius(new: Reported, existing: Reported) -> float:
    return max(RADIUS_METRES.get(one.category, DEFAULT_RADIUS_METRES) for one in (new, existing))


def _same_household(new: Reported, existing: Reported) -> bool:
    return new.household_id is not None and new.household_id == existing.household_id


def _is_near(new: Reported, existing: Reported, metres: float | None) -> bool:
    """Keep what may be the same place: near, the same household, or of unknown place."""
    if metres is None or _same_household(new, existing):
        return True
    return metres <= _radius(new, existing)


def _compare(new: Reported, existing: Reported, metres: float | None, now: datetime) -> Likeness:
    rounded = None if metres is None else round(metres)
    if not _is_near(new, existing, metres):
        too_far = say("%(metres)s m away, too far to be the same fault", metres=rounded)
        return Likeness(existing.ticket_id, 0.0, rounded, (too_far,))
    place = _place_part(new, existing, metres)
    category = _category_part(new, existing)
    time = max(0.0, 1 - abs(new.received_at - existing.received_at) / TIME_WINDOW)
    text = text_overlap(new.text, existing.text)
    score = PLACE_SHARE * place + CATEGORY_SHARE * category + TIME_SHARE * time + TEXT_SHARE * text
    reasons = [_place_sentence(new, existing, rounded)]
    if category:
        reasons.append(say("Same category") if category == 1 else say("Related category"))
    age = max(0.0, (now - existing.received_at).total_seconds())
    reasons.append(
        say("Reported %(minutes)s min ago", minutes=math.floor(age / _SECONDS_PER_MINUTE))
    )
    if text >= _WORTH_SAYING:
        reasons.append(say("The words agree to %(percent)s %%", percent=round(100 * text)))
    return Likeness(existing.ticket_id, min(1.0, score), rounded, tuple(reasons))


def _place_part(new: Reported, existing: Reported, metres: float | None) -> float:
    if _same_household(new, existing):
        return 1.0
    return 0.0 if metres is None else 1 - metres / _radius(new, existing)


def _category_part(new: Reported, existing: Reported) -> float:
    if new.category == existing.category:
        return 1.0
    return RELATED if {new.category, existing.category} <= MAIN_FAULTS else 0.0


def _place_sentence(new: Reported, existing: Reported, metres: int | None) -> Sentence:
    if _same_household(new, existing):
        return say("Same household")
    if metres is None:
        return say("Distance unknown: one of the places is not known yet")
    return say("%(metres)s m away", metres=metres)


def _best_first(found: Likeness) -> tuple[float, float, float]:
    far = math.inf if found.metres is None else found.metres
    return (-found.score, far, math.inf if found.ticket_id is None else found.ticket_id)
