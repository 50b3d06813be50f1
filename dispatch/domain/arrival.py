"""Did the crew really arrive, and do the times of its steps follow each other?"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import read_object, read_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

USABLE_ACCURACY_METRES = 200
"""A position less exact than this says nothing about anything else either."""

STEP_NAMES: dict[str, Sentence] = {
    "received": say("Received"),
    "accepted": say("Accepted"),
    "dispatched": say("Dispatched"),
    "acknowledged": say("Acknowledged"),
    "en_route": say("En route"),
    "arrived": say("Arrived"),
    "working": say("Working"),
    "completed": say("Completed"),
    "closed": say("Closed"),
}
STEPS = tuple(STEP_NAMES)


@dataclass(frozen=True)
class ArrivalRules:
    """What counts as being at the place; a part of the service policy.

    So near is at the place, and a position less exact than this says nothing about an arrival. So
    long within the fence is a stay; a van that drives by takes less.
    """

    fence_metres: int = 150
    dwell_minutes: int = 2

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> ArrivalRules:
        """Read both numbers; raises Invalid, naming every wrong field."""
        fence, dwell = read_whole(*FENCE_RANGE), read_whole(*DWELL_RANGE)
        return cls(**read_object(stored, path, {"fence_metres": fence, "dwell_minutes": dwell}))


FENCE_RANGE = (20, 2_000)
DWELL_RANGE = (1, 60)
DEFAULT_ARRIVAL = ArrivalRules()


class ArrivalGrade(StrEnum):
    """How well an arrival is proven."""

    CONFIRMED = "confirmed"
    CREW_ONLY = "crew_only"
    GEOFENCE_ONLY = "geofence_only"
    DISPUTED = "disputed"


def check_order(times: Mapping[str, datetime | None]) -> None:
    """Refuse times of a ticket's steps that do not follow each other.

    `times` maps the names in STEPS to instants; a step without a time is skipped, and equal times
    are in order. Raises Invalid, naming the two steps; ValueError for a name not in STEPS.
    """
    broken = _first_broken(times)
    if broken:
        earlier, later = broken
        fault = _fault(earlier, later)
        raise Invalid(fault, fields={later: fault}, facts={"steps": [earlier, later]})


def needs_review(
    times: Mapping[str, datetime | None], *, step: str, at: datetime
) -> Sentence | None:
    """Return why a late event must be looked at by a person, None when it fits the other times.

    `times` are the steps as they stand without it. The event is kept either way.
    """
    broken = _first_broken({**times, step: at}, around=step)
    return _fault(*broken) if broken else None


def grade(
    *,
    tapped: bool,
    geofence: bool,
    resident_code: bool,
    photo: bool,
    metres_from_place: float | None,
    accuracy_m: float | None,
    fence_metres: float = DEFAULT_ARRIVAL.fence_metres,
) -> ArrivalGrade:
    """Grade an arrival by its evidence: position, the crew's tap, and the resident's code or photo.

    `geofence` means that the crew stayed inside the fence; `metres_from_place` is where the crew
    was when it reported, give or take `accuracy_m`. A position clearly outside the fence disputes
    all else; a tap (or code or photo) and a second kind of evidence confirm. Raises Invalid when
    there is none.
    """
    on_site = resident_code or photo
    if not (tapped or geofence or on_site):
        fault = say("There is no evidence of an arrival.")
        raise Invalid(fault, fields={"arrived": fault})
    if is_elsewhere(metres_from_place, accuracy_m, fence_metres):
        return ArrivalGrade.DISPUTED
    if tapped + geofence + on_site > 1:
        return ArrivalGrade.CONFIRMED
    return ArrivalGrade.GEOFENCE_ONLY if geofence else ArrivalGrade.CREW_ONLY


def is_elsewhere(
    metres: float | None,
    accuracy: float | None,
    fence_metres: float = DEFAULT_ARRIVAL.fence_metres,
) -> bool:
    """Tell whether a position, known give or take `accuracy` metres, is clearly off the place."""
    if metres is None or accuracy is None:
        return False
    if not (math.isfinite(metres) and 0 <= accuracy <= fence_metres):
        return False
    return metres - accuracy > fence_metres


def _first_broken(
    times: Mapping[str, datetime | None], around: str | None = None
) -> tuple[str, str] | None:
    """Return the first two neighbouring steps, earlier and later, whose times are crossed."""
    unknown = set(times) - set(STEPS)
    if unknown:
        raise ValueError(f"not a step of a ticket: {', '.join(sorted(unknown))}")
    known = [(step, as_utc(at)) for step in STEPS if (at := times.get(step)) is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first and around in {None, earlier, later}:
            return earlier, later
    return None


def _fault(earlier: str, later: str) -> Sentence:
    return say(
        "“%(later)s” cannot be before “%(earlier)s”.",
        later=STEP_NAMES[later],
        earlier=STEP_NAMES[earlier],
    )
