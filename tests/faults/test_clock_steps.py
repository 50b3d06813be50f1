"""Does every warning come once and in time although the clocks of the machines are set?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from dispatch import access
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.steady_clock import SteadyClock
from dispatch.jobs import loops as loops_module
from dispatch.jobs import runner
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Ticket
from tests.faults.armed import arm, look, put_on_duty

EPOCH = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STEPS = (10, 60, 3_600, 8 * 3_600)
FORWARD, BACKWARD = timedelta(seconds=2), timedelta(seconds=5)


class Machine:
    """A host whose clock is set now and then; `truth` is the time that really passed."""

    def __init__(self) -> None:
        self.truth, self.set_by = EPOCH, timedelta()

    def wall(self) -> datetime:
        return self.truth + self.set_by

    def monotonic(self) -> float:
        return (self.truth - EPOCH).total_seconds()


@pytest.fixture
def machine(app, monkeypatch):
    """Return the host of the clockwork; PostgreSQL's own host keeps its clock."""
    found = Machine()
    clock = {"wall": found.wall, "monotonic": found.monotonic}
    monkeypatch.setattr(access, "SteadyClock", lambda mark: SteadyClock(mark, **clock))
    monkeypatch.setattr(access, "wall_clock", found.wall)
    monkeypatch.setattr(runner, "database_time", lambda: found.truth)
    monkeypatch.setattr(loops_module, "time", SimpleNamespace(monotonic=found.monotonic))
    monkeypatch.setattr(loops_module, "wall_clock", found.wall)
    with app.app_context(), transaction():
        put_on_duty(EPOCH)
    return found


def clockwork(app: Any) -> Any:
    """Start a clockwork as a process does; return its first loop of timers."""
    access.keep_time(app)
    return runner.loops_of(app, Event())[0]


class Run:
    """One clockwork, what is armed, and when each warning was written in true time."""

    def __init__(self, app: Any, machine: Machine) -> None:
        self.app, self.machine, self.loop = app, machine, clockwork(app)
        with app.app_context():
            self.first = (db.session.scalar(select(func.max(Ticket.id))) or 0) + 1
        self.latest: dict[int, datetime] = {}
        self.allowed: dict[int, timedelta] = {}
        self.written: dict[int, datetime] = {}

    def arm(self, delays: list[int]) -> None:
        now, number = self.loop.clock(), self.first + len(self.latest)
        with self.app.app_context():
            arm([now + timedelta(seconds=delay) for delay in delays], number)
        for each, delay in enumerate(delays, number):
            self.latest[each] = self.machine.truth + timedelta(seconds=delay)

    def set_clock(self, seconds: int) -> None:
        """Set the machine's clock; what is due by a clock set forward is due at once."""
        self.machine.set_by += timedelta(seconds=seconds)
        if access.clock_of(self.app) is not self.loop.clock:
            return
        with self.app.app_context():
            due = db.session.execute(
                select(Timer.ticket_id).where(
                    Timer.state == "armed", Timer.due_at <= self.machine.wall()
                )
            ).scalars()
            for each in due:
                if each in self.latest:
                    self.latest[each] = min(self.latest[each], self.machine.truth)
                    self.allowed[each] = FORWARD

    def wait(self, seconds: float) -> None:
        """Let time pass, with a round of the loop whenever it wakes."""
        until = self.machine.truth + timedelta(seconds=seconds)
        while True:
            self.look()
            if self.machine.truth >= until:
                return
            left = [at for number, at in self.latest.items() if number not in self.written]
            near = [at for at in left if at - self.machine.truth < timedelta(seconds=12)]
            # Far from every deadline the rounds in between change nothing.
            nap = timedelta(seconds=0.5 if near else 6)
            self.machine.truth = min(until, self.machine.truth + nap)

    def look(self) -> None:
        self.loop.once()
        assert self.loop.error is None
        with self.app.app_context():
            done = db.session.scalars(
                select(Timer.ticket_id).where(
                    Timer.state == "fired", Timer.rung == 0, Timer.ticket_id >= self.first
                )
            )
            for each in done:
                self.written.setdefault(each, self.machine.truth)

    def check(self) -> timedelta:
        """Compare what was written with what was promised; return the worst lateness."""
        with self.app.app_context():
            found = look(list(self.latest))
            with transaction():
                db.session.execute(delete(Timer).where(Timer.state == "armed"))
        assert (found.lost, found.twice) == (0, 0)
        late = {each: self.written[each] - at for each, at in self.latest.items()}
        assert all(by <= self.allowed.get(each, BACKWARD) for each, by in late.items())
        assert min(found.late_ms) >= 0
        return max(late.values())


