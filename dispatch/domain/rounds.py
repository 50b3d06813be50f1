"""In which order does a steward go round, and what can come of a stop?"""

from __future__ import annotations

import math
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.place import metres_between
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import LARGEST_ROW_ID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from dispatch.domain.place import Point

MOST_STOPS = 40
MOST_DAYS_AHEAD = 31
LONGEST_NOTE = 2_000
_A_HAIR = 1e-6


class StopState(StrEnum):
    """Where one stop of a round stands."""

    WAITING = "waiting"
    DONE = "done"
    NOBODY_HOME = "nobody_home"
    FAULT_FOUND = "fault_found"
    TAKEN_OFF = "taken_off"


STOP_NAMES: dict[StopState, Sentence] = {
    StopState.WAITING: say("not yet"),
    StopState.DONE: say("done"),
    StopState.NOBODY_HOME: say("nobody home"),
    StopState.FAULT_FOUND: say("fault found"),
    StopState.TAKEN_OFF: say("taken off"),
}

UNDOABLE = frozenset({StopState.DONE, StopState.NOBODY_HOME})
"""What a tap may take back; a fault that was found is a ticket by then."""

VISITED = frozenset({StopState.DONE, StopState.NOBODY_HOME, StopState.FAULT_FOUND})
"""A steward stood there: these belong to the history of the household."""


def stop_named(args: Mapping[str, Any]) -> int | None:
    """Return the stop that a tap names, None for none; what can be no stop is stop 0."""
    named = args.get("stop")
    if named is None:
        return None
    text = str(named)
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ROW_ID))
    return int(text) if is_number and int(text) <= LARGEST_ROW_ID else 0


def route_order(start: Point | None, places: Sequence[Point | None]) -> list[int]:
    """Return in which order to visit places, as their positions in the given list.

    A short way in straight lines from `start`, which is not returned to: nearest first, then
    crossings are undone. It is no proof of the shortest. What has no place comes last, in the order
    given.
    """
    known = [(index, place) for index, place in enumerate(places) if place is not None]
    nowhere = [index for index, place in enumerate(places) if place is None]
    if not known:
        return nowhere
    stops = [place for _index, place in known]
    steps = [[metres_between(one, other) for other in stops] for one in stops]
    from_start = [metres_between(start, each) if start else 0.0 for each in stops]
    order = _uncrossed(_nearest_first(from_start, steps), from_start, steps)
    return [known[each][0] for each in order] + nowhere


def route_metres(start: Point | None, places: Sequence[Point]) -> float:
    """Return the length of a way through places in their order, in straight lines."""
    way = [start, *places] if start else list(places)
    return math.fsum(metres_between(one, two) for one, two in pairwise(way))


def _nearest_first(from_start: list[float], steps: list[list[float]]) -> list[int]:
    left = set(range(len(steps)))
    order: list[int] = []
    reach = from_start
    while left:
        here = min(left, key=lambda each: (reach[each], each))
        left.remove(here)
        order.append(here)
        reach = steps[here]
    return order


def _uncrossed(order: list[int], from_start: list[float], steps: list[list[float]]) -> list[int]:
    """Turn stretches of the way round while that makes it shorter."""
    improved = True
    while improved:
        improved = False
        for first in range(len(order) - 1):
            for last in range(first + 1, len(order)):
                if _gain(order, first, last, from_start, steps) > _A_HAIR:
                    order[first : last + 1] = reversed(order[first : last + 1])
                    improved = True
    return order


def _gain(
    order: list[int], first: int, last: int, from_start: list[float], steps: list[list[float]]
) -> float:
    """Return by how many metres the way gets shorter when a stretch of it is turned round."""
    head = from_start if first == 0 else steps[order[first - 1]]
    gain = head[order[first]] - head[order[last]]
    if last + 1 < len(order):
        after = order[last + 1]
        gain += steps[order[last]][after] - steps[order[first]][after]
    return gain


def check_day(day: date, today: date) -> None:
    """Refuse a day on which nobody can go round any more, or not yet.

    Raises:
        Invalid: naming the day.
    """
    if 0 <= (day - today).days <= MOST_DAYS_AHEAD:
        return
    fault = say("Choose a day from today to %(days)s days from now.", days=MOST_DAYS_AHEAD)
    raise Invalid(fault, fields={"day": fault})


def check_stops(known: int, new: int) -> None:
    """Refuse a round without a stop, or with more than a day holds.

    Raises:
        Invalid: naming the stops.
    """
    if new and known + new <= MOST_STOPS:
        return
    fault = say("Choose from 1 to %(most)s stops for a round.", most=MOST_STOPS)
    raise Invalid(fault, fields={"stop": fault})


def check_may_end(state: str) -> None:
    """Refuse to end a stop that has ended; one that was taken off meanwhile was gone to after all.

    Raises:
        Forbidden: saying how it ended.
    """
    if state != StopState.TAKEN_OFF:
        check_waits(state)


def check_may_undo(state: str, *, tied_to: str | None, is_its_day: bool) -> None:
    """Refuse to take back how a stop ended; `tied_to` is a ticket that was closed or made there.

    Raises:
        Forbidden: saying why, and who can help.
    """
    why = None
    if tied_to is not None:
        why = say(
            "%(number)s was closed or made at this stop. Ask the desk to change it there.",
            number=tied_to,
        )
    elif state not in UNDOABLE:
        why = say("There is nothing to undo at this stop.")
    elif not is_its_day:
        why = say("A stop is undone on its own day only. Ask your team leader.")
    if why is not None:
        raise Forbidden(why, facts={"state": state})


def check_waits(state: str) -> None:
    """Refuse to take off a stop that has ended.

    Raises:
        Forbidden: saying how it ended.
    """
    if state != StopState.WAITING:
        raise Forbidden(
            say("This stop has ended already: %(state)s.", state=STOP_NAMES[StopState(state)]),
            facts={"state": state},
        )
