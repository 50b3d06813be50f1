"""How do the tickets that nobody has reached and the crews on duty stand, as the planner sees them?

Here the rows of the day become the arrays of an `Outlook`, under the hard rules that
`candidates.assess` words for people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.crew_fit import NOTHING, missing_part, outside_area, wrong_vehicle
from dispatch.domain.outlook import NOBODY, REPAIR_MEAN_SECONDS, REPAIR_SIGMA, Outlook
from dispatch.domain.service_policy import Level
from dispatch.domain.travel import StraightLine, TravelAnswer
from dispatch.domain.whereabouts import STALE_POSITION_SECONDS, with_drift

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dispatch.domain.candidates import CrewOption, Need
    from dispatch.domain.crew_fit import Area, Kit
    from dispatch.domain.outlook import Flags, Floats, Places
    from dispatch.domain.place import Point

UNKNOWN_DRIVE_SECONDS = 900.0
"""What the home team is taken to drive to a place that is not known yet."""

_MINUTE = 60.0
_NOWHERE = (np.nan, np.nan)


class Turn(IntEnum):
    """May a crew that is under way be sent elsewhere?"""

    NEVER = 0
    EMERGENCY = 1
    ANY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A ticket that nobody has reached, the version that was seen, and who is not to be asked.

    `first`: a storm serves its household first.
    """

    need: Need
    version: int
    near_teams: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """A crew on duty: free, under way to the ticket `heading`, or at work since `working_since`.

    `origin` is where it is, or where it works. `repair_mean` and `repair_sigma` are the law of the
    work that it does; `eta_at` is when it should arrive where it heads to. `gives_up` is the ticket
    of a planned visit that it drives to and leaves for any repair. `has_told`: it has said how much
    longer it needs, and `working_since` and the law count from then on.
    """

    crew: CrewOption
    origin: Point | None
    heading: int | None = None
    visit_id: int | None = None
    turn: Turn = Turn.ANY
    eta_at: datetime | None = None
    gives_up: int | None = None
    working_since: datetime | None = None
    repair_mean: float = REPAIR_MEAN_SECONDS
    repair_sigma: float = REPAIR_SIGMA
    has_told: bool = False

    @property
    def is_idle(self) -> bool:
        """Tell whether it is on no ticket."""
        return self.heading is None and self.working_since is None


@dataclass(frozen=True, slots=True)
class Sight:
    """An outlook, the ticket of each row, the crew of each column, and who timed the drives.

    `drives` are those from the positions as they were last seen, (m, n).
    """

    seen: Outlook
    tickets: Sequence[Pending]
    crews: Sequence[OnDuty]
    drives: TravelAnswer


def sight(
    tickets: Sequence[Pending],
    crews: Sequence[OnDuty],
    ask: Callable[[Floats, Floats], TravelAnswer],
    *,
    now: datetime,
    level_weights: Sequence[float],
    arrivals: float,
) -> Sight:
    """Return the instant as arrays.

    `ask` answers the drives from origins (m, 2) to goals (n, 2); `level_weights` are those of
    promises to levels 1 to 4, `arrivals` the tickets expected in an hour. A pair for which no
    drive is known, though both places are, is driven along the straight line.
    """
    origins = _places([each.origin for each in crews])
    goals = _places([each.need.point for each in tickets])
    drives = _mended(ask(origins, goals), origins, goals)
    seen = Outlook(
        drive=_drifting(drives, crews),
        may_go=np.ones((len(tickets), len(crews)), dtype=np.bool_),
        home=_home(tickets, crews),
        slack=np.array([_slack(each.need, now) for each in tickets], dtype=np.float64),
        waited=np.array([_waited(each.need, now) for each in tickets], dtype=np.float64),
        weight=np.array([level_weights[each.need.level - 1] for each in tickets], dtype=float),
        work=np.array([each.need.expected_work_minutes * _MINUTE for each in tickets], dtype=float),
        heading=_heading(tickets, crews),
        can_turn=np.array([each.turn > Turn.NEVER for each in crews], dtype=np.bool_),
        on_site=np.array([_on_site(each, now) for each in crews], dtype=np.float64),
        repair_mean=np.array([each.repair_mean for each in crews], dtype=np.float64),
        repair_sigma=np.array([each.repair_sigma for each in crews], dtype=np.float64),
        spread=drives.spread,
        arrivals=arrivals,
        knows=_knows(tickets, crews),
        first=_first(tickets),
        told=_told(crews),
        extra_visits=np.array([each.crew.extra_visits for each in crews], dtype=np.float64),
    )
    _drive_without_place(seen, tickets, crews, now)
    return Sight(replace(seen, may_go=_allowed(seen, tickets, crews, now)), tickets, crews, drives)


