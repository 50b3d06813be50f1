"""Which crew should head where, so that the most promises of arrival are kept?

Each time something changes, all tickets that nobody has reached and all crews on duty are weighed
together, crews still at work among them: they count with the time they are expected to need. First
the tickets that can still be reached in time are matched to crews (an optimal assignment on the
chance to be in time). Then the late ones, and those with hours to spare, get the crews that are
left; the late ones only as long as enough stay free for the calls expected before others finish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import ndtr

from dispatch.domain.outlook import NOBODY
from dispatch.domain.repair_time import chance_done, mean_left

if TYPE_CHECKING:
    from dispatch.domain.outlook import Flags, Floats, Outlook, Places

_MINUTE = 60.0
_HOUR = 3_600.0
_HOPELESS = 0.02
_FAR_FUTURE = 1e6
_LEFT_OUT_MINUTES = 60.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What each wish counts, in minutes of driving unless another unit is named.

    `promise`: a promise of weight 1 that is kept. `drive`: each minute of driving, when crews are
    plenty; it rises as they run short. `home`: the owning team goes. `stay`: a crew keeps its
    course. `busy_hour_drive`: the further price of a driven minute when no crew is spare.
    `patience_seconds`: after so long past its promise a ticket no longer waits for quiet.
    `reserve`: the chance to run short of crews above which late tickets wait for quiet.
    `horizon_seconds`: how far ahead calls are expected. `unhurried_seconds`: a ticket with more
    time than this to spare gets a crew that is left over, as the late ones do. `fairness`: minutes
    of driving that an hour of waiting is worth among those. `urgent`: a ticket of at least this
    weight never waits for quiet. `continuity`: the crew goes that knows the household. `evenness`:
    each visit this shift that a crew has had less than the mean. `first`: how many times the weight
    of its level a ticket has whose household a storm serves first. `told_wait`: what a minute of
    waiting for a crew at work costs, in driven minutes, where crews say when they are free.
    """

    promise: float = 30.0
    drive: float = 0.3
    home: float = 5.0
    stay: float = 1.0
    busy_hour_drive: float = 0.55
    patience_seconds: float = 6 * _HOUR
    reserve: float = 0.75
    horizon_seconds: float = 20 * _MINUTE
    unhurried_seconds: float = 45 * _MINUTE
    fairness: float = 1.0
    urgent: float = 3.0
    continuity: float = 2.0
    evenness: float = 1.0
    first: float = 2.0
    told_wait: float = 0.5


DEFAULT_WEIGHTS = Weights()

TURNED_ONCE = Weights(stay=10.0)
"""The default of the product, where a crew is turned once at most on a drive."""


class Prospects(NamedTuple):
    """Of each pair (n, m): the chance to be in time, and the seconds until arrival (NaN: never)."""

    in_time: Floats
    arrives_in: Floats


def prospects(seen: Outlook) -> Prospects:
    """Weigh how likely each crew is in time at each ticket, and when it would be there.

    A crew at work first needs the rest of its repair; a ticket without a promise is always in time.
    """
    limit = seen.slack[:, None]
    drive = np.where(seen.may_go, seen.drive, np.nan)
    if seen.spread > 0:
        with np.errstate(divide="ignore", invalid="ignore"):
            in_time = ndtr((limit / drive - 1.0) / seen.spread)
        in_time = np.where(drive == 0, limit >= 0, in_time)
    else:
        in_time = (drive <= limit).astype(np.float64)
    arrives_in = drive.copy()
    working = np.flatnonzero(~np.isnan(seen.on_site))
    if len(working):
        law = (seen.repair_mean[working], seen.repair_sigma[working])
        spent = seen.on_site[working]
        left = limit - drive[:, working]
        in_time[:, working] = chance_done(spent, np.minimum(left, _FAR_FUTURE), *law) * (left >= 0)
        arrives_in[:, working] += mean_left(spent, *law)
    return Prospects(np.nan_to_num(in_time, nan=0.0), arrives_in)


def look_ahead(seen: Outlook, weights: Weights = DEFAULT_WEIGHTS) -> Places:
    """Return for each crew (m,) the ticket it should head to, or NOBODY.

    For a crew that is at work the answer is an intention: the ticket waits for it.
    """
    plan = np.where(seen.is_free | ~np.isnan(seen.on_site), NOBODY, seen.heading)
    if not (seen.tickets and seen.crews):
        return plan
    seen = _first_served(seen, weights)
    likely = prospects(seen)
    bound = np.isin(np.arange(seen.tickets), plan[plan != NOBODY])
    hurried = ~bound & _is_hurried(seen, likely, weights)
    usable = plan == NOBODY
    shortage = _Shortage(seen, weights)
    spare = int(np.sum(seen.is_free)) - int(np.sum(hurried))
    price = weights.drive + weights.busy_hour_drive * shortage.chance(spare)
    _match(seen, likely, weights, np.flatnonzero(hurried), usable, price, plan)
    others = ~np.isin(np.arange(seen.tickets), plan[plan != NOBODY])
    _fill(seen, likely, weights, np.flatnonzero(others & ~hurried), shortage, plan)
    return plan


