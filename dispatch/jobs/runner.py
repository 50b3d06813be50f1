"""What does the clockwork process run, and how does it stop?"""

from __future__ import annotations

import gc
import logging
import os
import signal
from importlib import import_module
from threading import Event
from typing import TYPE_CHECKING

from dispatch.access import clock_of, keep_time
from dispatch.jobs import timers
from dispatch.jobs.loops import Loop, seconds_until
from dispatch.queries.timers import TIMERS, database_time, is_own_clock, next_due_at

if TYPE_CHECKING:
    from datetime import datetime
    from types import FrameType

    from flask import Flask

log = logging.getLogger(__name__)

TIMERS_PAUSE = 0.5
TIMERS_GATHER = 0.1
"""So long what falls due is gathered: a batch of one costs a tenth of a batch of a hundred."""
TIMER_LOOPS = 2
HEAD_START = 3.0
"""So many seconds at most are warnings made up for before anything else begins."""
STOP_WITHIN = 10.0


def loops_of(app: Flask, stop: Event) -> list[Loop]:
    """Return every loop: two of timers, the others once; geocoding where it is configured."""
    return [*_warning_loops(app, stop, Event()), *_work_loops(app, stop)]


def _warning_loops(app: Flask, stop: Event, caught_up: Event) -> list[Loop]:
    numbers = range(1, TIMER_LOOPS + 1)
    return _on_time(app, [_timers(app, stop, number, caught_up) for number in numbers])


def _work_loops(app: Flask, stop: Event) -> list[Loop]:
    from dispatch.jobs.work_loops import work_loops  # noqa: PLC0415  half of a start: warnings go first

    return _on_time(app, work_loops(app, stop))


def _on_time(app: Flask, loops: list[Loop]) -> list[Loop]:
    """Give all the same clock: what one writes is due for another, a warning's message say."""
    with app.app_context():
        clock = database_time if is_own_clock() else clock_of(app)
    for loop in loops:
        loop.clock = clock
    return loops


def _timers(app: Flask, stop: Event, number: int, caught_up: Event) -> Loop:
    """Return one of the loops that fire: when one hangs, the other goes on.

    A round ends when nothing is overdue any more: it has `caught_up`.
    """
    looked_at: list[datetime] = []

    def look() -> datetime:
        looked_at[:] = [loop.clock()]
        return looked_at[0]

    def fire(now: datetime) -> dict[str, int]:
        looked_at[:] = [now]
        swept = timers.run(now, look)
        caught_up.set()
        return swept._asdict()

    loop = Loop(
        TIMERS,
        app,
        fire,
        lambda now: _rest(next_due_at(), looked_at[0], now),
        stop,
        number=number,
    )
    return loop


def _rest(due_at: datetime | None, looked_at: datetime, now: datetime) -> float:
    """Return the seconds until timers are looked at again; what was due at the look has failed."""
    if due_at is None or due_at <= looked_at:
        return TIMERS_PAUSE
    if due_at <= now:
        return TIMERS_GATHER
    return max(TIMERS_GATHER, seconds_until(due_at, now, TIMERS_PAUSE))


def main(app: Flask | None = None) -> None:
    """Run the timers, the planner and the housekeeping until SIGTERM or Ctrl+C."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("dispatch").setLevel(logging.INFO)
    run(app or _application())


def run(app: Flask) -> None:
    """Run every job of an application until a signal says stop, then end in order."""
    stop, caught_up = Event(), Event()
    keep_time(app)

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    threads = [loop.start() for loop in _warning_loops(app, stop, caught_up)]
    caught_up.wait(HEAD_START)
    from dispatch.jobs import housekeeping  # noqa: PLC0415  as the loops of work: warnings go first

    scheduler = housekeeping.scheduler(app)
    loops = _work_loops(app, stop)
    spare_the_program()
    threads += [loop.start() for loop in loops]
    scheduler.start()
    log.info("the clockwork runs: %s", ", ".join(thread.name for thread in threads))
    stop.wait()
    scheduler.shutdown(wait=False)
    for thread in threads:
        thread.join(STOP_WITHIN)
    log.info("the clockwork has stopped")


def spare_the_program() -> None:
    """Keep the garbage collector from searching all modules again and again: it stops every loop.

    That is a tenth of the processor time of a batch of warnings.
    """
    gc.enable()
    gc.collect()
    gc.freeze()


def _application() -> Flask:
    """Build the application of the environment's settings, which wires this layer and not it us."""
    settings = import_module("dispatch.config").Settings.from_env(os.environ)
    app: Flask = import_module("dispatch.app").create_app(settings, answers=False)
    return app