def _places(points: Sequence[Point | None]) -> Floats:
    pairs = [_NOWHERE if each is None else (each.lat, each.lon) for each in points]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def _mended(answer: TravelAnswer, origins: Floats, goals: Floats) -> TravelAnswer:
    """Let the straight line answer for the pairs that a source has no finite time for."""
    usable = np.isfinite(answer.seconds) & (answer.seconds >= 0)
    if usable.all():
        return answer
    straight = StraightLine().seconds(origins, goals)
    return replace(answer, seconds=np.where(usable, answer.seconds, straight))


def _home(tickets: Sequence[Pending], crews: Sequence[OnDuty]) -> Flags:
    owners = [each.need.owning_team_id for each in tickets]
    owner = np.array([NOBODY if each is None else each for each in owners], dtype=np.int64)
    team = np.array([each.crew.team_id for each in crews], dtype=np.int64)
    home: Flags = owner[:, None] == team[None, :]
    return home


def _knows(tickets: Sequence[Pending], crews: Sequence[OnDuty]) -> Flags | None:
    last = [each.need.last_crew_id for each in tickets]
    if not any(each is not None for each in last):
        return None
    known = np.array([NOBODY if each is None else each for each in last], dtype=np.int64)
    own = np.array([each.crew.crew_id for each in crews], dtype=np.int64)
    knows: Flags = known[:, None] == own[None, :]
    return knows


def _first(tickets: Sequence[Pending]) -> Flags | None:
    if not any(each.first for each in tickets):
        return None
    return np.array([each.first for each in tickets], dtype=np.bool_)


def _told(crews: Sequence[OnDuty]) -> Flags | None:
    if not any(each.has_told for each in crews):
        return None
    return np.array([each.has_told for each in crews], dtype=np.bool_)


def _drifting(drives: TravelAnswer, crews: Sequence[OnDuty]) -> Floats:
    """Lengthen the drives of crews whose position is old."""
    drift = np.array([_drift(each) for each in crews], dtype=np.float64)
    return np.ascontiguousarray(with_drift(drives.seconds.T, drift))


def _drift(crew: OnDuty) -> float:
    """Return how far a crew may be from its position; one at work is where it works."""
    return crew.crew.drift if crew.working_since is None else 0.0


def _heading(tickets: Sequence[Pending], crews: Sequence[OnDuty]) -> Places:
    row = {each.need.ticket_id: at for at, each in enumerate(tickets)}
    heading = [NOBODY if each.heading is None else row[each.heading] for each in crews]
    return np.array(heading, dtype=np.int64)


def _slack(need: Need, now: datetime) -> float:
    return np.inf if need.arrive_due_at is None else (need.arrive_due_at - now).total_seconds()


def _waited(need: Need, now: datetime) -> float:
    since = need.received_at
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _on_site(crew: OnDuty, now: datetime) -> float:
    since = crew.working_since
    return np.nan if since is None else max(0.0, (now - since).total_seconds())


def _drive_without_place(
    seen: Outlook, tickets: Sequence[Pending], crews: Sequence[OnDuty], now: datetime
) -> None:
    """Fill in drives to unknown places, and what is left of one whose van does not say where."""
    for row, ticket in enumerate(tickets):
        if ticket.need.point is None:
            seen.drive[row] = UNKNOWN_DRIVE_SECONDS
    for column, crew in enumerate(crews):
        if crew.heading is None:
            continue
        row = seen.heading[column]
        if crew.eta_at is not None and not _is_seen(crew.crew):
            seen.drive[row, column] = max(0.0, (crew.eta_at - now).total_seconds())
        elif np.isnan(seen.drive[row, column]):
            seen.drive[row, column] = UNKNOWN_DRIVE_SECONDS


