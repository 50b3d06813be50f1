"""How does every crew stand before a ticket of the plan, with the drives that the plan counted?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.candidates import standing
from dispatch.domain.repair_time import mean_left
from dispatch.domain.travel import Leg, great_circle_metres

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dispatch.domain.candidates import CrewOption
    from dispatch.domain.live_outlook import OnDuty, Pending, Sight


def options_for(
    ticket: Pending,
    crews: Iterable[CrewOption],
    sight: Sight,
    now: datetime,
    leaves: int | None = None,
) -> list[CrewOption]:
    """Return every crew as it stands before one ticket; the crew `leaves` is taken off its own.

    A crew at work is where it works, and busy for as long as that is expected to last still.
    """
    on_duty = {each.crew.crew_id: each for each in sight.crews}
    found = []
    for crew in crews:
        option = standing(crew, ticket.need, ticket.near_teams, ticket.refused)
        known = on_duty.get(crew.crew_id)
        if crew.crew_id == leaves:
            option = replace(option, active_visits=0, busy_until=None)
        elif known is not None and known.working_since is not None:
            option = replace(
                option,
                busy_until=_free_at(known, known.working_since, now),
                has_told=known.has_told,
                position=known.origin,
                position_source="live",
                position_age_seconds=None,
            )
        found.append(option)
    return found


def _free_at(crew: OnDuty, since: datetime, now: datetime) -> datetime:
    spent = np.array(max(0.0, (now - since).total_seconds()))
    left = mean_left(spent, np.array(crew.repair_mean), np.array(crew.repair_sigma))
    return now + timedelta(seconds=float(left))


def legs_to(ticket: Pending, sight: Sight) -> dict[int, Leg]:
    """Return the drives to a ticket that the plan counted, by crew; none to an unknown place.

    `assess` makes those from an old position longer, as the plan did.
    """
    point = ticket.need.point
    if point is None:
        return {}
    row = next(at for at, each in enumerate(sight.tickets) if each is ticket)
    placed = [at for at, each in enumerate(sight.crews) if each.origin is not None]
    origins = [each.origin for each in sight.crews if each.origin is not None]
    places = np.array([(at.lat, at.lon) for at in origins]).reshape(-1, 2)
    metres = great_circle_metres(places, np.array([(point.lat, point.lon)]))[:, 0]
    drives, seen = sight.drives, sight.seen
    seconds = np.where(seen.heading == row, seen.drive[row], drives.seconds[:, row])
    return {
        sight.crews[at].crew.crew_id: Leg(far, float(seconds[at]), drives.source, drives.spread)
        for at, far in zip(placed, metres.tolist(), strict=True)
    }
