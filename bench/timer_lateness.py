"""How late do 10,000 timers fire that are due in one second, and what do 100,000 armed ones cost?

Beside APScheduler's own SQLAlchemy job store, on the same schedule in the same run; what it has
not fired after three minutes counts as lost. One JSON line a figure, each with its limit.
`python bench/timer_lateness.py [--due 10000] [--armed 100000] [--url URL …]`
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from flask_migrate import upgrade
from sqlalchemy import delete, func, select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.ticket_state import TicketState
from dispatch.jobs.runner import loops_of, spare_the_program
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.timers import TIMERS

if TYPE_CHECKING:
    from collections.abc import Iterator

GIVE_UP_SECONDS = 180.0
IDLE_SECONDS = 10.0
LIMITS = {"p99_ms": 2000, "max_ms": 5000, "lost": 0, "doubled": 0}
AHEAD = timedelta(seconds=5)
FIRED: Counter[str] = Counter()
LATE: list[float] = []


def tell(who: str, database: str, timers: int, fault: str = "none", **figures: Any) -> None:
    """Print each figure of one measurement with its limit, None where there is none."""
    about = {"who": who, "database": database, "timers": timers, "fault": fault}
    for name, value in figures.items():
        line = about | {"figure": name, "value": value, "limit": LIMITS.get(name)}
        print(json.dumps(line), flush=True)


def lateness(seconds: list[float]) -> dict[str, float | None]:
    """Return p50, p99 and max in milliseconds."""
    found = sorted(seconds)
    if not found:
        return {"p50_ms": None, "p99_ms": None, "max_ms": None}
    at = (len(found) // 2, min(len(found) - 1, int(len(found) * 0.99)), len(found) - 1)
    names = ("p50_ms", "p99_ms", "max_ms")
    return {name: round(found[place] * 1000, 1) for name, place in zip(names, at, strict=True)}


def fill(count: int, first: datetime, spread: timedelta, start: int) -> None:
    """Add tickets, each with one armed warning at half of its arrival promise."""
    policy_due = timedelta(minutes=30)
    with transaction():
        for part in range(0, count, 1000):
            numbers = range(part, min(part + 1000, count))
            due = {n: first + spread * (n / count) for n in numbers}
            insert_rows(
                Ticket,
                [
                    {
                        "id": start + n,
                        "state": str(TicketState.ACCEPTED),
                        "category": "burst",
                        "level": 1,
                        "address": "here",
                        "received_at": due[n] - policy_due / 2,
                        "arrive_due_at": due[n] + policy_due / 2,
                        "changed_at": due[n] - policy_due / 2,
                        "changed_by": "bench",
                    }
                    for n in numbers
                ],
            )
            insert_rows(
                Timer,
                [
                    {
                        "key": f"bench/{start + n}",
                        "ticket_id": start + n,
                        "clock": "arrive",
                        "rung": 0,
                        "started_at": due[n] - policy_due / 2,
                        "target_at": due[n] + policy_due / 2,
                        "due_at": due[n],
                    }
                    for n in numbers
                ],
            )


def cpu_seconds() -> float:
    """Return the processor time that this process has taken, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours(url: str, folder: Path, due: int, armed: int) -> None:
    """Measure our two loops on one database."""
    app = create_app(Settings(database_url=url, data_dir=folder, secret_key="b" * 40))
    with app.app_context():
        upgrade(directory=app.extensions["migrate"].directory)
        kind = db.engine.dialect.name
        begin = datetime.now(UTC) + AHEAD + timedelta(seconds=due / 2000)
        fill(due, begin, timedelta(seconds=1), 1)
    stop = Event()
    spare_the_program()
    threads = [loop.start() for loop in loops_of(app, stop) if loop.name == TIMERS]
    before = cpu_seconds()
    give_up = time.monotonic() + GIVE_UP_SECONDS
    with app.app_context():
        while time.monotonic() < give_up and _armed(due) > 0:
            db.session.rollback()
            time.sleep(0.25)
        spent = cpu_seconds() - before
        written = (datetime.now(UTC) - begin).total_seconds() - 1
        late = [ms / 1000 for ms in db.session.scalars(select(Timer.late_ms).where(Timer.rung == 0))
                if ms is not None]  # fmt: skip
        told = db.session.execute(
            select(TicketEvent.ticket_id, func.count())
            .where(TicketEvent.kind == "clock_warning", TicketEvent.ticket_id <= due)
            .group_by(TicketEvent.ticket_id)
        ).all()
        doubled = sum(1 for _ticket, times in told if times > 1)
        tell("onevisit", kind, due, runners=len(threads),
             lost=due - len(told), doubled=doubled, **lateness(late),
             last_written_ms=round(written * 1000),
             cpu_seconds_per_1000=round(1000 * spent / due, 2))  # fmt: skip
        _idle(kind, due, armed)
    stop.set()
    for thread in threads:
        thread.join()


