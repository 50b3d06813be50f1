"""How soon do desks learn that something changed: on a stream, and by asking?

Run `python bench/live_delivery.py`; each line is one figure as JSON. One process streams to many
idle connections while this one changes a ticket; then 100 desks ask for what changed, told by the
stream, and as many by asking every 1.5 s. Both databases, all on one machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.processes import run_once, running
from bench.reporting import Report
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.api.stream import PATH
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.permissions import RULE
from dispatch.models.base import db
from dispatch.models.people import User
from tests.databases import PostgresServer

if TYPE_CHECKING:
    from flask import Flask

STREAMS, DESKS, ROUNDS, EACH = 1_000, 100, 12, 4
EVERY = 1.5
report = Report("live_delivery")


def main() -> None:
    """Measure SQLite, then PostgreSQL."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4_096)), hard))
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as name:
        measure("sqlite", {"ONEVISIT_DATA_DIR": f"{name}/data"})
        server = PostgresServer({"listen_addresses": "", "shared_buffers": "128MB"})
        try:
            url = server.create("onevisit")
            measure("postgresql", {"ONEVISIT_DATABASE_URL": url, "ONEVISIT_DATA_DIR": f"{name}/p"})
        finally:
            server.stop()


def measure(kind: str, given: dict[str, str]) -> None:
    """Print the figures of one database."""
    given = {"ONEVISIT_SECRET_KEY": "x" * 32, **given}
    run_once(given, "db", "upgrade")
    app = create_app(Settings.from_env(given))
    secrets = sign_in(app)
    with running(given, "live") as (live, pid), running(given, "serve") as (web, _):
        asyncio.run(deliver(kind, app, secrets, live, pid))
        asyncio.run(compare(kind, app, secrets, live, web))


def sign_in(app: Flask) -> list[str]:
    """Open the sessions that the streams share, four each."""
    now = datetime.now(UTC)
    with app.app_context(), transaction():
        user = User(sign_in_name="d", name="D", role="dispatcher", created_at=now, active=True)
        db.session.add(user)
        db.session.flush()
        life = timedelta(hours=1)
        return [open_session(user, now=now, lifetime=life) for _ in range(STREAMS // EACH)]


def change(app: Flask) -> float:
    """Open a ticket as another process would; return when it was committed."""
    place = GivenPlace(random.uniform(28, 28.4), random.uniform(112.8, 113.2))  # noqa: S311
    with app.app_context(), transaction():
        open_ticket(NewReport("leak", place=place), actor=RULE, now=datetime.now(UTC))
    return time.perf_counter()


class Stream:
    """One open stream; `told_at` is when the newest news of tickets came."""

    def __init__(self) -> None:
        """Begin with no news."""
        self.told_at = 0.0
        self.news = asyncio.Event()

    async def run(self, port: int, secret: str) -> None:
        """Read until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        cookie = f"onevisit_session={secret}"
        writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line == b"event: tickets\n":
                    self.told_at = time.perf_counter()
                    self.news.set()
        finally:
            writer.close()


async def deliver(kind: str, app: Flask, secrets: list[str], port: int, pid: int) -> None:
    """Measure the time to the first and last of many idle streams, and their memory."""
    before = memory(pid)
    streams = [Stream() for _ in range(STREAMS)]
    running = []
    for number, stream in enumerate(streams):
        running.append(asyncio.create_task(stream.run(port, secrets[number // EACH])))
        if number % 50 == 49:
            await asyncio.gather(*(each.news.wait() for each in streams[: number + 1]))
    after = memory(pid)
    lasts, spans = [], []
    for _ in range(ROUNDS):
        await asyncio.sleep(1.5)
        for stream in streams:
            stream.news.clear()
        committed = await asyncio.to_thread(change, app)
        await asyncio.wait_for(asyncio.gather(*(each.news.wait() for each in streams)), 30)
        told = [stream.told_at for stream in streams]
        lasts.append(max(told) - committed)
        spans.append(max(told) - min(told))
    more = {"streams": STREAMS, "rounds": ROUNDS}
    report(f"{kind} commit to last delivery p50", float(np.median(lasts)) * 1e3, "ms", **more)
    report(f"{kind} commit to last delivery max", max(lasts) * 1e3, "ms", **more)
    report(f"{kind} first to last delivery p50", float(np.median(spans)) * 1e3, "ms", 100, **more)
    report(f"{kind} memory each", (after - before) / STREAMS, "KiB", 40, **more)
    report(f"{kind} memory before", before / 1024, "MiB")
    await stop(running)


def memory(pid: int) -> float:
    """Return the resident KiB of a process and its children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = {int(each) for task in tasks for each in task.read_text().split()}
    return _resident(pid) + sum(memory(each) for each in children)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))


