"""Is each warning written once, however often clockworks are killed or the database crashes?"""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from tests.conftest import close_connections, make_app
from tests.databases import DURABLE, PostgresServer
from tests.faults.armed import Found, arm, fired, look, put_on_duty
from tests.faults.fleet import Fleet, Member, wait_within

if TYPE_CHECKING:
    from collections.abc import Iterator

GIVE_UP_SECONDS = 900.0
KILL_EVERY = 2.0
CRASH_EVERY = 10.0
LEAD = timedelta(seconds=1)


@dataclass
class Night:
    """Two clockworks on one database, and what is armed there."""

    app: Any
    fleet: Fleet
    count: int
    jobs: list[Member] = field(default_factory=list)

    def begin(self) -> None:
        """Start both, then arm: half is due in one second, the rest in the seconds after it."""
        now = datetime.now(UTC)
        with self.app.app_context(), transaction():
            put_on_duty(now)
        self.jobs = [self.fleet.jobs(), self.fleet.jobs()]
        for member in self.jobs:
            self.wait_until_heard(member)
        half = self.count // 2
        writing = timedelta(seconds=self.count / 4_000)
        first = datetime.now(UTC) + LEAD + writing
        dense = [first + timedelta(seconds=n / half) for n in range(half)]
        spread = timedelta(seconds=max(4.0, half / 125))
        thin = [first + LEAD + spread * (n / half) for n in range(self.count - half)]
        with self.app.app_context():
            arm(dense + thin)

    def is_heard(self, member: Member) -> bool:
        """Tell whether the running process of a member has beaten."""
        runner = f"{socket.gethostname()}/{member.running.pid}"
        with self.app.app_context():
            return db.session.get(Heartbeat, ("timers", runner)) is not None

    def wait_until_heard(self, member: Member) -> None:
        for _ in wait_within(GIVE_UP_SECONDS):
            if self.is_heard(member):
                return
            assert member.running.poll() is None, self.fleet.words()
        raise AssertionError(f"not heard: {self.fleet.words()}")

    def fired(self) -> int:
        """Return how many warnings are written; 0 while the database is away."""
        with self.app.app_context(), contextlib.suppress(Exception):
            return fired()
        return 0

    def moments(self, times: int | None, every: float) -> Iterator[int]:
        """Yield when something is to be broken: so many times over the work, or by the clock."""
        for number in range(1, times + 1 if times else 100_000):
            if times is None:
                Event().wait(every)
            self.wait_for(number * self.count // (times + 1) if times else 0)
            if self.fired() == self.count:
                return
            yield number

    def wait_for(self, wanted: int) -> None:
        for _ in wait_within(GIVE_UP_SECONDS):
            if self.fired() >= wanted:
                return
        raise AssertionError(f"only {self.fired()} of {wanted} fired: {self.fleet.words()}")

    def end(self) -> Found:
        """Wait until all have fired; return what is stored."""
        self.wait_for(self.count)
        with self.app.app_context():
            return look(range(1, self.count + 1))


def check(night: Night, found: Found, broken: str, *, soak: bool, most_seconds: float) -> str:
    """Compare what is stored with what was armed; return the line that says so."""
    assert (found.lost, found.twice, len(found.late_ms)) == (0, 0, night.count)
    assert found.late_ms[0] >= 0
    kind = night.app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0].partition("+")[0]
    line = f"\nG2 {kind}: {night.count} timers under {broken}, 0 lost, 0 twice; {found.lateness()}"
    if soak:
        assert found.late_ms[-1] <= most_seconds * 1000, line
    return line


# Up to five processes start one after the other.
@pytest.mark.timeout(1_800)
def test_each_is_written_once_while_clockworks_are_killed(
    app, environment, tmp_path, soak, print_counts
):
    """G2: 500 timers (soak: 20,000) on two clockworks, one of which is killed again and again."""
    kills = 0
    with Fleet(environment, tmp_path / "log") as fleet:
        night = Night(app, fleet, 20_000 if soak else 500)
        night.begin()
        for number in night.moments(None if soak else 2, KILL_EVERY):
            member, other = night.jobs[number % 2], night.jobs[1 - number % 2]
            if soak:
                night.wait_until_heard(other)
            fleet.kill(member)
            fleet.restart(member)
            kills += 1
        found = night.end()
    line = check(night, found, f"{kills} kills", soak=soak, most_seconds=5)
    assert kills > 0
    if soak:
        assert found.late_ms[len(found.late_ms) * 99 // 100] <= 2_000, found.lateness()
    print_counts(line)


@pytest.fixture
def durable() -> Iterator[PostgresServer]:
    server = PostgresServer(DURABLE)
    yield server
    server.stop()


# A server of its own starts, and starts again.
@pytest.mark.timeout(1_800)
def test_each_is_written_once_while_the_database_crashes(
    durable, migrate, work_folder, tmp_path, soak, print_counts
):
    """G2: 500 timers (soak: 20,000) while PostgreSQL is stopped at once."""
    url = durable.create("onevisit")
    migrate(url)
    app = make_app(url, work_folder)
    environment = {"ONEVISIT_DATABASE_URL": url, "ONEVISIT_DATA_DIR": str(work_folder)}
    environment |= {"ONEVISIT_SECRET_KEY": app.config["SECRET_KEY"]}
    crashes = 0
    with Fleet(environment, tmp_path / "log") as fleet:
        night = Night(app, fleet, 20_000 if soak else 500)
        night.begin()
        for _number in night.moments(None if soak else 2, CRASH_EVERY):
            durable.crash()
            with pytest.raises(psycopg.OperationalError):
                durable.connect("onevisit")
            durable.restart()
            crashes += 1
        found = night.end()
        assert [member.running.poll() for member in night.jobs] == [None, None], fleet.words()
    close_connections(app)
    line = check(night, found, f"{crashes} crashes", soak=soak, most_seconds=10)
    assert crashes > 0
    print_counts(line)
