"""Was this worked out a moment ago, for the same state of the city?"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime, timedelta

    from sqlalchemy.engine import Engine

T = TypeVar("T")

_MOST_KEPT = 4


class KeptAnswers(Generic[T]):
    """The latest answers of one kind, for each database; none is given after `longest`."""

    def __init__(self, longest: timedelta) -> None:
        self._longest = longest
        self._lock = Lock()
        self._kept: WeakKeyDictionary[Engine, OrderedDict[Hashable, tuple[datetime, T]]] = (
            WeakKeyDictionary()
        )

    def get(self, question: Hashable, now: datetime, make: Callable[[], T]) -> T:
        """Return the answer to a question, made anew when none is young enough.

        `question` holds everything that the answer rests on. An answer from the future, after a
        clock was set back, is not used.
        """
        with self._lock:
            found = self._kept.get(db.engine, OrderedDict()).get(question)
        if found is not None and not now < found[0] and now - found[0] < self._longest:
            return found[1]
        made = make()
        with self._lock:
            answers = self._kept.setdefault(db.engine, OrderedDict())
            answers[question] = (now, made)
            answers.move_to_end(question)
            while len(answers) > _MOST_KEPT:
                answers.popitem(last=False)
        return made
