"""Which crews does a file name, where do they wait, and when are they on duty?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.categories import SKILLS
from dispatch.domain.shifts import ShiftRule, duty_at
from dispatch.rehearsal.city import ALWAYS, NONE, WEEK, Staff, all_skilled
from dispatch.rehearsal.staffing import shared_out, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.domain.crew_rows import CrewDraft
    from dispatch.rehearsal.city import Calls, Floats, Places
    from dispatch.rehearsal.demand import Demand, Ground

_DAY = timedelta(days=1)


def staff_at(bases: Floats, crews: int, calls: Calls, ground: Ground) -> Staff:
    """Share crews around the clock out over given bases, (b, 2), by the calls nearest to each.

    With fewer crews than bases the bases with most calls get one each.
    """
    base = posts_at(bases, crews, calls)
    return Staff(
        base=base,
        team=teams_at(base, ground),
        skilled=all_skilled(crews),
        duties=(ALWAYS,) * crews,
    )


def posts_at(bases: Floats, crews: int, calls: Calls) -> Floats:
    """Return the base of each of so many crews, shared out as `staff_at` does."""
    away = ((calls.place[:, None, :] - bases[None, :, :]) ** 2).sum(axis=2)
    demand = np.bincount(np.argmin(away, axis=1), minlength=len(bases))
    if crews < len(bases):
        counts = np.zeros(len(bases), dtype=np.int64)
        counts[np.argsort(-demand, kind="stable")[:crews]] = 1
    else:
        counts = shared_out(crews, demand)
    return np.repeat(bases, counts, axis=0)


def teams_at(base: Floats, ground: Ground) -> Places:
    """Return the team that owns the ground of each base, NONE outside every grid."""
    grid = ground.index.find_many(base[:, 0], base[:, 1])
    teams: Places = np.where(grid == NONE, NONE, ground.team_of_grid[grid])
    return teams


def staff_of(drafts: Sequence[CrewDraft], demand: Demand, ground: Ground) -> Staff:
    """Take the crews of a roster with their skills and shifts.

    A team that owns no grid is told by the base; a crew without a base waits where its team's
    calls, or all calls, have their middle.
    """
    named = [_team(draft.team, ground) for draft in drafts]
    base = np.array(
        [
            (draft.base.lat, draft.base.lon) if draft.base else _middle(demand.calls, team)
            for draft, team in zip(drafts, named, strict=True)
        ],
        dtype=np.float64,
    )
    team = np.array(named, dtype=np.int64)
    return Staff(
        base=base,
        team=np.where(team == NONE, teams_at(base, ground), team),
        skilled=np.array([[skill in draft.skills for skill in SKILLS] for draft in drafts]),
        duties=tuple(duties_of(draft, demand) for draft in drafts),
    )


def _team(name: str, ground: Ground) -> int:
    return ground.team_names.index(name) if name in ground.team_names else NONE


def _middle(calls: Calls, team: int) -> tuple[float, float]:
    own = calls.place[calls.team == team] if team != NONE else calls.place
    own = own if len(own) else calls.place
    lat, lon = own[spread(own, 1)[0]].tolist()
    return lat, lon


def duties_of(draft: CrewDraft, demand: Demand) -> tuple[tuple[float, float], ...]:
    """Return a crew's times on duty in seconds since the start, by the clock on the wall.

    Equal times are the whole day; a shift may cross midnight and a change of the clocks.
    """
    if draft.shift_start == draft.shift_end:
        return ALWAYS
    zone, rule = demand.period.zone, ShiftRule(draft.shift_start, draft.shift_end)
    begins = time(*divmod(draft.shift_start, 60))
    day, duties = demand.period.first - _DAY, []
    while day < demand.period.until + timedelta(seconds=WEEK):
        duty = duty_at([rule], zone, datetime.combine(day, begins, zone))
        if duty is not None and duty.ends_at is not None:
            span = [(at - demand.starts_at).total_seconds() for at in (duty[0], duty.ends_at)]
            if span[1] > 0:
                duties.append((max(span[0], 0.0), span[1]))
        day += _DAY
    return tuple(duties)
