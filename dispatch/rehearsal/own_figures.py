"""Which figures of a rehearsal does its page show, beside those of life?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.domain.samples import Share
from dispatch.rehearsal.city import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.rehearsal.city import Flags, Places
    from dispatch.rehearsal.outcome import Outcome

_ROUNDING = 1e-6


def figures_of(
    outcome: Outcome, team: Places, promise: float, hours: Sequence[tuple[float, float]] = ()
) -> dict[str, Any]:
    """Return totals and groups for a promise in seconds; `team` owns each ticket.

    Late and unserved tickets are missed; percentiles stand on those that were reached. A row is
    ``{key, n, hits, rate, minutes}``, its key None for tickets outside every grid or team. `hours`
    are the seconds from and to which the row ``in_hours`` counts the calls; None without any.
    """
    waited = np.nan_to_num(outcome.reached - outcome.received, nan=np.inf)
    in_time = waited <= promise + _ROUNDING
    found = outcome.figures()
    return {
        "total": _row(None, outcome, in_time, outcome.counted),
        "in_hours": _row(None, outcome, in_time, _within(outcome, hours)) if hours else None,
        "by_level": _groups(outcome, in_time, outcome.level, range(5)),
        "by_team": _groups(outcome, in_time, team, outcome.city.team_names),
        "by_grid": _groups(outcome, in_time, outcome.grid, outcome.city.grid_names),
        "unserved": found["unserved"],
        "one_visit_share": found["one_visit_share"],
        "home_team_share": found["home_team_share"],
        "travel_km_per_ticket": found["travel_km_per_ticket"],
        "reassignments": found["reassignments"],
        "declined": outcome.declined,
        "cancelled": found["cancelled"],
        "second_visits": sum(visit.is_second for visit in outcome.visits),
    }


def _within(outcome: Outcome, hours: Sequence[tuple[float, float]]) -> Flags:
    found = np.zeros(len(outcome.received), dtype=np.bool_)
    for begins, ends in hours:
        found |= (outcome.received >= begins) & (outcome.received < ends)
    return found


def _groups(
    outcome: Outcome, in_time: Flags, keys: Places, names: Sequence[object]
) -> list[dict[str, Any]]:
    return [
        _row(None if key == NONE else names[key], outcome, in_time, keys == key)
        for key in sorted(np.unique(keys).tolist(), key=lambda key: (key == NONE, key))
    ]


def _row(key: object, outcome: Outcome, in_time: Flags, among: Flags) -> dict[str, Any]:
    counted = outcome.counted & among
    share = Share(int(np.sum(in_time & counted)), int(np.sum(counted)))
    return {"key": key, **share.as_json(), "minutes": outcome.response_minutes(among)}