def _first_served(seen: Outlook, weights: Weights) -> Outlook:
    """Let the households that a storm serves first weigh more; nothing changes outside of one."""
    if seen.first is None:
        return seen
    return replace(seen, weight=np.where(seen.first, seen.weight * weights.first, seen.weight))


def _is_hurried(seen: Outlook, likely: Prospects, weights: Weights) -> Flags:
    """Tell which tickets some crew may still reach in time, and have no hours to spare."""
    soonest = np.nan_to_num(likely.arrives_in, nan=_FAR_FUTURE).min(axis=1)
    hurried: Flags = (likely.in_time.max(axis=1) > _HOPELESS) & (
        seen.slack - soonest <= weights.unhurried_seconds
    )
    return hurried


def _match(
    seen: Outlook,
    likely: Prospects,
    weights: Weights,
    tickets: Places,
    usable: Flags,
    price: float,
    plan: Places,
) -> None:
    """Match tickets to crews by the greatest gain, and write it into the plan."""
    crews = np.flatnonzero(usable)
    if not (len(tickets) and len(crews)):
        return
    pairs = np.ix_(tickets, crews)
    drive = seen.drive[pairs] / _MINUTE
    gain = weights.promise * seen.weight[tickets][:, None] * likely.in_time[pairs]
    gain += weights.drive * _wishes(seen, weights, tickets, crews)
    gain -= price * (drive - _LEFT_OUT_MINUTES)
    if seen.told is not None:
        gain -= price * weights.told_wait * (likely.arrives_in[pairs] / _MINUTE - drive)
    gain += price * weights.stay * (tickets[:, None] == seen.heading[crews][None, :])
    # A pair that gains nothing is as good as none, so the matrix needs no column for "nobody".
    gain = np.where(seen.may_go[pairs] & (gain > 0), gain, 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    worth = gain[rows, columns] > 0
    plan[crews[columns[worth]]] = tickets[rows[worth]]


def _wishes(seen: Outlook, weights: Weights, tickets: Places, crews: Places) -> Floats:
    """Return what speaks for each pair besides promise and drive, in minutes of driving."""
    pairs = np.ix_(tickets, crews)
    found: Floats = np.where(seen.home[pairs], weights.home, 0.0)
    if seen.knows is not None:
        found += weights.continuity * seen.knows[pairs]
    if seen.extra_visits is not None:
        found -= weights.evenness * seen.extra_visits[crews]
    return found


class _Shortage:
    """How likely is it that calls come before crews are free for them?"""

    def __init__(self, seen: Outlook, weights: Weights) -> None:
        working = np.flatnonzero(~np.isnan(seen.on_site))
        done = chance_done(
            seen.on_site[working],
            np.array(weights.horizon_seconds),
            seen.repair_mean[working],
            seen.repair_sigma[working],
        )
        calls = seen.arrivals * weights.horizon_seconds / _HOUR
        self.mean = calls - float(done.sum())
        self.deviation = float(np.sqrt(calls + (done * (1 - done)).sum() + 0.25))
        self.any_call = 1.0 - math.exp(-calls)

    def chance(self, spare: int) -> float:
        """Return the chance that more calls than `spare` and the crews that finish are coming.

        The difference of the two counts is taken as normal, with the correction for continuity;
        it is never above the chance that any call comes, which matters where calls are few.
        """
        short = float(ndtr((self.mean - max(spare, 0) + 0.5) / self.deviation))
        return min(short, self.any_call)


def _fill(
    seen: Outlook,
    likely: Prospects,
    weights: Weights,
    tickets: Places,
    shortage: _Shortage,
    plan: Places,
) -> None:
    """Give the tickets that wait for quiet the crews that can be spared, the best pair first."""
    crews = np.flatnonzero(seen.is_free & (plan == NOBODY))
    if not (len(tickets) and len(crews)):
        return
    pairs = np.ix_(tickets, crews)
    waited = seen.waited[tickets] / _HOUR
    cost = likely.arrives_in[pairs] / _MINUTE - _wishes(seen, weights, tickets, crews)
    cost -= (weights.fairness * waited + weights.promise * (seen.weight[tickets] - 1))[:, None]
    under_way = tickets[:, None] == seen.heading[crews][None, :]
    cost -= weights.stay * 5 * under_way
    cost[~seen.may_go[pairs]] = np.inf
    overdue = np.clip(-seen.slack[tickets] / weights.patience_seconds, 0.0, 1.0)
    overdue[(seen.weight[tickets] >= weights.urgent) | (seen.slack[tickets] >= 0)] = 1.0
    limit = weights.reserve + (1.0 - weights.reserve) * overdue
    spare, waiting = len(crews), len(tickets)
    order = np.argsort(cost, axis=None, kind="stable")
    given = np.zeros(len(tickets), dtype=np.bool_)
    taken = np.zeros(len(crews), dtype=np.bool_)
    for row, column in zip(*np.unravel_index(order, cost.shape), strict=True):
        if not np.isfinite(cost[row, column]) or spare == 0 or waiting == 0:
            break
        if given[row] or taken[column]:
            continue
        given[row] = True
        waiting -= 1
        if shortage.chance(spare - 1) < limit[row] or under_way[row, column] or overdue[row] == 1.0:
            plan[crews[column]] = tickets[row]
            taken[column] = True
            spare -= 1
