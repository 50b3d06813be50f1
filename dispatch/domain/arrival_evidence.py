"""What proves that a crew was at the place and since when, and what speaks against it?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.domain.arrival import DEFAULT_ARRIVAL, ArrivalGrade, grade, is_elsewhere
from dispatch.domain.offline_time import SKEWED_SECONDS, skew_words
from dispatch.domain.place import metres_between
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dispatch.domain.arrival import ArrivalRules
    from dispatch.domain.place import Point
    from dispatch.domain.tracks import Fix

SILENCE = timedelta(hours=1)
"""A phone in a cellar tells nothing: so long between two positions within the fence is a stay."""
BESIDE_TAP = timedelta(minutes=1)
"""A position so near in time tells where a tap without one of its own was made."""
EARLY, LATE = timedelta(minutes=5), timedelta(minutes=10)
"""A tap so long before, or after, the phone came to the place is named."""
PHOTO_BEFORE_TAP = timedelta(minutes=30)
FASTEST_METRES_A_SECOND = 70.0
SHORTEST_JUMP_METRES = 500.0
_KILOMETRE = 1000.0


class EvidenceFlag(StrEnum):
    """What about an arrival a person should look at."""

    TAPPED_FAR = "tapped_far"
    TAPPED_EARLY = "tapped_early"
    TAPPED_LATE = "tapped_late"
    VAGUE_POSITION = "vague_position"
    MOCKED = "mocked"
    JUMP = "jump"
    SKEWED_CLOCK = "skewed_clock"
    PHOTO_ELSEWHERE = "photo_elsewhere"


GRADE_NAMES: dict[ArrivalGrade, Sentence] = {
    ArrivalGrade.CONFIRMED: say("Arrival confirmed"),
    ArrivalGrade.CREW_ONLY: say("Only the crew says so"),
    ArrivalGrade.GEOFENCE_ONLY: say("Only the position of the phone says so"),
    ArrivalGrade.DISPUTED: say("The evidence contradicts the arrival"),
}
NOT_GRADED = say("No graded arrival")


def grade_name(key: object) -> Sentence:
    """Name the group of tickets whose first arrival is so well proven; None has no arrival."""
    return NOT_GRADED if key is None else GRADE_NAMES[ArrivalGrade(str(key))]


class Fence(NamedTuple):
    """Around which place, within how many metres, and how long a stay must last."""

    place: Point
    metres: float = DEFAULT_ARRIVAL.fence_metres
    dwell: timedelta = timedelta(minutes=DEFAULT_ARRIVAL.dwell_minutes)

    @classmethod
    def around(cls, place: Point, rules: ArrivalRules) -> Fence:
        """Draw the fence that a policy asks for around a place."""
        return cls(place, rules.fence_metres, timedelta(minutes=rules.dwell_minutes))


class Stay(NamedTuple):
    """The phone was at the place from `since`, as far as positions go `until`.

    `already` tells that it was there when the ticket was given; `since` is then that instant.
    """

    since: datetime
    until: datetime
    already: bool


@dataclass(frozen=True)
class Tap:
    """The arrival as it was told. `skew_seconds` is how far the phone's clock was ahead."""

    at: datetime
    point: Point | None = None
    accuracy_metres: float | None = None
    mocked: bool = False
    skew_seconds: float = 0.0
    by_desk: bool = False


class Photo(NamedTuple):
    """When and where a photo was taken, as its phone says; None for what it did not say."""

    at: datetime | None
    point: Point | None
    accuracy_metres: float | None


@dataclass(frozen=True)
class Witnesses:
    """All that may prove an arrival; positions in any order, late ones among them.

    `offered_at` is when the ticket was given to the crew. `signed` is a resident's word: a
    signature or a code.
    """

    offered_at: datetime
    tap: Tap | None = None
    fixes: Sequence[Fix] = ()
    photos: Sequence[Photo] = ()
    signed: bool = False


@dataclass(frozen=True)
class ArrivalEvidence:
    """How well an arrival is proven, since when the phone was there, and why.

    `metres` is how far from the place the tap was made. Both are None where nobody knows.
    """

    grade: ArrivalGrade
    since: datetime | None
    metres: float | None
    reasons: tuple[Sentence, ...] = ()
    flags: dict[EvidenceFlag, Sentence] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with the visit, beside its grade."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "metres": self.metres,
            "reasons": [each.as_json() for each in self.reasons],
            "flags": {str(flag): why.as_json() for flag, why in self.flags.items()},
        }


