"""Is there all of a command or nothing, wherever the process or the power fails in it?"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import InterfaceError, OperationalError

from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.clockwork import Idempotency
from dispatch.models.tickets import Ticket
from dispatch.queries.event_chain import checked_tickets
from tests.conftest import SECRET, close_connections, make_app
from tests.databases import FAST, Postgres, PostgresServer, end_with_parent
from tests.faults.commands import READY, Command, Desk, trace
from tests.faults.fleet import wait_within
from tests.faults.torn_disk import after_power_cut
from tests.invariants import expect_whole
from tests.visitors import signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.faults.torn_disk import Step

DURABLE = {
    name: setting
    for name, setting in FAST.items()
    if name not in {"fsync", "synchronous_commit", "full_page_writes"}
}
ENDINGS = ("", "-wal", "-shm", "-journal")


@dataclass
class Wreck:
    """An installation whose web process dies in the middle of commands."""

    app: Flask
    folder: Path
    root: Path
    environment: dict[str, str]
    token: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Start the process that is forked for every request."""
        close_connections(self.app)
        self.running = subprocess.Popen(
            [sys.executable, str(self.root / "tests/faults/crash_process.py")],
            env={**os.environ, **self.environment, "PYTHONPATH": str(self.root)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  it only asks Linux for a signal
        )  # fmt: skip
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.running.stdout is not None
        return self.running.stdout.readline().strip()

    def end(self) -> None:
        """End that process."""
        self.running.kill()
        self.running.communicate()

    def send(self, command: Command, key: str, die_at: int = 0, victim: str = "client") -> int:
        """Send a command to a process that dies at a step; return how that ended."""
        (self.folder / "answer").unlink(missing_ok=True)
        asked = {
            "path": command.path, "body": command.body, "die_at": die_at, "victim": victim,
            "headers": command.headers(self.token, key), "folder": str(self.folder),
        }  # fmt: skip
        assert self.running.stdin is not None
        self.running.stdin.write(json.dumps(asked) + "\n")
        self.running.stdin.flush()
        return int(self._line())

    def answer(self) -> Any:
        """Return the answer that was given, None when there was none."""
        file = self.folder / "answer"
        return json.loads(file.read_text()) if file.exists() else None

    def steps(self) -> list[Step]:
        """Return what the last process that did not die did."""
        found: list[Step] = pickle.loads((self.folder / "steps").read_bytes())  # noqa: S301  ours
        return found

    def again(self, command: Command, key: str) -> Any:
        """Send a command once more to a process that lives."""
        headers = command.headers(self.token, key)
        return self.app.test_client().post(command.path, json=command.body, headers=headers)


@dataclass
class Point:
    """A command that is ready, what was there before it, and what it leaves when nothing fails."""

    wreck: Wreck
    command: Command
    before: dict[str, list[str]]
    newest: int
    key: str
    complete: Any = None

    def left(self) -> Any:
        """Return what is there now: the story of the tickets, and how many rows were added."""
        since = select(Ticket.id).where(Ticket.id > self.newest)
        tickets = self.command.tickets or tuple(db.session.scalars(since))
        for each in tickets:
            expect_whole(each)
        rows = everything()
        added = {name: len(found) - len(self.before[name]) for name, found in rows.items()}
        # Each statement that changes a ticket names it; a process that has read less needs more.
        due = set(rows["fact_due"]) - set(self.before["fact_due"])
        added["fact_due"] = len({each.partition(", ")[2] for each in due})
        return trace(*tickets), added

    def check(self, *, acknowledged: bool) -> None:
        """Fail unless all or nothing is there, and asking again makes it all, once."""
        counts = self.wreck.counts
        with self.wreck.app.app_context():
            check_integrity()
            is_done = self.left() == self.complete
            if not is_done:
                assert everything() == self.before, self.command.path
                assert not acknowledged, f"acknowledged and lost: {self.command.path}"
        counts["all" if is_done else "nothing"] += 1
        again = self.wreck.again(self.command, self.key)
        assert again.status_code < 300, again.get_json()
        with self.wreck.app.app_context():
            assert self.left() == self.complete, self.command.path
            kept = select(Idempotency).where(Idempotency.key == self.key)
            if db.session.scalars(kept).one_or_none() is not None:
                assert (again.headers.get("Idempotent-Replayed") == "true") == is_done
        close_connections(self.wreck.app)


def everything() -> dict[str, list[str]]:
    """Return every row of every table."""
    return {
        table.name: sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
        for table in db.metadata.sorted_tables
    }


def check_integrity() -> None:
    """Fail unless the database and every chain of events hold."""
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert [each.number for each in checked_tickets() if each.broken_at] == []


def prepared(wreck: Wreck, desk: Desk, name: str) -> Point:
    """Make a command ready."""
    with wreck.app.app_context():
        command = desk.ready(name)
        newest = db.session.scalar(select(func.max(Ticket.id))) or 0
        point = Point(wreck, command, everything(), newest, str(uuid.uuid4()))
    close_connections(wreck.app)
    return point


def opened(app: Flask, now: Any) -> tuple[Desk, str]:
    """Make a city and somebody at its desk."""
    desk = Desk(now.replace(year=now.year - 1))
    with app.app_context():
        desk.open(1)
    return desk, signed_in(app, Role.DISPATCHER, now).secret or ""


def put_back(file: Path, files: dict[str, bytes]) -> None:
    """Let the disk hold these files of a database and no other."""
    for ending in ENDINGS:
        Path(f"{file}{ending}").unlink(missing_ok=True)
    for name, content in files.items():
        Path(name).write_bytes(content)


@pytest.fixture
def embedded(sqlite, environment, work_folder, tmp_path, root) -> Iterator[Wreck]:
    app = make_app(sqlite.url, work_folder)
    found = Wreck(app, tmp_path, root, environment)
    yield found
    found.end()
    close_connections(app)


# Some 60 processes are killed one after the other.
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_killed_write_or_a_power_cut_leaves_all_or_nothing(
    embedded, sqlite, now, soak, print_counts
):
    """G7: SQLite, killed at any write and any sync, and cut off from power after any of them."""
    each = 18 if soak else 1
    desk, embedded.token = opened(embedded.app, now)
    file = sqlite.file
    for place, name in enumerate(READY):
        point = prepared(embedded, desk, name)
        lots = Random(name)  # noqa: S311  a lot and no secret
        files = {str(file): file.read_bytes()}
        assert embedded.send(point.command, point.key) == 0
        assert embedded.answer()["status"] < 300, embedded.answer()
        steps = embedded.steps()
        with embedded.app.app_context():
            point.complete = point.left()
        close_connections(embedded.app)
        writes = [step for step in steps if step.kind != "answered"]
        said_at = next(at for at, step in enumerate(steps) if step.kind == "answered")
        for number in range(place, place + each):
            put_back(file, files)
            # Every second one is close to the commit, where most is at stake.
            near = max(1, said_at - 3) if number % 2 else 1
            die_at = lots.randint(
                near, min(len(writes), said_at + 3) if number % 2 else len(writes)
            )
            ended = embedded.send(point.command, point.key, die_at)
            assert ended == -signal.SIGKILL
            embedded.counts[f"killed at a {writes[die_at - 1].kind}"] += 1
            point.check(acknowledged=embedded.answer() is not None)

            at = said_at + 1 if number % 2 else lots.randint(0, len(steps))
            put_back(file, after_power_cut(files, steps[:at], lots))
            embedded.counts["cut off from power"] += 1
            point.check(acknowledged=at > said_at)
        put_back(file, files)
    tell(embedded, "sqlite", len(READY), print_counts)


def tell(wreck: Wreck, database: str, commands: int, print_counts: Any) -> None:
    print_counts(
        f"G7 {database}: {commands} commands, 0 in between, 0 acknowledged and lost, "
        f"0 twice; {dict(wreck.counts)}"
    )


@pytest.fixture
def durable(migrate) -> Iterator[Postgres]:
    """Return a database on a PostgreSQL of its own that waits for the disk at each commit."""
    server = PostgresServer(DURABLE)
    found = Postgres(server, migrate)
    yield found
    found.connection.close()
    server.stop()


@pytest.mark.timeout(1_800)
def test_a_killed_statement_leaves_all_or_nothing(
    durable, work_folder, tmp_path, root, now, soak, print_counts
):
    """G7: PostgreSQL, the client or the server process killed before any statement or commit."""
    environment = {
        "ONEVISIT_DATABASE_URL": durable.url,
        "ONEVISIT_DATA_DIR": str(work_folder),
        "ONEVISIT_SECRET_KEY": SECRET,
        "ONEVISIT_TIME_ZONE": "Asia/Shanghai",
    }
    names = list(READY) if soak else list(READY)[::3]
    wreck = Wreck(make_app(durable.url, work_folder), tmp_path, root, environment)
    try:
        kill_statements(wreck, now, names, 18 if soak else 1)
    finally:
        wreck.end()
        close_connections(wreck.app)
    tell(wreck, "postgresql", len(names), print_counts)


def kill_statements(wreck: Wreck, now: Any, names: list[str], each: int) -> None:
    """Let every command die by its client and by its server, at places drawn by lot."""
    desk, wreck.token = opened(wreck.app, now)
    for place, name in enumerate(names):
        lots = Random(name)  # noqa: S311  a lot and no secret
        whole = prepared(wreck, desk, name)
        assert wreck.send(whole.command, whole.key) == 0
        assert wreck.answer()["status"] < 300, wreck.answer()
        kinds = [step.kind for step in wreck.steps() if step.kind != "answered"]
        with wreck.app.app_context():
            complete = whole.left()
        for number in range(each):
            point = prepared(wreck, desk, name)
            point.complete = complete
            victim = ("client", "server")[(place + number) % 2]
            commit = len(kinds) - kinds[::-1].index("commit")
            die_at = commit if lots.random() < 0.2 else lots.randint(1, len(kinds))
            ended = wreck.send(point.command, point.key, die_at, victim)
            if victim == "client":
                assert ended == -signal.SIGKILL
            else:
                # Whoever asked is told to try again, and nothing else.
                assert ended == 0
                assert wreck.answer()["status"] == 503, wreck.answer()
            wreck.counts[f"{victim} killed before a {kinds[die_at - 1]}"] += 1
            wait_for_recovery(wreck.app)
            point.check(acknowledged=victim == "client" and wreck.answer() is not None)


def wait_for_recovery(app: Flask) -> None:
    """Wait until PostgreSQL has read its log again, which it does when a process of it dies."""
    for _ in wait_within(300):
        try:
            with app.app_context():
                db.session.execute(text("SELECT 1"))
        except (OperationalError, InterfaceError):
            close_connections(app)
        else:
            return
    raise AssertionError("PostgreSQL did not come back")