def _is_seen(crew: CrewOption) -> bool:
    """Tell whether a crew says where it is, and has done so within the last minutes."""
    age = crew.position_age_seconds
    return crew.position_source == "live" and (age is None or age <= STALE_POSITION_SECONDS)


def _allowed(
    seen: Outlook, tickets: Sequence[Pending], crews: Sequence[OnDuty], now: datetime
) -> Flags:
    """Hold the hard rules that `HARD_RULES` words; then who may turn where."""
    unplaced = np.array([each.need.point is None for each in tickets], dtype=np.bool_)
    allowed: Flags = np.where(unplaced[:, None], seen.home, ~np.isnan(seen.drive))
    for skill in {each.need.skill for each in tickets} - {None}:
        rows = np.array([each.need.skill == skill for each in tickets])
        able = np.array([skill in each.crew.skills for each in crews], dtype=np.bool_)
        allowed[rows] &= able
    _hold_kit(allowed, tickets, crews)
    _hold_areas(allowed, tickets, crews)
    allowed &= _in_shift(seen, unplaced, crews, now)
    column = {each.crew.crew_id: at for at, each in enumerate(crews)}
    for row, ticket in enumerate(tickets):
        for crew_id in ticket.refused & column.keys():
            allowed[row, column[crew_id]] = False
    emergency = np.array([each.need.level == Level.EMERGENCY for each in tickets], dtype=np.bool_)
    bound = np.array([each.turn is Turn.EMERGENCY for each in crews], dtype=np.bool_)
    allowed[:, bound] &= emergency[:, None]
    under_way = np.flatnonzero(seen.heading != NOBODY)
    allowed[seen.heading[under_way], under_way] = True
    return allowed


def _hold_kit(allowed: Flags, tickets: Sequence[Pending], crews: Sequence[OnDuty]) -> None:
    """Take out the crews without the vehicle or the parts, once for each kit that is asked for."""
    rows: dict[Kit, list[int]] = {}
    for row, ticket in enumerate(tickets):
        if ticket.need.kit != NOTHING:
            rows.setdefault(ticket.need.kit, []).append(row)
    for kit, those in rows.items():
        lacking = [
            column
            for column, each in enumerate(crews)
            if wrong_vehicle(kit, each.crew.vehicle_class) or missing_part(kit, each.crew.carries)
        ]
        allowed[np.ix_(those, lacking)] = False


def _hold_areas(allowed: Flags, tickets: Sequence[Pending], crews: Sequence[OnDuty]) -> None:
    """Take out the crews that work only elsewhere, once for each area and kind of place."""
    columns: dict[tuple[Area, int], list[int]] = {}
    for column, each in enumerate(crews):
        if each.crew.area is not None:
            columns.setdefault((each.crew.area, each.crew.team_id), []).append(column)
    for (area, team_id), those in columns.items():
        outside = [
            row
            for row, each in enumerate(tickets)
            if outside_area(
                area,
                team_id,
                grid_id=each.need.grid_id,
                owning_team_id=each.need.owning_team_id,
            )
        ]
        allowed[np.ix_(outside, those)] = False


def _in_shift(seen: Outlook, unplaced: Flags, crews: Sequence[OnDuty], now: datetime) -> Flags:
    """Tell which crews are done before their shift ends, counted as `assess` counts."""
    ends = [each.crew.shift_ends_at for each in crews]
    left = np.array([np.inf if at is None else (at - now).total_seconds() for at in ends])
    drive = np.where(unplaced[:, None], 0.0, np.ceil(seen.drive))
    with np.errstate(invalid="ignore"):
        in_shift: Flags = ~(drive + seen.work[:, None] > left[None, :])
    return in_shift
