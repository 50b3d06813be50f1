"""Which request gets no answer, and what does every thread do meanwhile?"""

from __future__ import annotations

import faulthandler
import logging
import sys
import time
from threading import Event, Thread, get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

LONGEST_SECONDS = 20.0
"""PostgreSQL ends a statement of ours after 15 s and a transaction that does nothing after 5 s."""
PAUSE_SECONDS = 5.0


class Watched:
    """An application whose log says where its threads are when a request gets no answer.

    Neither the address nor anything else of the request is written: an address may hold a token.
    """

    def __init__(
        self, inner: WSGIApplication, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Watch over the requests that `inner` answers."""
        self._inner, self._clock = inner, clock
        self._open: dict[int, float] = {}
        self._told: set[float] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; what is sent piece by piece afterwards is not watched."""
        thread = get_ident()
        self._open[thread] = self._clock()
        try:
            return self._inner(environ, start_response)
        finally:
            del self._open[thread]

    def look(self, out: TextIO) -> None:
        """Write the stacks of all threads once for each request that has lasted too long."""
        now = self._clock()
        late = {began for began in self._open.copy().values() if now - began > LONGEST_SECONDS}
        if late - self._told:
            log.error("a request has had no answer for %.0f s; all threads:", now - min(late))
            faulthandler.dump_traceback(out)
        self._told = late

    def start(self) -> None:
        """Look every few seconds, in a thread of its own, until the process ends."""
        Thread(target=self._go, name="long requests", daemon=True).start()

    def _go(self) -> None:
        never = Event()
        while not never.wait(PAUSE_SECONDS):
            self.look(sys.stderr)
