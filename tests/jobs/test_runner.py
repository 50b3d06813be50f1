"""Does the clockwork process fire and plan by itself, and stop when it is told?"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import func, select

from dispatch.actions.unit_of_work import transaction
from dispatch.jobs import runner, work_loops
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from dispatch.models.tickets import TicketEvent, Visit
from dispatch.queries.timers import next_due_at
from tests.factories import make_crew, make_grid, make_team, make_ticket

WAIT_SECONDS = 300


def test_each_of_the_standing_jobs_has_a_loop(app):
    names = [loop.name for loop in runner.loops_of(app, Event())]
    assert names == ["timers", "timers", "planner", "rehearsals", "exports", "facts", "outbox"]


def test_what_warns_is_loaded_without_what_plans():
    asked = "import sys, dispatch.app, dispatch.jobs.runner; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "dispatch.jobs.timers" in loaded
    late = {"alembic", "scipy", "shapely", "dispatch.jobs.planner", "dispatch.circle"}
    assert not late & loaded


def test_the_others_wait_until_overdue_warnings_are_written(app, now, monkeypatch):
    with app.app_context(), transaction():
        make_grid(team=make_team(), now=now)
        make_ticket(now)
    caught_up = Event()
    loop = runner._warning_loops(app, Event(), caught_up)[0]
    loop.clock = lambda: now + timedelta(days=1)

    def fail(_now, _clock):
        raise OSError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(runner.timers, "run", fail)
        loop.once()
    assert not caught_up.is_set()
    loop.once()
    assert caught_up.is_set()
    with app.app_context():
        assert next_due_at() > loop.clock()


def test_each_loop_does_a_round(app):
    for loop in runner.loops_of(app, Event()):
        assert 0 < loop.once() <= work_loops.FACTS_PAUSE
        assert loop.error is None


def test_a_geocoder_gets_a_loop_when_one_is_configured(app, monkeypatch):
    settings = replace(app.config["SETTINGS"], geocoder="nominatim")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    loop = runner.loops_of(app, Event())[-1]
    assert (loop.name, loop.once()) == ("geocoding", work_loops.GEOCODING_PAUSE)


@pytest.fixture
def clockwork(environment):
    started = subprocess.Popen(
        [sys.executable, "-m", "dispatch", "jobs"],
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


def wait_for(app, statement, clockwork):
    """Ask until the database answers something, at most as long as a slow machine needs."""
    pause = Event()
    for _ in range(WAIT_SECONDS * 10):
        with app.app_context():
            if found := db.session.scalar(statement):
                return found
        assert clockwork.poll() is None, clockwork.communicate()[1]
        pause.wait(0.1)
    raise AssertionError("the clockwork did nothing")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_process_works_and_stops_cleanly(app, clockwork, how):
    now = datetime.now(UTC)
    with app.app_context(), transaction():
        team = make_team()
        make_grid(team=team, now=now)
        make_crew("West 1", team=team)
        late = make_ticket(now - timedelta(hours=1)).ticket
        due_at = late.arrive_due_at
    wait_for(app, select(func.count()).select_from(Visit), clockwork)
    wait_for(app, select(Heartbeat.job).where(Heartbeat.job == "timers"), clockwork)
    breach = (
        select(TicketEvent.effective_at)
        .where(TicketEvent.kind == "clock_breached")
        .where(TicketEvent.facts["clock"].as_string() == "arrive")
    )
    assert wait_for(app, breach, clockwork) == due_at
    clockwork.send_signal(how)
    _, said = clockwork.communicate(timeout=WAIT_SECONDS)
    assert clockwork.returncode == 0, said
    assert "has stopped" in said


@pytest.mark.parametrize(
    ("due", "looked", "rest"),
    [
        (None, 0, 0.5),  # nothing is armed
        (-3, 0, 0.5),  # was tried in vain
        (-0.2, -0.4, 0.1),  # fell due while the batch was written
        (0.03, 0, 0.1),  # gathered with what follows at once
        (0.3, 0, 0.3),
        (9, 0, 0.5),
    ],
)
def test_what_falls_due_soon_is_gathered_and_what_failed_rests(now, due, looked, rest):
    due_at = None if due is None else now + timedelta(seconds=due)
    found = runner._rest(due_at, now + timedelta(seconds=looked), now)
    assert found == pytest.approx(rest)


@pytest.mark.parametrize(
    ("due", "is_firing"), [(None, False), (-21, False), (-19, True), (0, True), (0.1, False)]
)
def test_figures_wait_while_warnings_are_written(now, due, is_firing):
    due_at = None if due is None else now + timedelta(seconds=due)
    assert work_loops._is_firing(due_at, now) is is_firing


def test_figures_catch_up_once_the_warnings_are_written(app, now):
    with app.app_context(), transaction():
        make_grid(team=make_team(), now=now)
        make_ticket(now)
    loops = {loop.name: loop for loop in runner.loops_of(app, Event())}
    with app.app_context():
        warned_at = next_due_at()
        assert loops["facts"].run(warned_at) == {"changes": 0}
        loops["timers"].run(warned_at)
        assert loops["facts"].run(warned_at)["changes"] > 0


def test_the_collector_passes_over_what_the_program_is_made_of():
    try:
        runner.spare_the_program()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