def usable(fixes: Iterable[Fix], fence: Fence) -> list[Fix]:
    """Return the positions that can prove something, in order of their measurement.

    One that is less exact than the fence is wide proves nothing, nor does one of unknown
    exactness or one that a program made up.
    """
    exact = {fix.at: fix for fix in fixes if not fix.mocked and _is_exact(fix, fence)}
    return [exact[at] for at in sorted(exact)]


def stay_at(fixes: Iterable[Fix], fence: Fence, offered_at: datetime) -> Stay | None:
    """Return the first stay within the fence after the ticket was given, None without one.

    A jump into the fence begins no stay until the phone was seen to have come there.
    """
    run: list[Fix] = []
    before: Fix | None = None
    is_jumped = False
    for fix in usable(fixes, fence):
        is_inside = metres_between(fix.point, fence.place) <= fence.metres
        is_jump = before is not None and _speed(before, fix) is not None
        if is_jump or not is_inside or (run and fix.at - run[-1].at > SILENCE):
            found = _stay(run, fence, offered_at)
            if found is not None:
                return found
            run = []
        if is_jump or not is_inside:
            is_jumped = is_jump
        if is_inside and not is_jumped:
            run.append(fix)
        before = fix
    return _stay(run, fence, offered_at)


def weigh(told: Witnesses, fence: Fence) -> ArrivalEvidence | None:
    """Grade an arrival by all that is known of it; None where nothing says that there was one."""
    stay = stay_at(told.fixes, fence, told.offered_at)
    there, elsewhere = _photos(told, fence)
    if told.tap is None and stay is None and there is None and not told.signed:
        return None
    point, accuracy = _tapped_where(told, fence)
    metres = metres_between(point, fence.place) if point is not None else None
    found = grade(
        tapped=told.tap is not None,
        geofence=stay is not None,
        resident_code=told.signed,
        photo=there is not None,
        metres_from_place=metres,
        accuracy_m=accuracy,
        fence_metres=fence.metres,
    )
    flags = _flags(told, stay, fence)
    if told.tap is not None and is_elsewhere(metres, accuracy, fence.metres):
        why = say("Tapped %(metres)s m from the place.", metres=round(metres or 0.0))
        flags = {EvidenceFlag.TAPPED_FAR: why} | flags
    if elsewhere is not None:
        far = round(metres_between(elsewhere, fence.place))
        why = say("A photo was taken %(metres)s m from the place.", metres=far)
        flags[EvidenceFlag.PHOTO_ELSEWHERE] = why
    reasons = tuple(_reasons(told, stay, there, metres))
    shown = None if metres is None else float(round(metres))
    return ArrivalEvidence(found, stay.since if stay else None, shown, reasons, flags)


def _is_exact(fix: Fix, fence: Fence) -> bool:
    accuracy = fix.accuracy_metres
    return (
        accuracy is not None
        and 0 <= accuracy <= fence.metres
        and math.isfinite(fix.point.lat)
        and math.isfinite(fix.point.lon)
    )


def _stay(run: Sequence[Fix], fence: Fence, offered_at: datetime) -> Stay | None:
    if not run or run[-1].at - run[0].at < fence.dwell or run[-1].at < offered_at:
        return None
    return Stay(max(run[0].at, offered_at), run[-1].at, run[0].at < offered_at)


def _speed(before: Fix, after: Fix) -> float | None:
    """Return the metres a second between two positions where nobody drives so fast, else None."""
    apart = metres_between(before.point, after.point)
    metres = apart - (before.accuracy_metres or 0.0) - (after.accuracy_metres or 0.0)
    seconds = max(1.0, (after.at - before.at).total_seconds())
    is_jump = metres > SHORTEST_JUMP_METRES and metres / seconds > FASTEST_METRES_A_SECOND
    return metres / seconds if is_jump else None


def _tapped_where(told: Witnesses, fence: Fence) -> tuple[Point | None, float | None]:
    """Return where a tap was made: as it says itself, else where the phone was by then."""
    tap = told.tap
    if tap is None:
        return None, None
    accuracy = tap.accuracy_metres
    if tap.point is not None and accuracy is not None and 0 <= accuracy <= fence.metres:
        return tap.point, accuracy
    beside = [fix for fix in usable(told.fixes, fence) if abs(fix.at - tap.at) <= BESIDE_TAP]
    if not beside or tap.by_desk:
        return None, None
    nearest = min(beside, key=lambda fix: abs(fix.at - tap.at))
    return nearest.point, nearest.accuracy_metres


