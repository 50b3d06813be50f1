"""How long do crews work, how fast do they drive, and how much of their time are they busy?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from dispatch.domain.coverage import RepairTimes
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.shifts import ShiftRule
from dispatch.domain.travel import StraightLine
from dispatch.domain.utilisation import HOURS, duty_seconds_by_hour, utilisation_by_hour
from dispatch.models.base import db
from dispatch.models.people import Crew, Shift
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.kept_answers import KeptAnswers
from dispatch.queries.policies import policy_in_force
from dispatch.queries.travel_history import travel_fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOOK_BACK = timedelta(days=28)
UTILISATION_UNKNOWN = 0.5
"""Crews are taken to be busy half of their time until enough visits are known."""

_OLDEST = timedelta(minutes=10)
_LEAST_SIGMA = 0.05
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Workload:
    """What the visits of the last 28 days say; `is_known` is False below 20 of them.

    `by_category` holds the times on site of the categories with 20 visits and more.
    """

    repair: RepairTimes
    utilisation: Floats
    is_known: bool
    by_category: Mapping[str, RepairTimes] = field(default_factory=dict)

    def repair_of(self, category: str) -> RepairTimes:
        """Return the times on site of a category; those of all where it is too rare."""
        return self.by_category.get(category, self.repair)


_kept: KeptAnswers[Workload] = KeptAnswers(_OLDEST)


def workload(now: datetime) -> Workload:
    """Return the time on site and the utilisation by local hour, at most ten minutes old."""
    return _kept.get("workload", now, lambda: _workload(now))


def usual_travel(now: datetime) -> StraightLine:
    """Return the straight line at the speeds of our own drives, usual ones where few are known."""
    fit = travel_fit(policy_in_force().policy.calendar.zone, now=now)
    return fit.straight_line() if fit else StraightLine()


def shift_rules() -> dict[int, list[ShiftRule]]:
    """Return the shifts of every active crew."""
    rules: dict[int, list[ShiftRule]] = defaultdict(list)
    for row in db.session.execute(
        select(
            Shift.crew_id, Shift.start_minute, Shift.end_minute, Shift.weekdays, Shift.valid_from,
            Shift.valid_to,
        )
        .join(Crew, Crew.id == Shift.crew_id)
        .where(Crew.active)
    ):  # fmt: skip
        rules[row[0]].append(ShiftRule(*row[1:]))
    return rules


def _workload(now: datetime) -> Workload:
    rows = db.session.execute(
        select(Visit.dispatched_at, Visit.arrived_at, Visit.ended_at, Ticket.category)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(
            Visit.dispatched_at >= now - LOOK_BACK,
            Visit.dispatched_at < now,
            Visit.ended_at.is_not(None),
        )
    ).all()
    if len(rows) < MINIMUM_SAMPLE:
        return Workload(RepairTimes(), np.full(HOURS, UTILISATION_UNKNOWN), is_known=False)
    sent, arrived, ended = (
        micros(getattr(row, name) for row in rows) / MICROSECONDS
        for name in ("dispatched_at", "arrived_at", "ended_at")
    )
    zone = policy_in_force().policy.calendar.zone
    used = _utilisation(sent, ended, now, zone, shift_rules())
    known = used is not None
    return Workload(
        _repair_times(ended - arrived),
        used if used is not None else np.full(HOURS, UTILISATION_UNKNOWN),
        is_known=known,
        by_category=_by_category([row.category for row in rows], ended - arrived),
    )


def _by_category(categories: Sequence[str], seconds: Floats) -> dict[str, RepairTimes]:
    """Fit each category that is known well enough to have times of its own."""
    of = np.array(categories)
    fitted = {}
    for category in sorted(set(categories)):
        own = seconds[of == category]
        if np.count_nonzero(own > 0) >= MINIMUM_SAMPLE:
            fitted[category] = _repair_times(own)
    return fitted


def _repair_times(seconds: Floats) -> RepairTimes:
    """Fit a lognormal to the times on site; the usual one where too few are known, or no spread."""
    logs = np.log(seconds[seconds > 0])
    if len(logs) < MINIMUM_SAMPLE or logs.std() < _LEAST_SIGMA:
        return RepairTimes()
    return RepairTimes(float(np.exp(logs.mean() + logs.var() / 2)), float(logs.std()))


def _utilisation(
    sent: Floats, ended: Floats, now: datetime, zone: ZoneInfo, rules: Mapping[int, list[ShiftRule]]
) -> Floats | None:
    offset = now.astimezone(zone).utcoffset() or timedelta()
    local = offset.total_seconds()
    first = float(sent.min())
    days = min(LOOK_BACK.total_seconds(), (now - _EPOCH).total_seconds() - first) / 86_400.0
    duty = duty_seconds_by_hour((each for those in rules.values() for each in those), now)
    return utilisation_by_hour(sent + local, ended + local, duty, days)
