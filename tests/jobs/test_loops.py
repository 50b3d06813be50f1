"""Does a loop live on when a round fails, and does it say that it lives?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import select

from dispatch.jobs.loops import BEAT_EVERY, LONGEST_BACK_OFF, Loop, seconds_until
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat


@pytest.fixture
def make_loop(app):
    def make(run, pause=0.0, stop=None):
        return Loop("timers", app, run, lambda _now: pause, stop or Event())

    return make


def beats(app):
    with app.app_context():
        return db.session.scalars(select(Heartbeat)).all()


def test_a_round_is_run_with_the_time_and_waits_its_pause(make_loop):
    seen: list[datetime] = []
    loop = make_loop(lambda now: seen.append(now) or {"fired": 1}, pause=0.3)
    assert loop.once() == 0.3
    assert seen[0].tzinfo is UTC


def test_the_first_round_beats_at_once_and_the_next_ones_later(app, make_loop):
    loop = make_loop(lambda _now: {"fired": 1})
    loop.once()
    first = beats(app)[0].beat_at
    loop.once()
    assert beats(app)[0].beat_at == first
    loop.last_beat -= BEAT_EVERY
    loop.once()
    [beat] = beats(app)
    assert beat.beat_at > first
    assert beat.last_result == {"fired": 2}


def test_a_round_that_fails_is_tried_again_after_a_growing_pause(make_loop, caplog):
    def fail(_now):
        raise OSError("the database went away")

    loop = make_loop(fail)
    waits = [loop.once() for _ in range(12)]
    assert waits[:3] == [0.5, 1.0, 2.0]
    assert max(waits) == waits[-1] == LONGEST_BACK_OFF
    assert "went away" in caplog.text


def test_the_heartbeat_after_a_fault_names_it(app, make_loop):
    rounds = iter([OSError("the database went away"), None])

    def run(_now):
        if fault := next(rounds):
            raise fault
        return {"fired": 0}

    loop = make_loop(run)
    loop.once()
    assert beats(app) == []
    loop.once()
    [beat] = beats(app)
    assert beat.last_error == "OSError: the database went away"
    assert loop.failures == 0


def test_a_loop_ends_when_told(make_loop):
    stop = Event()
    rounds: list[int] = []

    def run(_now):
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        return {}

    thread = make_loop(run, stop=stop).start()
    thread.join(120)
    assert not thread.is_alive()
    assert len(rounds) == 3


@pytest.mark.parametrize(
    ("seconds", "expected"), [(None, 0.5), (0.2, 0.2), (9, 0.5), (-3, 0.5), (0, 0.5)]
)
def test_the_wait_ends_at_the_deadline_or_at_the_latest_soon(now, seconds, expected):
    due = None if seconds is None else now + timedelta(seconds=seconds)
    assert seconds_until(due, now, 0.5) == expected
