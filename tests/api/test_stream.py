"""Is a desk told that something changed, and by whom is a stream refused or ended?"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from dispatch.access import SESSION_COOKIE, origin_of
from dispatch.adapters.bells import PlainBell
from dispatch.api.stream import PATH, Pace, StreamServer
from dispatch.api.stream_watch import Watcher
from dispatch.domain.kept_secrets import secret_hash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ORIGIN = "https://water.example"
LONG = 60.0
SECRET = "the-secret-of-a-session"


class Looked(Watcher):
    """A watcher that is told what it saw, and who may listen."""

    def __init__(self) -> None:
        super().__init__(None, PlainBell())  # type: ignore[arg-type]
        self.seen, self.silence, self.listeners = "1-1", 0.0, {secret_hash(SECRET)}
        self.is_away = False

    @property
    def cursor(self) -> str:
        return self.seen

    def age(self) -> float:
        return self.silence

    def allowed(self, sessions) -> set[str] | None:
        return None if self.is_away else self.listeners & set(sessions)


@dataclass
class Reader:
    """A browser on one connection; `takes` is cleared by one that reads nothing."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    bodies: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    is_whole: bool = False

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        await self.takes.wait()
        self.is_whole = not message.get("more_body", False)
        self.bodies.put_nowait(message["body"])

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> str:
        return (await asyncio.wait_for(self.bodies.get(), LONG)).decode()


def scope(**headers: str) -> dict[str, Any]:
    given = {"cookie": f"{SESSION_COOKIE}={SECRET}"} | headers
    return {
        "type": "http",
        "method": "GET",
        "path": PATH,
        "headers": [
            (name.replace("_", "-").encode(), each.encode()) for name, each in given.items()
        ],
    }


@asynccontextmanager
async def opened(server: StreamServer, asked=None, **headers: str) -> AsyncIterator[Reader]:
    """Open a stream and close it in the end."""
    reader = Reader()
    reader.takes.set()
    running = asyncio.create_task(server(asked or scope(**headers), reader.receive, reader.send))
    running.add_done_callback(lambda _done: reader.ended.set())
    try:
        yield reader
    finally:
        reader.gone.set()
        await asyncio.wait_for(running, LONG)


async def refused(server: StreamServer, asked: dict[str, Any]) -> Reader:
    reader = Reader()
    reader.takes.set()
    await asyncio.wait_for(server(asked, reader.receive, reader.send), LONG)
    assert reader.is_whole
    return reader


def serve(watcher=None, **more: Any) -> StreamServer:
    return StreamServer(watcher or Looked(), ORIGIN, **more)


def test_a_desk_hears_at_once_where_it_stands_and_then_of_each_change():
    async def story() -> None:
        server = serve()
        async with opened(server) as desk:
            first = await desk.next()
            assert "event: tickets\nid: 1-1\ndata: 50\n\n" in first
            assert first.startswith("retry: ")
            server.watcher.seen = "2-1"
            server.tell("tickets")
            assert await desk.next() == "event: tickets\nid: 2-1\ndata: 50\n\n"
            server.watcher.seen = "2-2"
            server.tell("crews")
            assert await desk.next() == "event: crews\nid: 2-2\ndata: 50\n\n"
        assert server.streams == set()
        assert desk.headers["content-type"].startswith("text/event-stream")
        assert desk.headers["x-accel-buffering"] == "no"
        assert desk.headers["access-control-allow-origin"] == ORIGIN

    asyncio.run(story())


def test_after_a_cut_it_is_told_only_where_something_changed_meanwhile():
    async def story() -> None:
        server = serve()
        async with opened(server, last_event_id="1-1") as desk:
            assert "event: beat" in await desk.next()
        server.watcher.seen = "3-1"
        async with opened(server, last_event_id="1-1") as desk:
            assert "event: tickets\nid: 3-1" in await desk.next()
        async with opened(server, last_event_id="not one of ours") as desk:
            assert "event: tickets\nid: 3-1" in await desk.next()

    asyncio.run(story())


def test_signs_of_life_come_while_the_database_is_looked_at_and_not_otherwise():
    async def story() -> None:
        server = serve(pace=Pace(beat=0.01))
        async with opened(server) as desk:
            await desk.next()
            assert await desk.next() == "event: beat\ndata: 1\n\n"
            server.watcher.silence = LONG
            while not desk.bodies.empty():
                desk.bodies.get_nowait()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(desk.bodies.get(), 0.1)
            server.tell("tickets")
            assert "event: tickets" in await desk.next()

    asyncio.run(story())


