"""Which timers are lost, fired twice or late when their process is killed every two seconds?

Run `python bench/timer_kills.py [--due 2000]`; each line is one figure as JSON. Half of the timers
are due in one second, the rest in the seconds after it, on SQLite with full durability. Our two
clockworks and APScheduler with its own SQLAlchemy store meet the same schedule and the same kills
(SIGKILL, then a new start): once as one process, which its manual asks for, and once as two, which
is what a second host amounts to. What has not fired two minutes after the last was due is lost.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from flask_migrate import upgrade

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.apscheduler_peer import note
from bench.timer_lateness import lateness, one_transaction, tell
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from tests.faults.armed import arm, fired, look, put_on_duty
from tests.faults.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.fleet import Member

ROOT = Path(__file__).parent.parent
KILL_EVERY, GIVE_UP, LOOK_EVERY = 2.0, 120.0, 0.25
AHEAD = timedelta(seconds=3)


def schedule(count: int) -> list[datetime]:
    """Return when each timer is due: half in one second, half in some seconds after it."""
    half = count // 2
    first = datetime.now(UTC) + AHEAD + timedelta(seconds=count / 400)
    dense = [first + timedelta(seconds=n / half) for n in range(half)]
    spread = timedelta(seconds=max(8.0, half / 125))
    return dense + [first + timedelta(seconds=1) + spread * (n / half) for n in range(half)]


def break_until(
    done: Callable[[], bool],
    last: datetime,
    kill: Callable[[int], None],
    may_kill: Callable[[int], bool] = lambda _number: True,
) -> int:
    """Kill every two seconds, or as soon as one may, until all is done; returns how often."""
    kills, at = 0, time.monotonic() + KILL_EVERY
    end = time.monotonic() + (last - datetime.now(UTC)).total_seconds() + GIVE_UP
    while not done() and time.monotonic() < end:
        if time.monotonic() >= at and may_kill(kills):
            kill(kills)
            kills, at = kills + 1, time.monotonic() + KILL_EVERY
        time.sleep(LOOK_EVERY)
    return kills


def ours(folder: Path, count: int) -> None:
    """Measure two clockworks of ours, killed in turn."""
    given = {"ONEVISIT_DATA_DIR": str(folder), "ONEVISIT_SECRET_KEY": "b" * 40}
    app = create_app(Settings.from_env(given))
    with app.app_context():
        upgrade(directory=app.extensions["migrate"].directory)
        with transaction():
            put_on_duty(datetime.now(UTC))
    with Fleet(given, folder / "log") as fleet, app.app_context():
        both = [fleet.jobs(), fleet.jobs()]
        while not all(is_heard(member) for member in both):
            time.sleep(LOOK_EVERY)
        due = schedule(count)
        arm(due)

        def kill(number: int) -> None:
            fleet.kill(both[number % 2])
            fleet.restart(both[number % 2])

        kills = break_until(
            lambda: fired() == count, due[-1], kill, lambda number: is_heard(both[1 - number % 2])
        )
        found = look(range(1, count + 1))
    late = [each / 1000 for each in found.late_ms]
    tell("onevisit", "sqlite", count, runners=2, kills=kills,
         lost=found.lost, doubled=found.twice, **lateness(late))  # fmt: skip


def is_heard(member: Member) -> bool:
    """Tell whether the running clockwork has beaten: the other is only killed beside a living one.

    A clockwork of ours takes longer to start than the bare peer does.
    """
    runner = f"{socket.gethostname()}/{member.running.pid}"
    db.session.rollback()
    return db.session.get(Heartbeat, ("timers", runner)) is not None


def theirs(folder: Path, count: int, runners: int) -> None:
    """Measure so many processes of APScheduler, killed in turn."""
    url, log = f"sqlite:///{folder / 'peer.sqlite3'}", folder / "peer.log"
    log.touch()
    store = SQLAlchemyJobStore(url=url)
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    scheduler.start(paused=True)
    due = schedule(count)
    with one_transaction(store):
        for number, at in enumerate(due):
            scheduler.add_job(
                note, "date", run_date=at, args=(str(number), at.timestamp(), str(log)),
                id=str(number), misfire_grace_time=None,
            )  # fmt: skip
    scheduler.shutdown()
    running = [_peer(url, folder) for _ in range(runners)]

    def kill(number: int) -> None:
        running[number % runners].kill()
        running[number % runners].wait()
        running[number % runners] = _peer(url, folder)

    def done() -> bool:
        return len({line.split()[0] for line in log.read_text().splitlines()}) == count

    kills = break_until(done, due[-1], kill)
    for each in running:
        each.kill()
        each.wait()
    ran = [line.split() for line in log.read_text().splitlines()]
    times = Counter(key for key, _late in ran)
    tell("apscheduler", "sqlite", count, runners=runners, kills=kills, lost=count - len(times),
         doubled=sum(1 for each in times.values() if each > 1),
         **lateness([float(late) for _key, late in ran]))  # fmt: skip


def _peer(url: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "peer.err").open("ab") as words:
        return subprocess.Popen(
            [sys.executable, "-m", "bench.apscheduler_peer", url],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=words, stderr=words,
        )  # fmt: skip


def main() -> None:
    """Measure ours, then the peer as one process and as two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, default=2_000)
    count = parser.parse_args().due
    for measure in (ours, lambda at, due: theirs(at, due, 1), lambda at, due: theirs(at, due, 2)):
        with tempfile.TemporaryDirectory() as name:
            measure(Path(name), count)


if __name__ == "__main__":
    main()