class Desk:
    """One desk that asks for what changed; `knows` counts the changes that it was told."""

    def __init__(self, port: int, secret: str) -> None:
        """Keep where to ask and as whom."""
        self.port, self.secret, self.cursor = port, secret, ""
        self.knew_at = 0.0
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self) -> None:
        """Ask once; note when an answer held something new."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        known = f"?since={self.cursor}" if self.cursor else ""
        match = f'If-None-Match: "{self.cursor}"\r\n' if self.cursor else ""
        writer.write(
            f"GET /api/live{known} HTTP/1.1\r\nHost: x\r\n{match}"
            f"Cookie: onevisit_session={self.secret}\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((x for x in head.split("\r\n") if x.startswith("content-length")), ": 0")
        await reader.readexactly(int(length.partition(":")[2]))
        if head.startswith("http/1.1 200"):
            self.cursor = head.partition('etag: "')[2].partition('"')[0]
            self.knew_at = time.perf_counter()

    async def by_asking(self) -> None:
        """Ask again and again."""
        await asyncio.sleep(random.uniform(0, EVERY))  # noqa: S311  desks are not in step
        while True:
            await self.ask()
            await asyncio.sleep(EVERY)

    async def by_stream(self, stream: Stream) -> None:
        """Ask when told, spread as the desk spreads it, and every 5 s."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stream.news.wait(), 5)
                stream.news.clear()
                await asyncio.sleep(random.uniform(0, DESKS / 1_000))  # noqa: S311  likewise
            await self.ask()


async def compare(kind: str, app: Flask, secrets: list[str], live: int, web: int) -> None:
    """Measure change → answer at 100 desks, by asking and told by the stream."""
    for way in ("asking", "stream"):
        desks = [Desk(web, secrets[number]) for number in range(DESKS)]
        running: list[asyncio.Task[None]] = []
        for desk in desks:
            await desk.ask()
            if way == "asking":
                running.append(asyncio.create_task(desk.by_asking()))
                continue
            stream = Stream()
            running.append(asyncio.create_task(stream.run(live, desk.secret)))
            running.append(asyncio.create_task(desk.by_stream(stream)))
        found = await waits_of(app, desks)
        for percent, limit in ((50, 500), (99, 2_000)):
            figure = float(np.percentile(found, percent)) * 1_000
            report(f"{kind} change to desk by {way} p{percent}", figure, "ms", limit, desks=DESKS)
        await stop(running)


async def waits_of(app: Flask, desks: list[Desk]) -> list[float]:
    """Return the seconds from each change to each desk's answer."""
    found: list[float] = []
    for _ in range(ROUNDS):
        await asyncio.sleep(random.uniform(2, 3))  # noqa: S311  not in step with the desks
        committed = await asyncio.to_thread(change, app)
        # What is asked while the commit returns is counted from the next answer on.
        while not all(desk.knew_at >= committed for desk in desks):
            await asyncio.sleep(0.01)
            if time.perf_counter() - committed > 10 * EVERY:
                break
        found += [desk.knew_at - committed for desk in desks if desk.knew_at >= committed]
    return found


async def stop(running: list[Any]) -> None:
    """End what runs."""
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)


if __name__ == "__main__":
    main()
