"""Has the database changed since the streams were told last, and who may listen to them?"""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import TYPE_CHECKING

from dispatch.access import clock_of
from dispatch.domain.permissions import Permission
from dispatch.queries.news import News, latest_news
from dispatch.queries.sessions import signed_in_actor_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from flask import Flask

    from dispatch.adapters.bells import Bell

log = logging.getLogger(__name__)

BREATH = 0.1
LONGEST_PAUSE = 5.0
MOST_DOUBLED = 6


class Watcher:
    """Looks at the cursor whenever its bell rings, in a thread of its own.

    Nothing is missed over a lost connection: what counts is the cursor, and it is read anew.
    """

    def __init__(self, app: Flask, bell: Bell, *, breath: float = BREATH) -> None:
        self._app, self._bell, self._breath = app, bell, breath
        self._news: News | None = None
        self._stopped = Event()
        self._looked_at = float("-inf")
        self._thread: Thread | None = None

    @property
    def cursor(self) -> str:
        """Return the id of the newest state that is known, empty before the first look."""
        return self._news.cursor if self._news else ""

    def age(self) -> float:
        """Return the seconds since the last look that succeeded."""
        return time.monotonic() - self._looked_at

    def start(self, tell: Callable[[str], object]) -> None:
        """Look from now on; `tell` is given "tickets" or "crews" from the watcher's thread."""
        self._thread = Thread(target=self._go, args=(tell,), name="watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._stopped.set()
        self._bell.stop()
        if self._thread is not None:
            self._thread.join(LONGEST_PAUSE)

    def _go(self, tell: Callable[[str], object]) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self.look(tell)
                self._bell.wait()
                failures = 0
            except Exception:
                log.exception("the database cannot be looked at; the next try follows")
                failures += 1
            self._stopped.wait(min(LONGEST_PAUSE, self._breath * 2 ** min(failures, MOST_DOUBLED)))
        self._bell.close()

    def look(self, tell: Callable[[str], object]) -> None:
        """Compare the newest state with the one known, and tell what differs."""
        with self._app.app_context():
            found = latest_news()
        before, self._news = self._news, found
        self._looked_at = time.monotonic()
        if before is None or before.tickets != found.tickets:
            tell("tickets")
        elif before.crews != found.crews:
            tell("crews")

    def allowed(self, sessions: AbstractSet[str]) -> set[str] | None:
        """Return those of these sessions, by their hashes, that may see tickets.

        None while the database cannot say.
        """
        now = clock_of(self._app)()
        try:
            with self._app.app_context():
                actors = {each: signed_in_actor_for(each, now) for each in sessions}
        except Exception:
            log.exception("the sign-ins cannot be looked at")
            return None
        return {each for each, by in actors.items() if by and by.can(Permission.SEE_TICKETS)}
