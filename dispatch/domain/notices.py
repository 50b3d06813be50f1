"""Which interruption is published where and until when, and which reports does it explain?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import shapely

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.grids import Plane
from dispatch.domain.life_safety import Telling, dangers_said, standing
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.service_policy import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.place import Point

LONGEST = timedelta(days=30)
"""An interruption is not announced for longer than this; it can be extended."""

EARLIEST = timedelta(days=7)
"""So long before now one may have begun."""

NEAR_METRES = 500.0
"""So far from a place a notice is still told of."""

SLIVER = 0.001
"""Two areas that share less than this part of the smaller one only lie side by side."""

EXPLAINED = (
    "no_water", "low_pressure", "discoloured_water", "noise", "burst", "leak", "road_flooding",
)  # fmt: skip
"""Categories that an interruption may explain."""


class NoticeKind(StrEnum):
    """Why the supply is interrupted."""

    PLANNED = "planned"
    BURST = "burst"


KIND_NAMES: dict[NoticeKind, Sentence] = {
    NoticeKind.PLANNED: say("planned work"),
    NoticeKind.BURST: say("burst main"),
}


class NoticeState(StrEnum):
    """Where a notice stands; only the draft and the early end are written, the rest is time."""

    DRAFT = "draft"
    COMING = "coming"
    IN_FORCE = "in_force"
    ENDED = "ended"


NOTICE_STATE_NAMES: dict[NoticeState, Sentence] = {
    NoticeState.DRAFT: say("draft"),
    NoticeState.COMING: say("coming"),
    NoticeState.IN_FORCE: say("in force"),
    NoticeState.ENDED: say("ended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTimes:
    """When it begins and is expected to end, was published, and was ended by the desk."""

    begins_at: datetime
    ends_at: datetime
    published_at: datetime | None = None
    ended_at: datetime | None = None

    def state(self, now: datetime) -> NoticeState:
        """Return where the notice stands at an instant; one whose end has come has ended."""
        if self.ended_at is not None:
            return NoticeState.ENDED
        if self.published_at is None:
            return NoticeState.DRAFT
        if now >= self.ends_at:
            return NoticeState.ENDED
        return NoticeState.COMING if now < self.begins_at else NoticeState.IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as the rules need it; `shape` is in WGS-84, x is longitude."""

    id: int
    kind: NoticeKind
    area: LocalName
    categories: frozenset[str]
    shape: BaseGeometry
    times: NoticeTimes
    ticket_id: int | None = None


def check_times(
    begins_at: datetime, ends_at: datetime, now: datetime, *, begun: datetime | None = None
) -> None:
    """Refuse times that no interruption can have; `begun` is a beginning that is known already.

    Raises:
        Invalid: naming the wrong one.
    """
    faults: dict[str, Sentence] = {}
    if begins_at < now - EARLIEST and begins_at != begun:
        faults["begins_at"] = say("It began over a week ago. Check the date.")
    if ends_at <= begins_at:
        faults["ends_at"] = say("The end must be later than the beginning.")
    elif ends_at <= now:
        faults["ends_at"] = say("This end has passed already. Give a later one.")
    elif ends_at - max(begins_at, now) > LONGEST:
        faults["ends_at"] = say("Announce at most 30 days; extend it later if you must.")
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)


def check_resumption(times: NoticeTimes, now: datetime) -> None:
    """Refuse to take back an end that nobody set, or after the announced end has passed.

    Raises:
        Forbidden: saying which.
    """
    if times.ended_at is None:
        raise Forbidden(say("Nobody has ended this notice before its time."))
    if now >= times.ends_at:
        raise Forbidden(say("Its announced end has passed. Publish a new one if it goes on."))


def check_complete(texts: Mapping[str, str], categories: Iterable[str]) -> None:
    """Refuse to publish what a reader of one language could not understand.

    `texts` holds ``area``, ``area_zh``, ``text`` and ``text_zh``.

    Raises:
        Invalid: naming everything that is missing.
    """
    missing = say("Everybody reads this, in both languages: write it before you publish.")
    faults = {name: missing for name, text in texts.items() if not text.strip()}
    if not list(categories):
        faults["categories"] = say("Say which faults it explains: choose one at least.")
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)