moves = st.one_of(
    st.tuples(st.just("set"), st.sampled_from([sign * each for each in STEPS for sign in (1, -1)])),
    st.tuples(st.just("wait"), st.integers(1, 20)),
    st.tuples(st.just("restart"), st.just(0)),
)


@pytest.mark.timeout(1_800)
def test_each_comes_once_and_in_time_whatever_the_clock_is_set_to(app, machine, soak, print_counts):
    """G4: any steps of ±10 s to ±8 h, with waits and a restart between them."""
    counts = {"runs": 0, "steps": 0, "warnings": 0, "worst": timedelta.min}

    @settings(
        max_examples=500 if soak else 6,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(st.integers(1, 20), min_size=1, max_size=4), st.lists(moves, max_size=6))
    def proof(delays, steps):
        run = Run(app, machine)
        run.arm(delays)
        restarted = False
        for what, amount in steps:
            if what == "set":
                run.set_clock(amount)
            elif what == "wait":
                run.wait(amount)
            elif not restarted:
                restarted = True
                run.look()
                run.loop = clockwork(app)
            run.look()
        run.wait(30)
        counts["worst"] = max(counts["worst"], run.check())
        counts["runs"] += 1
        counts["steps"] += sum(what == "set" for what, _amount in steps)
        counts["warnings"] += len(delays)

    proof()
    assert counts["steps"] > 0
    kind = app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0].partition("+")[0]
    print_counts(
        f"G4 {kind}: {counts['warnings']} warnings in {counts['runs']} runs under "
        f"{counts['steps']} steps of the clock, 0 lost, 0 twice; "
        f"latest {counts['worst'].total_seconds():.1f} s"
    )


def changes_of(zone: ZoneInfo) -> list[datetime]:
    """Return the hours of twenty years after which the clocks of a zone were set."""
    hours = [datetime(2006, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(20 * 8_766)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


ZONES = ("Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia")


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", ZONES)
def test_each_comes_once_across_every_change_of_a_zone(app, machine, name, print_counts):
    """G4: due in the hour before, at and after each change, in local time, of twenty years."""
    zone = ZoneInfo(name)
    changes = changes_of(zone)
    assert len(changes) >= 20
    minutes = (-30, 0, 30)
    due = [each + timedelta(minutes=more) for each in changes for more in minutes]
    machine.truth = due[0] - timedelta(hours=1)
    run = Run(app, machine)
    with app.app_context():
        arm([each.astimezone(zone) for each in due])
    for number, at in enumerate(due, 1):
        machine.truth = at - timedelta(seconds=1)
        run.look()
        assert number not in run.written
        machine.truth = at
        run.look()
        assert run.written[number] == at
        with app.app_context(), transaction():
            # The next rung would fall due before the next change.
            db.session.execute(delete(Timer).where(Timer.rung > 0, Timer.state == "armed"))
    with app.app_context():
        found = look(range(1, len(due) + 1))
    assert (found.lost, found.twice) == (0, 0)
    print_counts(f"G4 {name}: {len(changes)} changes, {len(due)} warnings, 0 lost, 0 twice")
