"""When is a crew expected at each of its stops, and when is it done there?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.coverage import RepairTimes
from dispatch.domain.repair_time import mean_left
from dispatch.domain.time_left import reckoned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.time_left import TimeLeft

LONGEST_DRIVE = timedelta(minutes=30)
"""A crew whose arrival nobody has estimated is taken to be there so long after it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One place where a crew was, is or will be.

    `mean_seconds` and `sigma` are the law of the time on site, as in `repair_time`; `told` is what
    the crew said last of how much longer it needs.
    """

    sent_at: datetime
    arrived_at: datetime | None
    ended_at: datetime | None
    eta_at: datetime | None
    mean_seconds: float
    sigma: float
    told: TimeLeft | None = None


class Course(NamedTuple):
    """When a crew reaches a stop and leaves it: as it was, or as it is expected to be.

    `arrives_at` is None where the crew left without having been there; `drives_at` is from when a
    crew that has not been there can drive.
    """

    arrives_at: datetime | None
    ends_at: datetime
    drives_at: datetime | None = None


def courses(stops: Sequence[Stop], now: datetime) -> list[Course]:
    """Return the course of each stop of one crew, in the order given.

    A crew on site stays for the mean time that its repair is still expected to last; then it takes
    what is left in the order of the estimated arrivals, and drives to each as long as was
    estimated when it was sent.
    """
    found: dict[int, Course] = {}
    free_at, has_before = now, False
    for place, stop in enumerate(stops):
        if stop.ended_at is not None:
            found[place] = Course(stop.arrived_at, stop.ended_at)
        elif stop.arrived_at is not None:
            found[place] = Course(stop.arrived_at, now + _left(stop, now))
            free_at, has_before = max(free_at, found[place].ends_at), True
    ahead = [place for place in range(len(stops)) if place not in found]
    for place in sorted(ahead, key=lambda each: _expected(stops[each])):
        stop = stops[place]
        drive = max(timedelta(), _expected(stop) - stop.sent_at) if has_before else timedelta()
        arrives_at = max(_expected(stop), free_at + drive)
        ends_at = arrives_at + timedelta(seconds=round(stop.mean_seconds))
        found[place] = Course(arrives_at, ends_at, free_at)
        free_at, has_before = ends_at, True
    return [found[place] for place in range(len(stops))]


def _expected(stop: Stop) -> datetime:
    return stop.eta_at or stop.sent_at + LONGEST_DRIVE


def _left(stop: Stop, now: datetime) -> timedelta:
    usual = RepairTimes(stop.mean_seconds, stop.sigma)
    since, law = reckoned(stop.arrived_at or now, usual, stop.told)
    spent = (now - since).total_seconds()
    laws = (np.array([each]) for each in (spent, law.mean_seconds, law.sigma))
    return timedelta(seconds=round(float(mean_left(*laws)[0])))
