"""How does one promise stand, counted raw and with its holds taken out?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable

_NONE = timedelta()


class StandingState(StrEnum):
    """How a promise stands: still running, on hold, kept, missed and stopped, missed and open."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"


class RungKind(StrEnum):
    """What a step of the ladder is: before the target, at it, or after it."""

    WARNING = "warning"
    BREACH = "breach"
    ESCALATION = "escalation"


@dataclass(frozen=True)
class Hold:
    """One pause of a clock; `to_at` is None while it lasts."""

    from_at: datetime
    to_at: datetime | None = None


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: the fraction of the budget at which somebody is told."""

    fraction: float

    @property
    def kind(self) -> RungKind:
        """Return whether this step comes before the target, at it, or after it."""
        if self.fraction < 1:
            return RungKind.WARNING
        return RungKind.ESCALATION if self.fraction > 1 else RungKind.BREACH


@dataclass(frozen=True)
class Standing:
    """How one promise stands at an instant; seconds, raw and hold-adjusted side by side.

    `state` judges the hold-adjusted clock, `state_raw` the same clock as if never paused.
    `remaining_seconds` and `fraction` are adjusted; what remains is negative once it is overdue.
    Instants are in UTC; `due_at_adjusted` of a paused clock moves on until it is resumed.
    """

    state: StandingState
    state_raw: StandingState
    elapsed_seconds: float = 0.0
    elapsed_adjusted_seconds: float = 0.0
    budget_seconds: float = 0.0
    remaining_seconds: float = 0.0
    fraction: float = 0.0
    due_at: datetime | None = None
    due_at_adjusted: datetime | None = None
    lateness_seconds: float = 0.0
    lateness_adjusted_seconds: float = 0.0


NO_STANDING = Standing(StandingState.NONE, StandingState.NONE)


def held_seconds(holds: Iterable[Hold], start: datetime, until: datetime) -> float:
    """Return the seconds on hold between two instants; overlapping holds count once."""
    return _held(_spans(holds, as_utc(start), as_utc(until))).total_seconds()


def is_held(holds: Iterable[Hold], at: datetime) -> bool:
    """Tell whether a hold lasts at an instant; the instant of its release is not held."""
    at = as_utc(at)
    return any(
        as_utc(hold.from_at) <= at and (hold.to_at is None or at < as_utc(hold.to_at))
        for hold in holds
    )


def pause(holds: tuple[Hold, ...], at: datetime) -> tuple[Hold, ...]:
    """Return the holds with one more that begins at `at`; raises Forbidden when one lasts."""
    if any(hold.to_at is None for hold in holds):
        raise Forbidden(say("The ticket is already on hold. Release it first."))
    return (*holds, Hold(as_utc(at)))


def resume(holds: tuple[Hold, ...], at: datetime) -> tuple[Hold, ...]:
    """Return the holds with the lasting one ended at `at`.

    Raises Forbidden when none lasts, Invalid when it would end before it began.
    """
    lasting = [hold for hold in holds if hold.to_at is None]
    if not lasting:
        raise Forbidden(say("The ticket is not on hold."))
    if as_utc(at) < as_utc(lasting[0].from_at):
        fault = say("A hold cannot end before it began.")
        raise Invalid(fault, fields={"at": fault})
    ended = Hold(lasting[0].from_at, as_utc(at))
    return tuple(ended if hold is lasting[0] else hold for hold in holds)


def standing(
    *,
    started_at: datetime | None,
    due_at: datetime | None,
    stopped_at: datetime | None,
    holds: Iterable[Hold],
    now: datetime,
) -> Standing:
    """Return how a promise stands at `now`, as it was known then.

    The target itself still counts as kept; any later instant is late. A breach stays a breach
    when the clock is paused afterwards. A stop after `now` has not happened yet. Without a start,
    without a due date, or with a stop before the start there is no standing: the state is "none".
    """
    if started_at is None or due_at is None:
        return NO_STANDING
    start, due, now = as_utc(started_at), as_utc(due_at), as_utc(now)
    stop = as_utc(stopped_at) if stopped_at is not None else None
    if stop is not None and stop < start:
        return NO_STANDING
    stopped = stop is not None and stop <= now
    end = max(stop if stop is not None and stopped else now, start)
    holds = tuple(holds)
    shown = _measured(start, due, end, _spans(holds, start, end), stopped=stopped)
    if shown.state is StandingState.RUNNING and is_held(holds, now):
        return replace(shown, state=StandingState.PAUSED)
    return shown


def due_at_adjusted(due: datetime, holds: Iterable[Hold], *, start: datetime) -> datetime | None:
    """Return when a promise falls due once its holds are taken out, in UTC; None while paused.

    Only time held before the promise ran out counts; a hold after the breach changes nothing.
    """
    return rung_due_at(start, due, 1.0, holds)


def rung_due_at(
    start: datetime, due: datetime, fraction: float, holds: Iterable[Hold] = ()
) -> datetime | None:
    """Return when a fraction of the budget is spent with its holds taken out, in UTC.

    None while a hold that began before lasts: there is nothing to arm until it is released.
    """
    start, due = as_utc(start), as_utc(due)
    holds = tuple(holds)
    reached = start + fraction * (due - start)
    if not holds:
        return reached
    lasting = [as_utc(hold.from_at) for hold in holds if hold.to_at is None]
    ended = [hold for hold in holds if hold.to_at is not None]
    last = max([start, *(as_utc(hold.to_at) for hold in ended if hold.to_at)])
    reached = _shifted(reached, _spans(ended, start, last))
    return None if any(begun <= reached for begun in lasting) else reached


def _measured(
    start: datetime,
    due: datetime,
    end: datetime,
    spans: list[tuple[datetime, datetime]],
    *,
    stopped: bool,
) -> Standing:
    raw, budget = end - start, due - start
    adjusted = raw - _held(spans)
    return Standing(
        state=_state(adjusted, budget, stopped=stopped),
        state_raw=_state(raw, budget, stopped=stopped),
        elapsed_seconds=raw.total_seconds(),
        elapsed_adjusted_seconds=adjusted.total_seconds(),
        budget_seconds=budget.total_seconds(),
        remaining_seconds=(budget - adjusted).total_seconds(),
        fraction=adjusted / budget if budget > _NONE else 1.0,
        due_at=due,
        due_at_adjusted=_shifted(due, spans),
        lateness_seconds=max(raw - budget, _NONE).total_seconds(),
        lateness_adjusted_seconds=max(adjusted - budget, _NONE).total_seconds(),
    )


def _state(elapsed: timedelta, budget: timedelta, *, stopped: bool) -> StandingState:
    if elapsed > budget:
        return StandingState.LATE if stopped else StandingState.OVERDUE
    return StandingState.MET if stopped else StandingState.RUNNING


def _spans(
    holds: Iterable[Hold], start: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the holds between two UTC instants, in order and without overlap."""
    spans: list[tuple[datetime, datetime]] = []
    ends = ((as_utc(hold.from_at), as_utc(hold.to_at) if hold.to_at else until) for hold in holds)
    reached = start
    for from_at, to_at in sorted(ends):
        begun, ended = max(from_at, reached), min(to_at, until)
        if begun < ended:
            spans.append((begun, ended))
            reached = ended
    return spans


def _held(spans: list[tuple[datetime, datetime]]) -> timedelta:
    return sum((ended - begun for begun, ended in spans), _NONE)


def _shifted(reached: datetime, spans: list[tuple[datetime, datetime]]) -> datetime:
    """Move an instant on by every span that begins before it, or at it, once moved."""
    for begun, ended in spans:
        if begun <= reached:
            reached += ended - begun
    return reached
