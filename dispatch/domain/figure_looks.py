"""Which figures of past days differ from what somebody saw, and what can have moved them?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.ticket_state import EventKind, TicketState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatch.domain.samples import Share


_HALF_A_SECOND = 0.5


class Watched(StrEnum):
    """A figure whose value is kept, so that a later look can be compared with it."""

    CIRCLE = "circle"
    CIRCLE_ADJUSTED = "circle_adjusted"
    RESPONSE_P90 = "response_p90"
    FIRST_TIME_FIX = "first_time_fix"
    REPEAT_7 = "repeat_7"
    REPEAT_30 = "repeat_30"
    REPEAT_90 = "repeat_90"
    SOLVED = "solved"
    REPAIR = "repair"
    CALL_BACK = "call_back"
    BROKEN = "broken"
    HOLDS = "holds"
    RETURNED = "returned"
    SEVERAL_TEAMS = "several_teams"
    SEVERAL_CREWS = "several_crews"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a figure and its n: a share of one, seconds or a count; None is "no data".

    Seconds may be known `within` a share of them and half a second only.
    """

    value: float | None
    n: int
    within: float = 0.0

    @classmethod
    def of(cls, share: Share) -> Reading:
        """Return a share as it is kept."""
        return cls(share.rate, share.n)

    def as_json(self) -> list[Any]:
        """Return value and n as they are kept, and how near the value is where it is not exact."""
        return [self.value, self.n, *([self.within] if self.within else ())]

    def differs(self, other: Reading) -> bool:
        """Tell whether another reading of the same figure cannot be of the same tickets."""
        within = max(self.within, other.within)
        if within and self.n == other.n and self.value is not None and other.value is not None:
            reach = within * max(self.value, other.value) + _HALF_A_SECOND
            return abs(self.value - other.value) > reach
        return (self.value, self.n) != (other.value, other.n)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is another one now."""

    was: Reading
    now: Reading

    @property
    def difference(self) -> float | None:
        """Return how much more it is now, None where there was or is no value."""
        if self.was.value is None or self.now.value is None:
            return None
        return self.now.value - self.was.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event of a ticket, with what the ticket is now.

    `step` is the one whose time was corrected. `has_moved` says that the ticket came into the view
    or left it by this event.
    """

    kind: EventKind
    step: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    has_moved: bool = False
    is_first_arrival: bool = False
    is_before_arrival: bool = False
    has_arrived: bool = False
    has_completed: bool = False
    is_closed: bool = False


def changes(before: Mapping[str, Any], now: Mapping[Watched, Reading]) -> dict[Watched, Change]:
    """Compare what was kept with what is; a figure that was not kept has not changed."""
    found = {}
    for figure, reading in now.items():
        if figure in before and (was := Reading(*before[figure])).differs(reading):
            found[figure] = Change(was, reading)
    return found


