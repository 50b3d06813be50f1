"""Which positions that a phone sent together are kept, and when was each measured?"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.place import check_point
from dispatch.domain.tracks import Fix, is_worth_drawing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_POSITIONS = 1_000
"""So many positions go in one request."""
OLDEST = timedelta(hours=24)
AHEAD = timedelta(minutes=1)
"""A position so far in the future is taken for one of now; one further on is left out."""


class SentPosition(NamedTuple):
    """A position as the phone measured it, by its own clock; degrees in WGS-84, metres."""

    at: datetime
    lat: float
    lon: float
    accuracy_metres: float | None = None
    mocked: bool = False


def dated_fixes(
    sent: Iterable[SentPosition], *, sent_at: datetime | None, received_at: datetime
) -> list[Fix]:
    """Return what can be kept of a batch, in order of its measurement by our clock.

    With `sent_at`, the phone's own time of sending, only the age of each position counts, so a
    clock that is hours wrong does not matter. What lies in the future, is older than a day or is
    no place is left out.
    """
    found = []
    for each in sent:
        try:
            at = each.at if sent_at is None else received_at - (sent_at - each.at)
        except OverflowError:
            continue
        if not received_at - OLDEST <= at <= received_at + AHEAD:
            continue
        try:
            point = check_point(each.lat, each.lon)
        except Invalid:
            continue
        accuracy = _metres(each.accuracy_metres)
        found.append(Fix(min(at, received_at), point, accuracy, each.mocked))
    return sorted(found, key=lambda fix: fix.at)


def newest(fixes: Sequence[Fix]) -> Fix | None:
    """Return which of some positions in order tells best where the crew is now, None for none.

    An exact one goes before a later one that is not; one that was made up tells nothing.
    """
    real = [fix for fix in fixes if not fix.mocked]
    exact = [fix for fix in real if is_worth_drawing(fix.accuracy_metres)]
    told = exact or real
    return told[-1] if told else None


def _metres(accuracy: float | None) -> float | None:
    if accuracy is None or not math.isfinite(accuracy) or accuracy <= 0:
        return None
    return accuracy
