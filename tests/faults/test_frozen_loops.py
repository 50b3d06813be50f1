"""Does everybody see within half a minute that a loop was killed, is frozen or hangs?"""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.steady_clock import wall_clock
from dispatch.jobs import loops as loops_module
from dispatch.jobs import runner
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from dispatch.queries.timers import claim_due
from tests.faults.armed import arm, fired
from tests.faults.fleet import Fleet, wait_within

GIVE_UP_SECONDS = 300.0
NEARLY_RED = timedelta(seconds=25)
FAULTS = [("killed", ""), ("frozen", "")] + [
    (how, name) for how in ("hung", "failing") for name in ("timers", "planner", "outbox")
]


@pytest.fixture
def in_step(app, clock, monkeypatch):
    """Return a function that builds the loops of a process whose clocks stand with `clock`."""
    passed = SimpleNamespace(monotonic=lambda: datetime.now(UTC).timestamp())
    monkeypatch.setattr(loops_module, "time", passed)

    def build() -> list[Any]:
        built = runner.loops_of(app, Event())
        for loop in built:
            loop.clock = wall_clock
        return built

    return build


def fail(_now):
    raise OSError("no")


class Scene:
    """The loops of one process, the web tier that watches them, and the clock they stand by."""

    def __init__(self, loops: list[Any], web: Any, clock: Any) -> None:
        self.loops, self.web, self.clock = loops, web, clock

    def live(self, silent: str | None = None) -> None:
        """Let five seconds pass, and a round of each loop that is not silent."""
        self.clock.shift(5)
        for loop in self.loops:
            if silent is None or loop.name != silent:
                loop.once()

    def level(self) -> tuple[int, str]:
        answer = self.web.get("/healthz/deadlines")
        return answer.status_code, answer.json["level"]

    def is_red_on_the_page(self) -> bool:
        return 'data-clockwork="red"' in self.web.get("/alerts/centre").text

    def watch_it_fail(self, how: str, name: str) -> None:
        """Follow the levels from the last heartbeat to the red one, five seconds a look."""
        seen = []
        kept = [(loop, loop.run) for loop in self.loops if loop.name == name]
        for loop, _run in kept if how == "failing" else ():
            loop.run = fail
        for _look in range(6):
            if how in {"killed", "frozen"}:
                self.clock.shift(5)
            else:
                self.live(silent=name if how == "hung" else None)
            seen.append(self.level())
        assert seen == [(200, "ok")] * 2 + [(200, "amber")] * 4
        self.clock.shift(0.001)
        assert self.level() == (503, "red")
        assert self.is_red_on_the_page()
        for loop, run in kept:
            loop.run = run


@pytest.mark.parametrize(("how", "name"), FAULTS)
def test_it_is_red_half_a_minute_after_the_last_heartbeat(
    app, sign_in, clock, now, in_step, soak, print_counts, how, name
):
    """G3, with stored heartbeats and a stopped clock: twice (soak: 20 times) each."""
    times = 20 if soak else 2
    with app.app_context():
        arm([now + timedelta(days=2)])
    scene = Scene(in_step(), sign_in("dispatcher"), clock)
    for _time in range(times):
        scene.live()
        assert scene.level() == (200, "ok")
        scene.watch_it_fail(how, name)
        if how == "killed":
            scene.loops = in_step()
        scene.live()
        assert scene.level() == (200, "ok")
        assert not scene.is_red_on_the_page()
    print_counts(
        f"G3 {how} {name or 'process'}: {times} times red 30 s after the last heartbeat, "
        f"well with the next one"
    )


