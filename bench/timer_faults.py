"""Which timers are lost, fired twice or late under each fault, on both databases?

Run `python bench/timer_faults.py [--due 1000] [--fault kill …] [--database sqlite …]`; each line is
one figure as JSON. Half of the timers are due in one second, the rest in the seconds after it, on
SQLite and a PostgreSQL of its own, both with full durability. Our two clockworks and APScheduler
with its own SQLAlchemy store meet the same schedule and the same fault: once as one process, which
its manual asks for, and once as two, which is what a second host amounts to. Their job only writes
a line to a file. What has not fired two minutes after the last was due is lost. Lateness is in time
that really passed, ours up to when the commit is seen, at most a tenth of a second after it.

The faults begin half a second after the first is due: `none`; `kill`: one process is killed every
two seconds and started again; `freeze`: one stands still for eight seconds; `lock`: another program
holds the table, or all of SQLite, for eight seconds; `clock`: the machine's clock is set back by
half a minute; `down`: PostgreSQL is stopped at once and started again after five seconds.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_migrate
import psycopg
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.apscheduler_peer import BEGUN, note
from bench.stepped_clock import set_clock, watched
from bench.timer_lateness import lateness, one_transaction, tell
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Timer
from tests.databases import DURABLE, Postgres, PostgresServer, Sqlite
from tests.faults.armed import arm, look, put_on_duty
from tests.faults.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.databases import Database
    from tests.faults.fleet import Member

ROOT = Path(__file__).parent.parent
KILL_EVERY, STANDS_STILL, AWAY, SET_BACK = 2.0, 8.0, 5.0, 30.0
BEGINS_AFTER, GIVE_UP, LOOK_EVERY = 0.5, 120.0, 0.1
AHEAD = timedelta(seconds=15)
"""Time enough for both to be armed and started."""
FAULTS = ("none", "kill", "freeze", "lock", "clock", "down")


@dataclass
class Bed:
    """What one run stands on: a database of its own, a folder and a clock that can be set."""

    kind: str
    url: str
    folder: Path
    server: PostgresServer
    environment: dict[str, str]

    @property
    def clock(self) -> Path:
        """Return the file by which the clock is set."""
        return self.folder / "clock"

    def hold(self, table: str) -> Callable[[], None]:
        """Hold the table, or all of SQLite, as a program does that stands still in the middle.

        Returns what lets go.
        """
        if self.kind == "sqlite":
            path = self.url.removeprefix("sqlite:///")
            file = sqlite3.connect(path, timeout=30, isolation_level=None)
            file.execute("BEGIN IMMEDIATE")
            return file.close
        connection = psycopg.connect(self.url)
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
        return connection.close


class Ours:
    """Two clockworks."""

    who, runners, table = "onevisit", 2, "timer"

    def __init__(self, bed: Bed) -> None:
        """Open the database."""
        given = {"ONEVISIT_DATABASE_URL": bed.url, "ONEVISIT_DATA_DIR": str(bed.folder),
                 "ONEVISIT_SECRET_KEY": "b" * 40}  # fmt: skip
        self.app = create_app(Settings.from_env(given))
        self.fleet = Fleet(given | bed.environment, bed.folder / "log")
        self.both: list[Member] = []
        self.due: dict[int, float] = {}
        self.seen: dict[int, float] = {}

    def begin(self, count: int) -> list[float]:
        """Start both, then arm."""
        with self.app.app_context(), transaction():
            put_on_duty(datetime.now(UTC))
        self.both = [self.fleet.jobs(), self.fleet.jobs()]
        while not (self.may_be_killed(0) and self.may_be_killed(1)):
            time.sleep(LOOK_EVERY)
        due = schedule(count)
        self.due = dict(enumerate(passed(due), 1))
        with self.app.app_context():
            arm(due)
        return passed(due)

    def fired(self) -> int:
        """See what was committed; nothing new while the database is away."""
        asked = select(Timer.ticket_id).where(Timer.state == "fired", Timer.rung == 0)
        with self.app.app_context(), suppress(Exception):
            found = db.session.scalars(asked).all()
            for number in found:
                self.seen.setdefault(number, time.monotonic())
        return len(self.seen)

    def pid(self, number: int) -> int:
        """Return one of both."""
        return self.both[number % 2].running.pid

    def may_be_killed(self, number: int) -> bool:
        """Tell whether the other beats: a clockwork takes longer to start than the bare peer."""
        runner = f"{socket.gethostname()}/{self.pid(number + 1)}"
        with self.app.app_context():
            return db.session.get(Heartbeat, ("timers", runner)) is not None

    def replace(self, number: int) -> None:
        """Kill one of both and start it again."""
        self.fleet.kill(self.both[number % 2])
        self.fleet.restart(self.both[number % 2])

    def figures(self) -> dict[str, Any]:
        """Compare events, alerts and messages with what was armed."""
        with self.app.app_context():
            found = look(range(1, len(self.due) + 1))
        late = [self.seen[number] - self.due[number] for number in self.seen]
        return {"lost": found.lost, "doubled": found.twice, **lateness(late)}

    def end(self) -> None:
        """Kill both."""
        for member in self.both:
            self.fleet.kill(member)
        with self.app.app_context():
            db.engine.dispose()


@dataclass
class Theirs:
    """So many processes of APScheduler on its own job store."""

    bed: Bed
    runners: int
    who = "apscheduler"
    table = "apscheduler_jobs"
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    armed: int = 0

    @property
    def log(self) -> Path:
        """Return the file to which each job writes its line."""
        return self.bed.folder / "peer.log"

    @property
    def url(self) -> str:
        """Return the address with the driver named."""
        return self.bed.url.replace("postgresql://", "postgresql+psycopg://")

    def begin(self, count: int) -> list[float]:
        """Arm, then start: a scheduler that runs does not see what another process adds."""
        self.log.touch()
        self.armed, due = count, schedule(count)
        store = SQLAlchemyJobStore(url=self.url)
        scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
        scheduler.start(paused=True)
        with one_transaction(store):
            for number, (at, passes) in enumerate(zip(due, passed(due), strict=True)):
                scheduler.add_job(
                    note, "date", run_date=at, args=(str(number), passes, str(self.log)),
                    id=str(number), misfire_grace_time=None,
                )  # fmt: skip
        scheduler.shutdown()
        self.running = [self._start() for _ in range(self.runners)]
        while self.words.read_text().count(BEGUN) < self.runners:
            time.sleep(LOOK_EVERY)
        return passed(due)

    @property
    def words(self) -> Path:
        """Return the file of what the processes say."""
        return self.bed.folder / "peer.err"

    def _start(self) -> subprocess.Popen[bytes]:
        given = os.environ | {"PYTHONPATH": str(ROOT)} | self.bed.environment
        with self.words.open("ab") as words:
            return subprocess.Popen(
                [sys.executable, "-m", "bench.apscheduler_peer", self.url],
                cwd=ROOT, env=given, stdout=words, stderr=words,
            )  # fmt: skip

    def _ran(self) -> Iterator[tuple[str, float]]:
        for line in self.log.read_text().splitlines():
            key, late = line.split()
            yield key, float(late)

    def fired(self) -> int:
        """Count the different jobs that ran."""
        return len({key for key, _late in self._ran()})

    def pid(self, number: int) -> int:
        """Return one of the processes."""
        return self.running[number % self.runners].pid

    def may_be_killed(self, number: int) -> bool:
        """Tell whether all have begun, after so many kills."""
        return self.words.read_text().count(BEGUN) == self.runners + number

    def replace(self, number: int) -> None:
        """Kill one and start it again."""
        at = number % self.runners
        self.running[at].kill()
        self.running[at].wait()
        self.running[at] = self._start()

    def figures(self) -> dict[str, Any]:
        """Count what the jobs wrote."""
        times = Counter(key for key, _late in self._ran())
        return {
            "lost": self.armed - len(times),
            "doubled": sum(1 for each in times.values() if each > 1),
            **lateness([late for _key, late in self._ran()]),
        }

    def end(self) -> None:
        """Kill all."""
        for each in self.running:
            each.kill()
            each.wait()


def passed(due: Sequence[datetime]) -> list[float]:
    """Return instants on the monotonic clock, which all processes of a machine share."""
    shift = time.monotonic() - time.time()
    return [each.timestamp() + shift for each in due]


def schedule(count: int) -> list[datetime]:
    """Return when each timer is due: half in one second, half in some seconds after it."""
    half = count // 2
    first = datetime.now(UTC) + AHEAD + timedelta(seconds=count / 400)
    dense = [first + timedelta(seconds=n / half) for n in range(half)]
    spread = timedelta(seconds=max(8.0, half / 125))
    return dense + [first + timedelta(seconds=1) + spread * (n / half) for n in range(half)]


class Fault:
    """One fault: begun once the time has come, ended some seconds later, or a kill again and again.

    All of it happens in the main thread: a server ends with the thread that has started it.
    """

    def __init__(self, name: str, subject: Ours | Theirs, bed: Bed, at: float) -> None:
        """Begin at `at` on the monotonic clock."""
        self.name, self.subject, self.bed, self.at = name, subject, bed, at
        self.kills = 0
        self.over: Callable[[], None] | None = None
        self.begun = 0.0
        self.lasted_ms: int | None = None

    def go_on(self) -> None:
        """Do what is due by now."""
        if time.monotonic() < self.at:
            return
        self.at = float("inf")
        if self.name == "kill":
            if self.subject.may_be_killed(self.kills):
                self.subject.replace(self.kills)
                self.kills += 1
            self.at = time.monotonic() + KILL_EVERY
        elif self.over is None:
            self.begun = time.monotonic()
            self.at, self.over = self._begin(self.begun)
        else:
            self.over()
            self.lasted_ms = round(1000 * (time.monotonic() - self.begun))

    def _begin(self, now: float) -> tuple[float, Callable[[], None] | None]:
        """Let it happen; return when it is to end, and how."""
        if self.name == "freeze":
            frozen = self.subject.pid(0)
            os.kill(frozen, signal.SIGSTOP)
            return now + STANDS_STILL, lambda: os.kill(frozen, signal.SIGCONT)
        if self.name == "lock":
            return now + STANDS_STILL, self.bed.hold(self.subject.table)
        if self.name == "down":
            self.bed.server.crash()
            return now + AWAY, self.bed.server.restart
        if self.name == "clock":
            set_clock(self.bed.clock, -SET_BACK)
        return float("inf"), None


def measure(subject: Ours | Theirs, fault: str, bed: Bed, count: int) -> None:
    """Run one subject through one fault and print its figures."""
    due = subject.begin(count)
    if time.monotonic() > due[0]:
        print(f"{subject.who}: started too late, its lateness holds the start", file=sys.stderr)
    broken = Fault(fault, subject, bed, due[0] + BEGINS_AFTER)
    end = max(due[-1], broken.at + STANDS_STILL + 1)
    while time.monotonic() < end or (subject.fired() < count and time.monotonic() < end + GIVE_UP):
        broken.go_on()
        subject.fired()
        time.sleep(LOOK_EVERY)
    found = subject.figures()
    tell(subject.who, bed.kind, count, fault, runners=subject.runners, kills=broken.kills,
         lasted_ms=broken.lasted_ms, **found)  # fmt: skip


def migrate(url: str) -> None:
    """Bring a database to the newest migration."""
    app = create_app(Settings(database_url=url, secret_key="b" * 40))
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    """Measure all three under each fault on each database."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--fault", action="append", choices=FAULTS)
    parser.add_argument("--database", action="append", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = PostgresServer(DURABLE)
        stack.callback(server.stop)
        made: dict[str, Callable[[], Database]] = {
            "sqlite": lambda: Sqlite(folder, migrate),
            "postgresql": lambda: Postgres(server, migrate),
        }
        for kind in asked.database or list(made):
            database = made[kind]()
            for fault in asked.fault or FAULTS:
                if (kind, fault) != ("sqlite", "down"):
                    each_subject(database, fault, asked.due, server)


def each_subject(database: Database, fault: str, count: int, server: PostgresServer) -> None:
    """Measure ours, then the peer as one process and as two, each on a database of its own."""
    makers: list[tuple[Callable[[Bed], Ours | Theirs], Callable[[], str]]] = [
        (Ours, database.fresh),
        (lambda bed: Theirs(bed, 1), database.bare),
        (lambda bed: Theirs(bed, 2), database.bare),
    ]
    for make, new in makers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            environment = watched(folder, folder / "clock") if fault == "clock" else {}
            bed = Bed(database.kind, new(), folder, server, environment)
            subject = make(bed)
            try:
                measure(subject, fault, bed, count)
            finally:
                subject.end()


if __name__ == "__main__":
    main()