_ARRIVALS = frozenset(
    {Watched.CIRCLE, Watched.CIRCLE_ADJUSTED, Watched.RESPONSE_P90, Watched.BROKEN}
)
_REPEATS = frozenset({Watched.REPEAT_7, Watched.REPEAT_30, Watched.REPEAT_90})
_OF_CLOSED = _REPEATS | {Watched.FIRST_TIME_FIX}
_OF_ALL = frozenset({Watched.HOLDS, Watched.RETURNED, Watched.SEVERAL_TEAMS, Watched.SEVERAL_CREWS})
"""Figures that count a ticket whatever became of it."""
_KEPT_BY_REOPENING = _OF_ALL | {Watched.SOLVED, Watched.COUNTED}
_OUT_OR_IN = frozenset(
    {
        EventKind.REPORT_RECEIVED,
        EventKind.MARKED_DUPLICATE,
        EventKind.SEPARATED,
        EventKind.SOLVED_BY_PHONE,
        EventKind.ANSWERED_BY_NOTICE,
        EventKind.CANCELLED,
    }
)
_WAS_OUT = frozenset(
    {
        TicketState.DUPLICATE,
        TicketState.SOLVED_BY_PHONE,
        TicketState.ANSWERED_BY_NOTICE,
        TicketState.CANCELLED,
    }
)
_PROMISES = frozenset({EventKind.LEVEL_CHANGED, EventKind.DETAILS_CHANGED, EventKind.PLACED})
_PLACES = frozenset({EventKind.DETAILS_CHANGED, EventKind.PLACED})
_ENDS = frozenset({EventKind.COMPLETED, EventKind.CLOSED})
_HOLDS = frozenset({EventKind.HELD, EventKind.RELEASED})
_VISITS = frozenset(
    {EventKind.ARRIVED, EventKind.CANNOT_COMPLETE, EventKind.FOLLOW_UP_ANSWERED, *_ENDS}
)
_TAKEN_ON = frozenset({EventKind.ACKNOWLEDGED, EventKind.SET_OFF, EventKind.ARRIVED})
_MOVED_BY: dict[Watched, frozenset[EventKind]] = {
    Watched.CIRCLE: _PROMISES | _ENDS | {EventKind.ARRIVED},
    Watched.BROKEN: _PROMISES | _ENDS | {EventKind.ARRIVED},
    Watched.CIRCLE_ADJUSTED: _PROMISES | _ENDS | _HOLDS | {EventKind.ARRIVED},
    Watched.RESPONSE_P90: frozenset({EventKind.ARRIVED}),
    Watched.FIRST_TIME_FIX: _VISITS | _PLACES,
    **dict.fromkeys(_REPEATS, _ENDS | _PLACES),
    Watched.SOLVED: frozenset({EventKind.FOLLOW_UP_ANSWERED}),
    Watched.REPAIR: _PROMISES | _ENDS,
    Watched.CALL_BACK: _PROMISES | _ENDS | {EventKind.CALLED_BACK},
    Watched.HOLDS: frozenset({EventKind.HELD}),
    Watched.RETURNED: frozenset({EventKind.RETURNED}),
    Watched.SEVERAL_TEAMS: _TAKEN_ON,
    Watched.SEVERAL_CREWS: _TAKEN_ON,
    Watched.COUNTED: frozenset(),
}
_STEPS: dict[Watched, frozenset[str]] = {
    **dict.fromkeys(_ARRIVALS, frozenset({"received", "arrived"})),
    **dict.fromkeys(_REPEATS, frozenset({"received", "completed"})),
    Watched.FIRST_TIME_FIX: frozenset({"received", "arrived", "completed"}),
    Watched.SOLVED: frozenset(),
    Watched.REPAIR: frozenset({"received", "completed"}),
    Watched.CALL_BACK: frozenset({"received", "completed"}),
    **dict.fromkeys(_OF_ALL | {Watched.COUNTED}, frozenset({"received"})),
}


def can_move(figure: Watched, said: Said) -> bool:
    """Tell whether an event can have changed a figure of the range that its ticket lies in.

    What takes a ticket out of all times, or back in, moves every figure but the answers and those
    that count a ticket whatever became of it. Elsewhere
    it is what the definition looks at: an arrival that was not the first moves no arrival figure, a
    completion moves them only where no arrival was recorded, a hold only what takes it off.
    """
    if said.has_moved:
        return True
    if said.kind in _OUT_OR_IN or said.from_state in _WAS_OUT:
        return figure not in {Watched.SOLVED, *_OF_ALL} and said.to_state is not None
    if said.kind is EventKind.TIME_CORRECTED:
        return said.step in _STEPS[figure]
    if said.kind is EventKind.REOPENED:
        return figure not in _KEPT_BY_REOPENING and not (figure in _ARRIVALS and said.has_arrived)
    return said.kind in _MOVED_BY[figure] and _looks_at(figure, said)


def _looks_at(figure: Watched, said: Said) -> bool:
    """Tell whether a figure looks at this event of a ticket that is as it is now."""
    if figure in _OF_ALL:
        return True
    if figure in _OF_CLOSED:
        return said.is_closed
    if figure in _ARRIVALS and said.kind in _ENDS:
        return not said.has_arrived
    if figure in _ARRIVALS and said.kind is EventKind.ARRIVED:
        return said.is_first_arrival
    if said.kind in _HOLDS:
        return said.is_before_arrival
    return said.kind is not EventKind.CLOSED or not said.has_completed