@pytest.mark.usefixtures("in_step")
def test_a_loop_that_hangs_over_a_timer_is_seen_although_the_beats_go_on(app, client, clock, now):
    """G3: what a hung loop has claimed is passed over by the others, and the web tier sees it."""
    with app.app_context():
        arm([now + timedelta(seconds=1)])
    watchers = [loop for loop in runner.loops_of(app, Event()) if loop.name == "timers"]
    for loop in watchers:
        loop.clock = wall_clock
    watchers[1].once()
    held, release = Event(), Event()

    def hang() -> None:
        with app.app_context(), transaction():
            assert len(claim_due(now + timedelta(seconds=1), 10)) == 1
            held.set()
            release.wait()

    clock.shift(1)
    thread = Thread(target=hang)
    thread.start()
    try:
        assert held.wait(GIVE_UP_SECONDS)
        seen = []
        for seconds in (9, 2, 18, 2):
            clock.shift(seconds)
            if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
                # SQLite has one writer: there the others wait for it, and are as silent.
                watchers[1].once()
            seen.append(client.get("/healthz/deadlines").json["level"])
    finally:
        release.set()
        thread.join()
    assert seen == ["ok", "amber", "amber", "red"]
    watchers[1].once()
    assert client.get("/healthz/deadlines").json["level"] == "ok"
    with app.app_context():
        assert fired() == 1


class Monitor:
    """Somebody who asks the web process again and again, and judges every answer."""

    def __init__(self, port: int) -> None:
        self.port, self.answers = port, 0

    def ask(self) -> int:
        """Return the status; it must fit what the answer itself says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/healthz/deadlines")
            answer = connection.getresponse()
            told = json.loads(answer.read())
        age = told["heartbeat_age_seconds"]
        silence = 60.0 if age is None else age
        level = "red" if silence > 30 else "amber" if silence > 10 else "ok"
        assert told["level"] == level, told
        assert answer.status == (503 if level == "red" else 200), told
        self.answers += 1
        return answer.status

    def wait_for(self, status: int) -> float:
        """Ask until it is this one; return the seconds that it took."""
        begun = time.monotonic()
        for _ in wait_within(GIVE_UP_SECONDS):
            if self.ask() == status:
                return time.monotonic() - begun
        raise AssertionError(f"never {status}")


def let_time_pass(app: Any) -> None:
    """Make the stored heartbeats older, instead of waiting that long."""
    with app.app_context(), contextlib.suppress(OperationalError), transaction():
        # On SQLite a process that was frozen while it wrote keeps us from it: then we do wait.
        for row in db.session.scalars(select(Heartbeat)):
            row.beat_at -= NEARLY_RED


# Two processes start, and one of them again.
@pytest.mark.timeout(1_800)
def test_a_process_that_was_frozen_or_killed_is_seen_and_recovers(
    app, environment, tmp_path, soak, print_counts
):
    """G3 with real processes: once frozen, once killed (soak: 20 times, in full length)."""
    times = 20 if soak else 2
    with app.app_context():
        arm([datetime.now(UTC) + timedelta(days=2)])
    noticed, recovered = [], []
    with Fleet(environment, tmp_path / "log") as fleet:
        monitor, jobs = Monitor(fleet.web().port or 0), fleet.jobs()
        assert monitor.ask() == http.HTTPStatus.SERVICE_UNAVAILABLE
        monitor.wait_for(200)
        for number in range(times):
            is_frozen = number % 2 == 0
            (fleet.freeze if is_frozen else fleet.kill)(jobs)
            if not soak:
                let_time_pass(app)
            noticed.append(monitor.wait_for(503))
            (fleet.thaw if is_frozen else fleet.restart)(jobs)
            recovered.append(monitor.wait_for(200))
    kind = app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0].partition("+")[0]
    skipped = "" if soak else " (and 25 s that were skipped)"
    print_counts(
        f"G3 {kind}: {times} times frozen or killed, seen each time after at most "
        f"{max(noticed):.1f} s{skipped}, well again after at most {max(recovered):.1f} s; "
        f"{monitor.answers} answers, 0 wrong"
    )
    if soak:
        assert max(noticed) <= 31
        assert max(recovered) <= 10