def _armed(due: int) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                Timer.state == "armed", Timer.rung == 0, Timer.ticket_id <= due
            )
        )
        or 0
    )


def _idle(kind: str, due: int, armed: int) -> None:
    """Measure what two loops cost while nothing of a hundred thousand is due."""
    with transaction():
        db.session.execute(delete(Timer))
    fill(armed, datetime.now(UTC) + timedelta(hours=8), timedelta(hours=1), due + 1)
    before = cpu_seconds()
    time.sleep(IDLE_SECONDS)
    cpu = cpu_seconds() - before
    tell("onevisit", kind, armed, idle_cpu_percent=round(100 * cpu / IDLE_SECONDS, 2))


def ring(key: str, due: float) -> None:
    """Note that a job of APScheduler ran; it writes nothing, which favours it."""
    FIRED[key] += 1
    LATE.append(time.time() - due)


@contextmanager
def one_transaction(store: Any) -> Iterator[None]:
    """Let a job store add its jobs in one transaction, or they would be due before they are in."""
    engine = store.engine
    with engine.begin() as connection:
        store.engine = SimpleNamespace(begin=lambda: nullcontext(connection))
        yield
    store.engine = engine


def theirs(url: str, due: int) -> None:
    """Measure APScheduler with its own job store on the same schedule."""
    FIRED.clear()
    LATE.clear()
    store = SQLAlchemyJobStore(url=url)
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    scheduler.start(paused=True)
    begin = datetime.now(UTC) + AHEAD + timedelta(seconds=due / 200)
    begun = time.monotonic()
    with one_transaction(store):
        for n in range(due):
            at = begin + timedelta(seconds=n / due)
            scheduler.add_job(
                ring, "date", run_date=at, args=(str(n), at.timestamp()), id=str(n),
                misfire_grace_time=None,
            )  # fmt: skip
    added = time.monotonic() - begun
    scheduler.resume()
    give_up = time.monotonic() + GIVE_UP_SECONDS + AHEAD.total_seconds()
    while time.monotonic() < give_up and len(FIRED) < due:
        time.sleep(0.25)
    scheduler.shutdown(wait=False)
    tell("apscheduler", url.partition("+")[0].partition(":")[0], due, runners=1,
         lost=due - len(FIRED), doubled=sum(1 for n in FIRED.values() if n > 1),
         arming_seconds=round(added, 1), **lateness(LATE))  # fmt: skip


def main() -> None:
    """Measure both on SQLite, and on each database that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--armed", type=int, default=100_000)
    parser.add_argument("--url", action="append", default=[])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for url in [f"sqlite:///{folder / 'bench.sqlite3'}", *asked.url]:
            ours(url, folder, asked.due, asked.armed)
            own = f"sqlite:///{folder / 'apscheduler.sqlite3'}" if url.startswith("sqlite") else url
            theirs(own.replace("postgresql://", "postgresql+psycopg://"), asked.due)


if __name__ == "__main__":
    main()