def test_a_slow_reader_is_told_the_newest_once_and_then_cut():
    async def story() -> None:
        server = serve(pace=Pace(slow=0.05))
        async with opened(server) as slow:
            await slow.next()
            slow.takes.clear()
            for number in range(5):
                server.watcher.seen = f"{number}-1"
                server.tell("tickets")
            await asyncio.wait_for(slow.ended.wait(), LONG)
            assert server.streams == set()
            assert slow.bodies.empty()

    asyncio.run(story())


def test_news_that_wait_are_one_and_tickets_go_before_crews():
    async def story() -> None:
        server = serve()
        async with opened(server) as desk:
            await desk.next()
            for kind in ("crews", "tickets", "crews"):
                server.tell(kind)
            assert "event: tickets" in await desk.next()
            assert desk.bodies.empty()

    asyncio.run(story())


def test_beyond_the_most_streams_a_desk_is_sent_back_to_asking():
    async def story() -> None:
        server = serve(most=2, most_each=2)
        async with opened(server), opened(server) as second:
            await second.next()
            full = await refused(server, scope())
            assert (full.status, full.headers["retry-after"]) == (503, "30")
        async with opened(server) as desk:
            await desk.next()
            assert desk.status == 200

    asyncio.run(story())


def test_one_session_cannot_take_every_stream():
    async def story() -> None:
        server = serve(most=10, most_each=1)
        server.watcher.listeners.add(secret_hash("another"))
        async with opened(server) as desk:
            await desk.next()
            assert (await refused(server, scope())).status == 503
            async with opened(server, cookie=f"{SESSION_COOKIE}=another") as other:
                await other.next()
                assert other.status == 200

    asyncio.run(story())


def test_a_session_that_ends_takes_its_stream_along():
    async def story() -> None:
        server = serve()
        async with opened(server) as desk:
            await desk.next()
            server.watcher.is_away = True
            await server.check()
            assert len(server.streams) == 1
            server.watcher.is_away = False
            server.watcher.listeners.clear()
            await server.check()
            assert await desk.next() == ""
            assert desk.is_whole
        await server.check()

    asyncio.run(story())


def test_a_stream_ends_after_its_life_so_that_the_browser_comes_anew():
    async def story() -> None:
        server = serve(pace=Pace(beat=0.01, life=0.02))
        async with opened(server) as desk:
            while not desk.is_whole:
                await desk.next()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (scope(cookie=""), 401),
        (scope(cookie=f"{SESSION_COOKIE}=unknown"), 401),
        (scope(cookie="a\x00;=;=\xff"), 401),
        (scope(origin="https://elsewhere.example"), 403),
        (scope() | {"method": "POST"}, 405),
        (scope() | {"path": "/"}, 404),
        (scope() | {"path": "/healthz"}, 200),
    ],
)
def test_who_is_refused(asked, status):
    async def story() -> None:
        assert (await refused(serve(), asked)).status == status

    asyncio.run(story())


def test_while_the_database_is_away_nobody_is_let_in_and_a_monitor_learns_it():
    async def story() -> None:
        watcher = Looked()
        watcher.is_away, watcher.silence = True, LONG
        away = await refused(serve(watcher), scope())
        assert (away.status, away.headers["retry-after"]) == (503, "5")
        assert (await refused(serve(watcher), scope() | {"path": "/healthz"})).status == 503

    asyncio.run(story())


def test_the_watcher_begins_and_ends_with_the_process(monkeypatch):
    async def story() -> None:
        watcher, said = Looked(), []
        monkeypatch.setattr(watcher, "start", lambda tell: tell("tickets"))
        server = serve(watcher, pace=Pace(check=0.01))
        messages = asyncio.Queue()
        messages.put_nowait({"type": "lifespan.startup"})

        async def send(message: dict[str, Any]) -> None:
            said.append(message["type"])

        running = asyncio.create_task(server({"type": "lifespan"}, messages.get, send))
        async with opened(server) as desk:
            await desk.next()
            watcher.listeners.clear()
            while not desk.is_whole:
                await desk.next()
            messages.put_nowait({"type": "lifespan.shutdown"})
            await asyncio.wait_for(running, LONG)
        assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        with suppress(asyncio.CancelledError):
            await server.checker
        assert server.checker.cancelled()

    asyncio.run(story())


def test_an_origin_is_scheme_host_and_port():
    assert origin_of("https://Water.example:8443/desk?x") == "https://water.example:8443"