def _photos(told: Witnesses, fence: Fence) -> tuple[Photo | None, Point | None]:
    """Return a photo that was taken there on this visit, and where another was taken elsewhere."""
    since = told.offered_at
    if told.tap is not None:
        since = max(since, told.tap.at - PHOTO_BEFORE_TAP)
    there, elsewhere = None, None
    for each in told.photos:
        if each.at is None or each.point is None or each.accuracy_metres is None:
            continue
        metres = metres_between(each.point, fence.place)
        if is_elsewhere(metres, each.accuracy_metres, fence.metres):
            elsewhere = elsewhere or each.point
        elif each.at >= since and 0 <= each.accuracy_metres <= fence.metres >= metres:
            there = there or each
    return there, elsewhere


def _flags(told: Witnesses, stay: Stay | None, fence: Fence) -> dict[EvidenceFlag, Sentence]:
    flags = {}
    tap = told.tap
    if tap is not None:
        if stay is not None and stay.since - tap.at >= EARLY:
            early = say(
                "Tapped %(minutes)s min before the phone came to the place.",
                minutes=_minutes(stay.since - tap.at),
            )
            flags[EvidenceFlag.TAPPED_EARLY] = early
        if stay is not None and tap.at - stay.since >= LATE and not stay.already:
            late = say(
                "Tapped %(minutes)s min after the phone came to the place.",
                minutes=_minutes(tap.at - stay.since),
            )
            flags[EvidenceFlag.TAPPED_LATE] = late
        accuracy = tap.accuracy_metres
        if accuracy is not None and accuracy > fence.metres:
            flags[EvidenceFlag.VAGUE_POSITION] = say(
                "The phone knew its position to %(size)s only, which proves nothing.",
                size=_size(accuracy),
            )
        if abs(tap.skew_seconds) >= SKEWED_SECONDS:
            flags[EvidenceFlag.SKEWED_CLOCK] = skew_words(tap.skew_seconds)
    return flags | _odd_positions(told, fence)


def _odd_positions(told: Witnesses, fence: Fence) -> dict[EvidenceFlag, Sentence]:
    flags = {}
    since = [fix for fix in told.fixes if fix.at >= told.offered_at]
    if any(fix.mocked for fix in since) or (told.tap is not None and told.tap.mocked):
        flags[EvidenceFlag.MOCKED] = say("The phone says that its position was made up.")
    for before, after in pairwise(usable(since, fence)):
        speed = _speed(before, after)
        if speed is not None:
            flags[EvidenceFlag.JUMP] = say(
                "The position jumped by %(size)s at %(at)s.",
                size=_size(metres_between(before.point, after.point)),
                at=after.at,
            )
            break
    return flags


def _reasons(
    told: Witnesses, stay: Stay | None, there: Photo | None, metres: float | None
) -> Iterable[Sentence]:
    if told.tap is not None:
        yield _tap_words(told.tap, metres)
    if stay is not None and stay.already:
        yield say("The phone was there already when the ticket was given.")
    elif stay is not None:
        yield say("The phone was at the place since %(at)s.", at=stay.since)
    else:
        yield say("No position shows the phone at the place.")
    if there is not None:
        yield say("A photo was taken there at %(at)s.", at=there.at)
    if told.signed:
        yield say("The resident confirmed it by a signature or a code.")


def _tap_words(tap: Tap, metres: float | None) -> Sentence:
    if tap.by_desk:
        return say("The desk said so for the crew at %(at)s.", at=tap.at)
    if metres is None:
        return say("The crew tapped at %(at)s; where is not known.", at=tap.at)
    far = round(metres)
    return say("The crew tapped at %(at)s, %(metres)s m from the place.", at=tap.at, metres=far)


def _minutes(span: timedelta) -> int:
    return int(span / timedelta(minutes=1))


def _size(metres: float) -> Sentence:
    if metres < _KILOMETRE:
        return say("%(metres)s m", metres=round(metres))
    return say("%(km)s km", km=round(metres / _KILOMETRE, 1))
