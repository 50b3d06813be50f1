"""Was this worked out a moment ago, for the same state of the city?"""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

    from sqlalchemy.engine import Engine

P = ParamSpec("P")
T = TypeVar("T")

_MOST_KEPT = 4
LARGE = 100_000
"""An answer that rests on fewer tickets is worked out anew each time."""
LARGE_KEPT = 2
"""So many of them are kept for each page; one may hold hundreds of megabytes."""
OLDEST = timedelta(minutes=1)
"""How old an answer about more of them may be; the page says as of when it is."""


class KeptAnswers(Generic[T]):
    """The latest answers of one kind, for each database; none is given after `longest`."""

    def __init__(self, longest: timedelta, most: int = _MOST_KEPT) -> None:
        self._longest, self._most = longest, most
        self._lock = Lock()
        self._kept: WeakKeyDictionary[Engine, OrderedDict[Hashable, tuple[datetime, T]]] = (
            WeakKeyDictionary()
        )

    def get(
        self,
        question: Hashable,
        now: datetime,
        make: Callable[[], T],
        is_worth_it: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return the answer to a question, made anew when none is young enough.

        `question` holds everything that the answer rests on. An answer from the future, after a
        clock was set back, is not used. One that is not worth it is not kept.
        """
        with self._lock:
            answers = self._kept.setdefault(db.engine, OrderedDict())
            for old in [each for each, (at, _) in answers.items() if not self._is_young(at, now)]:
                del answers[old]
            found = answers.get(question)
        if found is not None:
            return found[1]
        made = make()
        if not is_worth_it(made):
            return made
        with self._lock:
            answers[question] = (now, made)
            answers.move_to_end(question)
            while len(answers) > self._most:
                answers.popitem(last=False)
        return made

    def _is_young(self, at: datetime, now: datetime) -> bool:
        return not now < at and now - at < self._longest


def kept_when_large(
    size: Callable[[Any], int], least: int | None = None
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let the same question about very many tickets be worked out once a minute.

    `size` tells of an answer how many tickets it rests on, `least` from how many on it is kept
    where that is not `LARGE`. The question takes `now` by name.
    """

    def kept(ask: Callable[P, T]) -> Callable[P, T]:
        answers: KeptAnswers[T] = KeptAnswers(OLDEST, LARGE_KEPT)

        @wraps(ask)
        def asked(*given: P.args, **named: P.kwargs) -> T:
            question = (
                given,
                tuple((name, named[name]) for name in sorted(named.keys() - {"now"})),
            )
            now: Any = named["now"]
            fewest = least or LARGE
            return answers.get(
                question, now, lambda: ask(*given, **named), lambda found: size(found) >= fewest
            )

        return asked

    return kept
