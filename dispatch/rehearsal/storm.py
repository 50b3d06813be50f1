"""What if it rained harder: which calls come on top for some hours?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.rehearsal.city import HOUR, Calls
from dispatch.rehearsal.demand import Demand, reordered

_STREAM = 6


def with_storm(demand: Demand, factor: float, begins: float, hours: float, seed: int) -> Demand:
    """Return the demand with `factor` times the calls from hour `begins` on, for some hours.

    The calls on top are drawn from all the places and kinds of the demand, evenly over the hours;
    where those hours had no call of their own, the mean rate counts. Raises Invalid for hours
    outside the days, or a factor below 1.
    """
    from_at, to_at = begins * HOUR, (begins + hours) * HOUR
    if not (factor >= 1 and hours > 0 and from_at >= 0 and to_at <= demand.seconds):
        fault = say(
            "A storm needs a factor of 1 or more, and hours within the %(hours)s of the rehearsal.",
            hours=round(demand.seconds / HOUR),
        )
        raise Invalid(fault, fields={"storm": fault})
    calls = demand.calls
    usual = int(np.sum((calls.received >= from_at) & (calls.received < to_at)))
    usual = usual or round(len(calls) * (to_at - from_at) / demand.seconds)
    stream = np.random.default_rng([seed, _STREAM])
    extra = round(usual * (factor - 1))
    at = from_at + stream.random(extra) * (to_at - from_at)
    drawn = reordered(calls, stream.integers(len(calls), size=extra))
    joined = _joined(calls, replace(drawn, received=at))
    order = np.argsort(joined.received, kind="stable")
    return replace(demand, calls=reordered(joined, order), storm_calls=extra)


def _joined(first: Calls, second: Calls) -> Calls:
    return Calls(
        received=np.concatenate([first.received, second.received]),
        place=np.concatenate([first.place, second.place]),
        level=np.concatenate([first.level, second.level]),
        grid=np.concatenate([first.grid, second.grid]),
        team=np.concatenate([first.team, second.team]),
        skill=np.concatenate([first.skill, second.skill]),
    )