def check_extension(times: NoticeTimes, until: datetime, now: datetime) -> None:
    """Refuse an end that is no extension.

    Raises:
        Forbidden: for a draft, and for one that has ended.
        Invalid: for an end that is not later, has passed, or is too far.
    """
    if times.state(now) is NoticeState.DRAFT:
        raise Forbidden(say("This is a draft. Change its times instead."))
    if times.state(now) is NoticeState.ENDED:
        raise Forbidden(say("This interruption has ended. Publish a new one if it goes on."))
    fault = None
    if until <= times.ends_at:
        fault = say("This is not later than the end that is announced. End it early instead.")
    elif until - now > LONGEST:
        fault = say("Announce at most 30 days; extend it later if you must.")
    if fault:
        raise Invalid(fault, fields={"ends_at": fault})


def is_life_safety(dangers: Mapping[str, str], text: str, level: int | None) -> bool:
    """Tell whether somebody may be in danger, so that no notice may answer for a crew.

    A danger counts unless a call-taker dismissed it; the words of a report that nobody took by
    telephone count as they are, and so does a level of emergency that somebody set.
    """
    untold = [each for each in dangers_said(text) if dangers.get(each) != Telling.DISMISSED]
    return bool(standing(dangers) or untold or level == Level.EMERGENCY)


def covers(notice: Notice, point: Point, category: str | None, at: datetime) -> bool:
    """Tell whether a notice in force explains a fault; the category may not be chosen yet."""
    return (
        notice.times.state(at) is NoticeState.IN_FORCE
        and (category is None or category in notice.categories)
        and bool(shapely.intersects_xy(notice.shape, point.lon, point.lat))
    )


def covering(
    notices: Iterable[Notice], point: Point, category: str | None, at: datetime
) -> list[Notice]:
    """Return the notices that explain a fault: those with a ticket first, then the longest."""
    found = [each for each in notices if covers(each, point, category, at)]
    return sorted(found, key=lambda each: (each.ticket_id is None, _last_first(each), each.id))


def _last_first(notice: Notice) -> float:
    return -notice.times.ends_at.timestamp()


def metres_to(notice: Notice, point: Point) -> float:
    """Return how far a point is from the area of a notice, 0 inside it."""
    shapes = np.array([notice.shape], dtype=np.object_)
    plane = Plane(point.lat)
    flat = shapely.transform(shapes, plane.metres)[0]
    return float(shapely.distance(flat, shapely.Point(plane.point(point))))


def affected(shape: BaseGeometry, places: Sequence[tuple[float, float]]) -> int:
    """Count the places, latitude and longitude, that lie in an area."""
    if not places:
        return 0
    lats, lons = np.array(places, dtype=np.float64).T
    shapely.prepare(shape)
    return int(shapely.intersects_xy(shape, lons, lats).sum())


def words_for_caller(notice: Notice, number: str | None) -> Sentence:
    """Say what a caller inside the area is told, and when it is expected to end.

    `number` is that of the ticket whose crew ends it, None where there is none.
    """
    facts = {
        "kind": KIND_NAMES[notice.kind],
        "area": notice.area,
        "time": notice.times.ends_at,
    }
    if number is None:
        return say(
            "Tell the caller: it is a known interruption in %(area)s (%(kind)s), expected to end "
            "by %(time)s. Nobody needs to come.",
            **facts,
        )
    return say(
        "Tell the caller: it is a known interruption in %(area)s (%(kind)s), expected to end by "
        "%(time)s. A crew works on it as %(number)s.",
        **facts,
        number=number,
    )


def overlap(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Tell whether two areas share more than a border."""
    shared = float(shapely.area(shapely.intersection(one, other)))
    smaller = min(float(shapely.area(one)), float(shapely.area(other)))
    return shared > SLIVER * smaller
