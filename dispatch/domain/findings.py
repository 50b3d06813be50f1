"""Which visits, photos and corrections should a leader look at, and why?

A finding is a question, never a verdict: each has an answer that is quite in order.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from dispatch.domain.arrival import DEFAULT_ARRIVAL, USABLE_ACCURACY_METRES, ArrivalGrade
from dispatch.domain.errors import Invalid, NotAllowed, NotFound
from dispatch.domain.place import metres_between
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import Level
from dispatch.domain.strict_json import MINUTES_A_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from dispatch.domain.place import Point

LONGEST_NOTE = 1_000
_WEEK = timedelta(days=7)
_NUMBERS_NAMED = 5
_PROVEN = frozenset({ArrivalGrade.CONFIRMED, ArrivalGrade.GEOFENCE_ONLY})
_KEY = re.compile(r"([a-z_]+)-(\d{1,18})(?:-(\d{4})-W(\d{2}))?", re.ASCII)


class FindingKind(StrEnum):
    """What made somebody look; a closed list."""

    NO_EVIDENCE = "no_evidence"
    FAR_AWAY = "far_away"
    SHORT_VISIT = "short_visit"
    PHOTO_TWICE = "photo_twice"
    PHOTO_OLD = "photo_old"
    CORRECTIONS = "corrections"
    NOT_REACHED = "not_reached"


K = FindingKind

KIND_NAMES: dict[FindingKind, Sentence] = {
    K.NO_EVIDENCE: say("Nothing shows the arrival"),
    K.FAR_AWAY: say("Arrival tapped elsewhere"),
    K.SHORT_VISIT: say("Fixed very soon after the arrival"),
    K.PHOTO_TWICE: say("The same photo again"),
    K.PHOTO_OLD: say("Photo older than the visit"),
    K.CORRECTIONS: say("Many times corrected"),
    K.NOT_REACHED: say("Residents often not reached"),
}

OF_VISITS = frozenset({K.NO_EVIDENCE, K.FAR_AWAY, K.SHORT_VISIT})
OF_PHOTOS = frozenset({K.PHOTO_TWICE, K.PHOTO_OLD})
OF_PEOPLE = frozenset({K.CORRECTIONS, K.NOT_REACHED})


class Mark(StrEnum):
    """What a leader says who has looked at a finding."""

    RIGHT = "right"
    EXPLAINED = "explained"
    FOLLOW_UP = "follow_up"


MARK_NAMES: dict[Mark, Sentence] = {
    Mark.RIGHT: say("In order"),
    Mark.EXPLAINED: say("Explained"),
    Mark.FOLLOW_UP: say("To be followed up"),
}


@dataclass(frozen=True)
class Limits:
    """From where on a leader is asked to look.

    `metres` from the place to the tap; `minutes` on site by level, 1 to 4; `photo_minutes` before
    the arrival; `many` of a kind by one person in one week.
    """

    metres: int = 300
    minutes: tuple[float, ...] = (10.0, 5.0, 3.0, 1.0)
    photo_minutes: int = 60
    many: int = 5


class FindingSettings(Protocol):
    """The settings that say from where on a leader is asked."""

    @property
    def finding_metres(self) -> int:
        """Metres from the place."""

    @property
    def finding_minutes(self) -> str:
        """Minutes on site by level, with commas."""

    @property
    def finding_photo_minutes(self) -> int:
        """Minutes before the arrival."""

    @property
    def finding_many(self) -> int:
        """How many in a week."""


def limits_of(settings: FindingSettings) -> Limits:
    """Return the limits that an installation has set."""
    return Limits(
        settings.finding_metres,
        read_minutes(settings.finding_minutes),
        settings.finding_photo_minutes,
        settings.finding_many,
    )


def read_minutes(text: str) -> tuple[float, ...]:
    """Read the minutes for levels 1 to 4; ValueError unless there are four from 0 to a day."""
    minutes = tuple(float(part) for part in text.split(","))
    if len(minutes) != len(Level) or not all(0 <= each <= MINUTES_A_DAY for each in minutes):
        raise ValueError(text)
    return minutes


@dataclass(frozen=True)
class VisitSeen:
    """An arrival as it was told. `photos` counts those of the crew; `tapped_by` is who tapped.

    `is_repair` is false for a planned visit or an inspection, which may be short. A tap within
    `fence_metres` was made at the place.
    """

    visit_id: int
    level: int
    is_repair: bool
    is_completed: bool
    arrived_at: datetime
    ended_at: datetime | None
    grade: str | None
    tap: Point | None
    accuracy_metres: float | None
    place: Point | None
    photos: int
    tapped_by: str
    is_for_crew: bool = False
    fence_metres: int = DEFAULT_ARRIVAL.fence_metres


@dataclass(frozen=True)
class PhotoSeen:
    """A photo of a crew, with the oldest one of the same content where there is one.

    `behind` is how far the clock of the crew's phone was known to be behind on that visit.
    """

    photo_id: int
    received_at: datetime
    taken_at: datetime | None
    arrived_at: datetime | None
    earlier_number: str | None = None
    earlier_at: datetime | None = None
    behind: timedelta = timedelta()


@dataclass(frozen=True)
class ActSeen:
    """One correction, or one time that nobody was reached, by a person with an account."""

    kind: FindingKind
    user_id: int
    number: str
    at: datetime


@dataclass(frozen=True)
class Finding:
    """One question for a leader; `key` stays the same however often it is asked."""

    key: str
    kind: FindingKind
    at: datetime
    evidence: Sentence


@dataclass(frozen=True)
class Asked:
    """What a key is about: the row of a visit or photo, or a person in the week from `monday`."""

    kind: FindingKind
    row_id: int
    monday: date | None


def read_key(key: str) -> Asked:
    """Take a key apart.

    Raises:
        NotFound: when no finding can have it.
    """
    found = _KEY.fullmatch(key)
    if found is None or found[1] not in set(FindingKind):
        raise no_such_finding()
    kind = FindingKind(found[1])
    if (kind in OF_PEOPLE) != (found[3] is not None):
        raise no_such_finding()
    try:
        monday = date.fromisocalendar(int(found[3]), int(found[4]), 1) if found[3] else None
    except ValueError:
        raise no_such_finding() from None
    return Asked(kind, int(found[2]), monday)


def no_such_finding() -> NotFound:
    """Return the refusal of a key that leads nowhere."""
    return NotFound(say("There is no such finding, or it is not yours to see."))


def visit_findings(visits: Iterable[VisitSeen], limits: Limits) -> list[Finding]:
    """Return what to ask about some arrivals."""
    found: list[Finding] = []
    for each in visits:
        asked = (
            (K.NO_EVIDENCE, _no_evidence(each)),
            (K.FAR_AWAY, _far_away(each, limits)),
            (K.SHORT_VISIT, _short(each, limits)),
        )
        found += [
            Finding(f"{kind}-{each.visit_id}", kind, each.arrived_at, evidence)
            for kind, evidence in asked
            if evidence is not None
        ]
    return found


def _no_evidence(each: VisitSeen) -> Sentence | None:
    if not each.is_completed or each.photos or each.tap is not None or each.grade in _PROVEN:
        return None
    if each.is_for_crew:
        return say(
            "%(who)s noted the arrival for the crew; no position, no photo and no code came.",
            who=each.tapped_by,
        )
    return say("Only the tap says that the crew arrived: no position, no photo and no code came.")


def _far_away(each: VisitSeen, limits: Limits) -> Sentence | None:
    """Ask only where the position is clearly elsewhere: its possible error is taken off."""
    if each.tap is None or each.place is None:
        return None
    accuracy = each.accuracy_metres or 0.0
    if not (math.isfinite(accuracy) and 0 <= accuracy <= USABLE_ACCURACY_METRES):
        return None
    metres = metres_between(each.tap, each.place)
    if metres - accuracy <= max(limits.metres, each.fence_metres):
        return None
    return say(
        "Tapped %(metres)s m from the place, give or take %(accuracy)s m.",
        metres=round(metres),
        accuracy=round(accuracy),
    )


def _short(each: VisitSeen, limits: Limits) -> Sentence | None:
    if not (each.is_completed and each.is_repair) or each.ended_at is None:
        return None
    minutes = (each.ended_at - each.arrived_at).total_seconds() / 60
    least = limits.minutes[min(each.level, len(limits.minutes)) - 1]
    if minutes >= least:
        return None
    return say(
        "Fixed %(minutes)s min after the arrival; at this level under %(least)s min is asked "
        "about.",
        minutes=max(0, math.floor(minutes)),
        least=f"{least:g}",
    )


def photo_findings(photos: Iterable[PhotoSeen], limits: Limits) -> list[Finding]:
    """Return what to ask about some photos of crews."""
    found: list[Finding] = []
    for each in photos:
        asked = (
            (K.PHOTO_TWICE, _twice(each)),
            (K.PHOTO_OLD, _old(each, limits)),
        )
        found += [
            Finding(f"{kind}-{each.photo_id}", kind, each.received_at, evidence)
            for kind, evidence in asked
            if evidence is not None
        ]
    return found


def _twice(each: PhotoSeen) -> Sentence | None:
    if each.earlier_number is None:
        return None
    return say(
        "The same file came with %(number)s at %(at)s.",
        number=each.earlier_number,
        at=each.earlier_at,
    )


def _old(each: PhotoSeen, limits: Limits) -> Sentence | None:
    if each.taken_at is None or each.arrived_at is None:
        return None
    if each.arrived_at - each.taken_at - each.behind <= timedelta(minutes=limits.photo_minutes):
        return None
    return say(
        "Taken at %(taken)s by its camera; the crew arrived at %(arrived)s.",
        taken=each.taken_at,
        arrived=each.arrived_at,
    )


def people_findings(
    acts: Sequence[ActSeen], limits: Limits, zone: tzinfo
) -> list[tuple[Finding, int]]:
    """Return what to ask about people, with the account each is about.

    Each week from Monday to Sunday in the utility's zone is counted by itself and whole, so that a
    finding does not come and go with the days that are looked at.
    """
    weeks: defaultdict[tuple[FindingKind, int, str], list[ActSeen]] = defaultdict(list)
    for act in sorted(acts, key=lambda act: (act.at, act.number)):
        year, week, _day = act.at.astimezone(zone).isocalendar()
        weeks[act.kind, act.user_id, f"{year}-W{week:02d}"].append(act)
    return [
        (Finding(f"{kind}-{user_id}-{week}", kind, found[-1].at, _counted(kind, found)), user_id)
        for (kind, user_id, week), found in weeks.items()
        if len(found) >= limits.many
    ]


def _counted(kind: FindingKind, acts: Sequence[ActSeen]) -> Sentence:
    numbers = list(dict.fromkeys(act.number for act in acts))
    named = ", ".join(numbers[:_NUMBERS_NAMED]) + (" …" if len(numbers) > _NUMBERS_NAMED else "")
    if kind is K.CORRECTIONS:
        return say(
            "Times corrected in one week: %(count)s. Tickets: %(numbers)s.",
            count=len(acts),
            numbers=named,
        )
    return say(
        "Nobody reached, times in one week: %(count)s. Tickets: %(numbers)s.",
        count=len(acts),
        numbers=named,
    )


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def after_week(monday: date) -> date:
    """Return the Monday after."""
    return monday + _WEEK


def check_mark(mark: str, note: str, *, is_about_asker: bool) -> None:
    """Refuse a mark that is not on the list, lacks its note, or is put by the one it is about.

    Raises:
        Invalid: naming the field.
        NotAllowed: when it is about the asker.
    """
    if mark not in set(Mark):
        fault = say("Choose what you found.")
        raise Invalid(fault, fields={"mark": fault})
    if mark == Mark.EXPLAINED and not note.strip():
        fault = say("Write down the explanation.")
        raise Invalid(fault, fields={"note": fault})
    if is_about_asker:
        raise NotAllowed(say("This is about you; somebody else must look at it."))
