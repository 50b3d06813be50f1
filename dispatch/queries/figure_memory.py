"""Is an answer that was worked out before still the right one?"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import func, select

from dispatch.domain.attainment import CIRCLE
from dispatch.domain.microseconds import MICROSECONDS, instant, micros
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.engine import Engine

    from dispatch.domain.stories import TicketStory

_ANSWERS_KEPT = 32

_lock = Lock()
_memory: WeakKeyDictionary[Engine, OrderedDict[Hashable, KeptFigures]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """An answer, the state of the tables it was read from, and until when it holds.

    `changes_at` is the next instant that could change a figure by itself, None when there is none.
    """

    stamp: tuple[Any, ...]
    figures: Any
    as_of: datetime
    changes_at: datetime | None


def stamp_of(from_at: datetime, to_at: datetime) -> tuple[Any, ...]:
    """Return a value that differs once any ticket that the answer may rest on has changed.

    Every change of a ticket raises its version, so the sum of versions sees changes that commit in
    another order than they began; open tickets count whenever they were received.
    """
    tickets = select(func.count(), func.sum(Ticket.version), func.max(Ticket.changed_at))
    asked = db.session.execute(
        tickets.where(Ticket.received_at >= from_at, Ticket.received_at < to_at)
    ).one()
    older = db.session.execute(
        tickets.where(Ticket.received_at < from_at, Ticket.closed_at.is_(None), ~Ticket.imported)
    ).one()
    closed = db.session.execute(
        tickets.where(Ticket.received_at < from_at, Ticket.closed_at >= from_at)
    ).one()
    names = [
        tuple(db.session.execute(select(func.count(), func.max(table.id))).one())
        for table in (Team, Grid)
    ]
    return (*asked, *older, *closed, *names)


def next_change(
    stories: Sequence[TicketStory], edges: Iterable[datetime], now: datetime
) -> datetime | None:
    """Return the first instant from `now` on that may change a figure by itself, or None.

    That is when a promise falls due (raw, or with its holds taken off), or a recorded time that
    still lies ahead is reached.
    """
    still_open = [s for s in stories if s.closed_at is None and s.outcome is None]
    received = _column(still_open, "received_at")
    held = _seconds(still_open, "held_seconds")
    held_total = _seconds(still_open, "held_seconds_total")
    arrive, repair = _column(still_open, "arrive_due_at"), _column(still_open, "repair_due_at")
    in_circle = received + CIRCLE.total_seconds() * MICROSECONDS
    known = [micros(edges), arrive, arrive + held, repair, repair + held_total]
    known += [in_circle, in_circle + held]
    closed, completed = _column(stories, "closed_at"), _column(stories, "completed_at")
    known += [closed, completed, _column(stories, "arrived_at")]
    known.append(_column(stories, "received_at"))
    ahead = np.concatenate(known)
    ahead = ahead[ahead >= micros([now])[0]]
    return instant(float(ahead.min())) if ahead.size else None


def kept(question: Hashable, stamp: tuple[Any, ...], now: datetime) -> Any:
    """Return the answer to a question when it still holds, None when it must be worked out."""
    with _lock:
        answers = _memory.get(db.engine, OrderedDict())
        answer = answers.get(question)
        if answer is None or now < answer.as_of:
            return None
        answers.move_to_end(question)
    if answer.stamp == stamp and (answer.changes_at is None or now < answer.changes_at):
        return answer.figures
    return None


def keep(question: Hashable, answer: KeptFigures) -> None:
    """Keep an answer; the one that was longest without use makes room."""
    with _lock:
        answers = _memory.setdefault(db.engine, OrderedDict())
        answers[question] = answer
        answers.move_to_end(question)
        while len(answers) > _ANSWERS_KEPT:
            answers.popitem(last=False)


def _column(stories: Sequence[TicketStory], name: str) -> NDArray[np.float64]:
    return micros(map(attrgetter(name), stories))


def _seconds(stories: Sequence[TicketStory], name: str) -> NDArray[np.float64]:
    return np.array([getattr(story, name) for story in stories], dtype=np.float64) * MICROSECONDS
