"""How likely is it that two reports mean the same fault?"""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.place import metres_from
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dispatch.domain.place import Point

#: Metres within which one fault is seen from two doors; FixMyStreet's default is 250 m.
DEFAULT_RADIUS_METRES = 250.0

#: A burst is noticed streets away; a cover is one cover, and a meter or a bill one household's.
#: docs/duplicates.md says which of these were measured.
RADIUS_METRES = {
    "burst": 500.0,
    "road_flooding": 500.0,
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

#: What an open burst does to the houses around it.
FROM_A_BURST = MAIN_FAULTS - {"burst", "leak"}

#: Told of one home; next door it is another fault more often than in the street.
INDOORS = frozenset(
    {
        "no_water", "low_pressure", "discoloured_water", "plumbing", "riser", "tank", "meter_leak",
        "noise", "water_quality", "bill", "advice", "installation",
    }
)  # fmt: skip

#: Reports further apart in time than this gain nothing from it; an open leak still may match.
TIME_WINDOW = timedelta(hours=72)

#: Shares of the score; the place decides, the rest orders. They add up to 1.
PLACE_SHARE = 0.35
CATEGORY_SHARE = 0.20
TIME_SHARE = 0.25
TEXT_SHARE = 0.20

#: A related category counts this much of the same one.
RELATED = 0.6

#: A broken main is felt all over its radius, so nearness counts no less than this beside a burst.
BURST_PLACE = 0.6

#: Below this a suggestion would cost the call-taker more than it saves: docs/duplicates.md.
SUGGEST_FROM = 0.50
SUGGEST_FROM_INDOORS = 0.60

_WORDS = re.compile(r"[a-z0-9]+|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_IN_MINUTES_BELOW = timedelta(hours=2)
_IN_HOURS_BELOW = timedelta(days=2)
_WORTH_SAYING = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What is known of a fault: a new report (`ticket_id` None) or an open ticket.

    `category` is None while nobody has chosen it; `phones` are those of every caller about it.
    """

    category: str | None
    received_at: datetime
    ticket_id: int | None = None
    point: Point | None = None
    text: str = ""
    address: str = ""
    household_id: int | None = None
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1, to which ticket, and why; `metres` is None without two points."""

    ticket_id: int | None
    score: float
    metres: int | None
    reasons: tuple[Sentence, ...]


class _Parts(NamedTuple):
    """What the shares of a score are multiplied with, each from 0 to 1."""

    place: float
    category: float
    time: float
    text: float

    @property
    def score(self) -> float:
        shares = (PLACE_SHARE, CATEGORY_SHARE, TIME_SHARE, TEXT_SHARE)
        return min(1.0, sum(share * part for share, part in zip(shares, self, strict=True)))


class _Compared(NamedTuple):
    existing: Reported
    metres: float | None
    parts: _Parts


def likeness(new: Reported, existing: Reported, *, now: datetime) -> Likeness:
    """Compare a new report with an existing one; the score is the same the other way round."""
    metres = _metres_to(new, [existing])[0]
    if not _is_near(new, existing, metres):
        rounded = round(metres or 0)
        too_far = say("%(metres)s m away, too far to be the same fault", metres=rounded)
        return Likeness(existing.ticket_id, 0.0, rounded, (too_far,))
    parts = _parts(new, existing, metres, tokens_of(new.text))
    return _told(new, _Compared(existing, metres, parts), now)


def suggestions(
    new: Reported, open_tickets: Iterable[Reported], *, now: datetime, limit: int = 5
) -> list[Likeness]:
    """Return the likeliest open tickets, best first, at most `limit`, never the ticket itself."""
    others = [
        one for one in open_tickets if one.ticket_id is None or one.ticket_id != new.ticket_id
    ]
    words = tokens_of(new.text)
    compared = [
        _Compared(one, metres, _parts(new, one, metres, words))
        for one, metres in zip(others, _metres_to(new, others), strict=True)
        if _is_near(new, one, metres)
    ]
    likely = [
        each
        for each in compared
        if each.parts.score >= suggest_from(new.category, each.existing.category)
    ]
    return [_told(new, each, now) for each in heapq.nsmallest(limit, likely, key=_best_first)]


def suggest_from(*categories: str | None) -> float:
    """Return the least score at which a ticket of one category is suggested for the other."""
    return SUGGEST_FROM_INDOORS if INDOORS.issuperset(categories) else SUGGEST_FROM


def text_overlap(one: str, other: str) -> float:
    """Return the Dice overlap, 0 to 1, of Latin words and Chinese character pairs."""
    return _dice(tokens_of(one), tokens_of(other))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def tokens_of(text: str) -> frozenset[str]:
    """Return the Latin words of a text and its pairs of Chinese characters that stand together."""
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


def radius_metres(*categories: str | None) -> float:
    """Return how far apart two reports of these categories may be: the wider radius holds."""
    known = [RADIUS_METRES.get(each, DEFAULT_RADIUS_METRES) for each in categories if each]
    return max(known, default=DEFAULT_RADIUS_METRES)


def _same_caller(new: Reported, existing: Reported) -> bool:
    """Tell whether the same household or telephone has told of both."""
    return bool(new.phones & existing.phones) or (
        new.household_id is not None and new.household_id == existing.household_id
    )


def _same_address(new: Reported, existing: Reported) -> bool:
    one, other = (_bare(each.address) for each in (new, existing))
    return one == other and any(letter.isdigit() for letter in one)


def _bare(address: str) -> str:
    return "".join(_WORDS.findall(unicodedata.normalize("NFKC", address).casefold()))


def _is_near(new: Reported, existing: Reported, metres: float | None) -> bool:
    """Keep what may be the same place: near, the same caller, or of unknown place."""
    if metres is None or _same_caller(new, existing):
        return True
    return metres <= radius_metres(new.category, existing.category)


def _parts(
    new: Reported, existing: Reported, metres: float | None, words: frozenset[str]
) -> _Parts:
    return _Parts(
        _place_part(new, existing, metres),
        _category_part(new, existing),
        _time_part(new, existing),
        _dice(words, tokens_of(existing.text)) if words else 0.0,
    )


def _told(new: Reported, compared: _Compared, now: datetime) -> Likeness:
    existing, metres, parts = compared
    rounded = None if metres is None else round(metres)
    reasons = _place_sentences(new, existing, rounded)
    reasons += _category_sentences(new, existing, parts.category)
    reasons.append(age_sentence(now - existing.received_at))
    if parts.text >= _WORTH_SAYING:
        reasons.append(say("The words agree to %(percent)s %%", percent=round(100 * parts.text)))
    return Likeness(existing.ticket_id, parts.score, rounded, tuple(reasons))


def _place_part(new: Reported, existing: Reported, metres: float | None) -> float:
    if _same_caller(new, existing):
        return 1.0
    if metres is None:
        return 1.0 if _same_address(new, existing) else 0.0
    part = 1 - metres / radius_metres(new.category, existing.category)
    return max(part, BURST_PLACE) if _is_from_a_burst(new, existing) else part


def _category_part(new: Reported, existing: Reported) -> float:
    if new.category is None or existing.category is None:
        return 0.0
    if new.category == existing.category:
        return 1.0
    return RELATED if {new.category, existing.category} <= MAIN_FAULTS else 0.0


def _time_part(new: Reported, existing: Reported) -> float:
    """Return how near in time both are; what the caller told of before does not grow old."""
    if _same_caller(new, existing):
        return 1.0
    return max(0.0, 1 - abs(new.received_at - existing.received_at) / TIME_WINDOW)


def _is_from_a_burst(new: Reported, existing: Reported) -> bool:
    both = {new.category, existing.category}
    return "burst" in both and bool(both & FROM_A_BURST)


def _place_sentences(new: Reported, existing: Reported, metres: int | None) -> list[Sentence]:
    said = []
    if new.phones & existing.phones:
        said.append(say("Same telephone number"))
    if new.household_id is not None and new.household_id == existing.household_id:
        said.append(say("Same household"))
    if metres is not None:
        said.append(say("%(metres)s m away", metres=metres))
    elif _same_address(new, existing):
        said.append(say("Same address"))
    return said or [say("Distance unknown: one of the places is not known yet")]


def _category_sentences(new: Reported, existing: Reported, part: float) -> list[Sentence]:
    if not part:
        return []
    if part == 1:
        return [say("Same category")]
    if _is_from_a_burst(new, existing):
        return [say("The burst main can be the cause")]
    return [say("Related category")]


def age_sentence(age: timedelta) -> Sentence:
    """Say how long ago a fault was reported, in the unit that a person would choose."""
    age = max(age, timedelta(0))
    if age < _IN_MINUTES_BELOW:
        return say("Reported %(minutes)s min ago", minutes=age // _MINUTE)
    if age < _IN_HOURS_BELOW:
        return say("Reported %(hours)s h ago", hours=age // _HOUR)
    return say("Reported %(days)s days ago", days=age // _DAY)


def _best_first(compared: _Compared) -> tuple[float, float, float]:
    existing, metres, parts = compared
    far = math.inf if metres is None else round(metres)
    return (-parts.score, far, math.inf if existing.ticket_id is None else existing.ticket_id)
