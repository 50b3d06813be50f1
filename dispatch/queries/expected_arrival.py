"""When would a crew be there, if this call became a ticket now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.candidates import Need, assess
from dispatch.domain.categories import category_rule
from dispatch.domain.crew_fit import kit_for
from dispatch.domain.service_policy import ClockKind, Level, Zone, dues_for
from dispatch.queries.candidates import EXPECTED_WORK, Waiting, crew_board
from dispatch.queries.grids import grid_map
from dispatch.queries.policies import policy_in_force
from dispatch.queries.storm_queue import outlook_of_call

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.candidates import Candidate
    from dispatch.domain.place import Point
    from dispatch.domain.storm_queue import Outlook

NOT_YET_A_TICKET = 0


@dataclass(frozen=True, slots=True)
class ExpectedArrival:
    """The promise and the likeliest crew; each None where there is none.

    `storm` is what is told in place of both while storm mode is on there.
    """

    due_at: datetime | None
    arrives_at: datetime | None
    crew: str | None
    storm: Outlook | None = None


def expected_arrival(
    point: Point, category: str, level: int | None, *, now: datetime
) -> ExpectedArrival:
    """Weigh the crews for a fault at a WGS-84 point that nobody has written down yet.

    Raises:
        Invalid: when there is no such category.
    """
    rule = category_rule(category)
    urgency = Level(level) if level in set(Level) else rule.level
    grids = grid_map(now)
    found = grids.index.find_grid(point)
    facts = grids.facts[found.key] if found.key is not None else None
    dues = dues_for(
        policy_in_force().policy,
        level=urgency,
        zone=Zone(facts.zone) if facts else Zone.TOWN,
        in_circle=facts.in_circle if facts else True,
        received_at=now,
    )
    need = Need(
        ticket_id=NOT_YET_A_TICKET,
        point=point,
        level=urgency,
        skill=rule.skill,
        arrive_due_at=dues.get(ClockKind.ARRIVE),
        owning_team_id=facts.team_id if facts else None,
        expected_work_minutes=EXPECTED_WORK // timedelta(minutes=1),
        received_at=now,
        kit=kit_for(rule, None),
        grid_id=found.key,
    )
    waiting = Waiting(need, NOT_YET_A_TICKET, found.key)
    weighed = assess(need, crew_board(now).options_for(waiting, frozenset()), now=now)
    first = next((each for each in weighed if each.excluded_by is None), None)
    return _told(first, dues.get(ClockKind.ARRIVE), outlook_of_call(point, urgency, now))


def _told(
    first: Candidate | None, due_at: datetime | None, storm: Outlook | None
) -> ExpectedArrival:
    return ExpectedArrival(
        due_at,
        first.arrives_at if first else None,
        first.name if first else None,
        None if storm is None or storm.keeps(due_at) else storm,
    )
