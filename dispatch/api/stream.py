"""Which desks are told over an open connection that something has changed, and when?

An ASGI application for a process of its own: one thread of the web process would be held by each
stream. A stream says that there is news, never what: the desk then asks `/api/live` as itself.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.access import SESSION_COOKIE
from dispatch.domain.kept_secrets import secret_hash

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from dispatch.api.stream_watch import Watcher

    Scope = Mapping[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = "/live/events"
BEAT = b"event: beat\ndata: 1\n\n"
# A web process answers about two thousand such questions a second.
LEAST_SPREAD = 50


class Pace(NamedTuple):
    """The seconds that a stream goes by.

    `beat` between two signs of life; `check` between two looks at who is still signed in; `slow`
    until a reader that takes nothing is cut; `life` until a browser must connect anew; `fresh`
    is how old the last look at the database may be for a sign of life to be given.
    """

    beat: float = 8.0
    check: float = 30.0
    slow: float = 20.0
    life: float = 1_800.0
    fresh: float = 15.0


PACE = Pace()


@dataclass(eq=False)
class Stream:
    """One open connection. Only the newest cursor waits for a slow reader."""

    session: str
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    kind: str = ""
    is_ended: bool = False

    def tell(self, kind: str) -> None:
        """Have it told; news of tickets are not pushed aside by those of crews."""
        self.kind = "tickets" if "tickets" in (kind, self.kind) else kind
        self.wake.set()

    def end(self) -> None:
        """Have it ended."""
        self.is_ended = True
        self.wake.set()


class Refusal(NamedTuple):
    """The status with which an opening is answered, and the seconds after which to come again."""

    status: int
    again: int | None = None


@dataclass(eq=False)
class StreamServer:
    """Answers `/live/events`, and `/healthz` for a monitor.

    `origin` is that of the pages; `most` streams in all, `most_each` for one session.
    """

    watcher: Watcher
    origin: str
    most: int = 1_000
    most_each: int = 4
    pace: Pace = PACE
    streams: set[Stream] = field(default_factory=set)
    checker: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, or the beginning and end of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = (await receive())["type"]
            if message == "lifespan.startup":
                self.watcher.start(lambda kind: loop.call_soon_threadsafe(self.tell, kind))
                self.checker = asyncio.create_task(self._check_again_and_again())
            else:
                self.close()
            await send({"type": f"{message}.complete"})
            if message == "lifespan.shutdown":
                return

    def close(self) -> None:
        """End every stream, the watcher and the checks."""
        self.watcher.stop()
        if self.checker is not None:
            self.checker.cancel()
        for stream in self.streams:
            stream.end()

    def tell(self, kind: str) -> None:
        """Tell every stream that tickets or crews have changed."""
        for stream in self.streams:
            stream.tell(kind)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers_of(scope)
        refusal = self._refusal(scope, headers)
        session = _session_of(headers)
        if refusal is None:
            refusal = await self._sign_in_fault(session)
        if refusal is not None:
            await self._refuse(refusal, send)
            return
        # Nothing is waited for between this and the entry, so that the caps hold.
        if self._is_full(session):
            await self._refuse(Refusal(503, again=30), send)
            return
        stream = Stream(session)
        self.streams.add(stream)
        gone = asyncio.create_task(_watch_the_end(receive, stream))
        try:
            await self._stream(stream, headers.get("last-event-id"), send)
        finally:
            self.streams.discard(stream)
            gone.cancel()

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> Refusal | None:
        if scope["path"] == "/healthz":
            return Refusal(200 if self.watcher.age() <= self.pace.fresh else 503)
        if scope["path"] != PATH:
            return Refusal(404)
        if scope["method"] != "GET":
            return Refusal(405)
        if headers.get("origin", self.origin) != self.origin:
            return Refusal(403)
        return None

    async def _sign_in_fault(self, session: str) -> Refusal | None:
        if not session:
            return Refusal(401)
        allowed = await asyncio.to_thread(self.watcher.allowed, {session})
        if allowed is None:
            return Refusal(503, again=5)
        return None if session in allowed else Refusal(401)

    def _is_full(self, session: str) -> bool:
        own = Counter(stream.session for stream in self.streams)[session]
        return len(self.streams) >= self.most or own >= self.most_each

    async def _refuse(self, refusal: Refusal, send: Send) -> None:
        headers = [*self._shared_headers(), (b"content-length", b"0")]
        if refusal.again is not None:
            headers.append((b"retry-after", str(refusal.again).encode()))
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _shared_headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"access-control-allow-origin", self.origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
            (b"cache-control", b"no-store, no-transform"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        ]

    async def _stream(self, stream: Stream, known: str | None, send: Send) -> None:
        headers = [
            *self._shared_headers(),
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # Spread, so that a thousand desks do not come back in the same second.
        pause = b"retry: %d\n\n" % random.randint(1_000, 4_000)  # noqa: S311  no secret
        now = asyncio.get_running_loop().time
        ends = now() + self.pace.life * random.uniform(0.8, 1)  # noqa: S311  likewise
        is_known = known is not None and known == self.watcher.cursor
        body = pause + (BEAT if is_known else self._event("tickets"))
        with suppress(TimeoutError):
            while not stream.is_ended and now() < ends:
                await asyncio.wait_for(_put(body, send), self.pace.slow)
                body = await self._next(stream)
            await asyncio.wait_for(_put(b"", send, more=False), self.pace.slow)

    async def _next(self, stream: Stream) -> bytes:
        """Wait for news, or for the next sign of life; without fresh looks there is silence."""
        while True:
            try:
                await asyncio.wait_for(stream.wake.wait(), self.pace.beat)
            except TimeoutError:
                if self.watcher.age() <= self.pace.fresh:
                    return BEAT
                continue
            stream.wake.clear()
            kind, stream.kind = stream.kind, ""
            return self._event(kind) if kind else BEAT

    def _event(self, kind: str) -> bytes:
        """Write news: its data are the milliseconds over which all desks are to ask."""
        spread = max(LEAST_SPREAD, len(self.streams))
        return f"event: {kind}\nid: {self.watcher.cursor}\ndata: {spread}\n\n".encode()

    async def _check_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self.pace.check)
            await self.check()

    async def check(self) -> None:
        """End the streams of sessions that have ended; while the database is away, none."""
        asked = {stream.session for stream in self.streams}
        allowed = await asyncio.to_thread(self.watcher.allowed, asked) if asked else asked
        for stream in list(self.streams):
            if allowed is not None and stream.session in asked - allowed:
                stream.end()


async def _put(body: bytes, send: Send, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _watch_the_end(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


def _headers_of(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }


def _session_of(headers: Mapping[str, str]) -> str:
    """Return the stored hash of the session that a cookie names, empty where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(SESSION_COOKIE)
    except CookieError:
        return ""
    return secret_hash(found.value) if found is not None and found.value else ""
