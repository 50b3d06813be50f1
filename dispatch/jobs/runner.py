"""What does the clockwork process run, and how does it stop?"""

from __future__ import annotations

import gc
import logging
import os
import signal
from datetime import timedelta
from functools import partial
from importlib import import_module
from threading import Event
from typing import TYPE_CHECKING, Any

from dispatch.access import clock_of, keep_time
from dispatch.adapters.messages.channels import channels_for
from dispatch.jobs import (
    beside,
    exports,
    facts,
    geocoding,
    housekeeping,
    outbox,
    planner,
    rehearsals,
    timers,
)
from dispatch.jobs.loops import Loop, seconds_until
from dispatch.queries.facts import facts_waiting
from dispatch.queries.timers import (
    OUTBOX,
    PLANNER,
    TIMERS,
    database_time,
    is_own_clock,
    next_due_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import FrameType

    from flask import Flask

log = logging.getLogger(__name__)

PLANNER_PAUSE = 0.25
TIMERS_PAUSE = 0.5
TIMERS_GATHER = 0.1
"""So long what falls due is gathered: a batch of one costs a tenth of a batch of a hundred."""
TIMER_LOOPS = 2
GEOCODING_PAUSE = 2.0
BESIDE_PAUSE = 0.5
FACTS_PAUSE = 5.0
FACTS_BACKLOG_PAUSE = 0.1
"""Between two rounds while there is more to do than one round can."""
FACTS_GIVE_WAY = timedelta(seconds=20)
STOP_WITHIN = 10.0


def loops_of(app: Flask, stop: Event) -> list[Loop]:
    """Return the loops: two of timers, the others once; geocoding where it is configured."""
    memory = planner.Memory()

    def plan(now: datetime) -> dict[str, Any]:
        return planner.run(now, memory)._asdict()

    loops = [
        *(_timers(app, stop, number) for number in range(1, TIMER_LOOPS + 1)),
        Loop(PLANNER, app, plan, lambda _now: PLANNER_PAUSE, stop),
        *_beside(app, stop),
    ]
    loops.append(_facts(app, stop))
    loops.append(_outbox(app, stop))
    loops.extend(_geocoding(app, stop))
    with app.app_context():
        clock = database_time if is_own_clock() else clock_of(app)
    for loop in loops:
        # What one loop writes is due for another: a message of a warning, for example.
        loop.clock = clock
    return loops


def _facts(app: Flask, stop: Event) -> Loop:
    def catch_up(now: datetime) -> dict[str, Any]:
        return {"changes": 0 if _is_firing(next_due_at(), now) else facts.run(now)}

    def pause(_now: datetime) -> float:
        return FACTS_PAUSE if facts_waiting() < facts.CHANGES_AT_ONCE else FACTS_BACKLOG_PAUSE

    return Loop("facts", app, catch_up, pause, stop)


def _is_firing(due_at: datetime | None, now: datetime) -> bool:
    """Tell whether warnings are being written: the figures of a minute ago wait for those.

    A timer that cannot be fired, or a standstill that is made up for, keeps them waiting no longer.
    """
    return due_at is not None and now - FACTS_GIVE_WAY <= due_at <= now


def _outbox(app: Flask, stop: Event) -> Loop:
    settings = app.config["SETTINGS"]
    room = outbox.PostRoom(settings, channels_for(settings), app.config["SECRET_KEY"])
    loop = Loop(
        OUTBOX,
        app,
        lambda now: outbox.run(now, room),
        lambda now: outbox.pause(now, room),
        stop,
        at_end=lambda: outbox.leave(room, loop.clock),
    )
    return loop


def _geocoding(app: Flask, stop: Event) -> Iterator[Loop]:
    """Return the loop that asks a geocoder, where one is configured."""
    if not app.config["SETTINGS"].geocoder:
        return
    from dispatch.adapters.geocoding import geocoder_for  # noqa: PLC0415  geopy: 0.2 s of a start

    geocode, asked = geocoder_for(app.config["SETTINGS"]), set[tuple[int, str]]()
    if geocode is None:
        return

    def place(now: datetime) -> dict[str, Any]:
        return {"placed": geocoding.run(now, geocode, asked)}

    yield Loop("geocoding", app, place, lambda _now: GEOCODING_PAUSE, stop)


def _timers(app: Flask, stop: Event, number: int) -> Loop:
    """Return one of the loops that fire: when one hangs, the other goes on."""
    looked_at: list[datetime] = []

    def look() -> datetime:
        looked_at[:] = [loop.clock()]
        return looked_at[0]

    def fire(now: datetime) -> dict[str, int]:
        looked_at[:] = [now]
        return timers.run(now, look)._asdict()

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


def _beside(app: Flask, stop: Event) -> Iterator[Loop]:
    """Return the loops that follow a process each."""
    for name, work in (("rehearsals", rehearsals.WORK), ("exports", exports.WORK)):
        stage = beside.Stage(app.config["SETTINGS"].zone)
        yield Loop(
            name,
            app,
            partial(work.advance, stage=stage),
            lambda _now: BESIDE_PAUSE,
            stop,
            at_end=partial(work.leave, stage),
        )


def main(app: Flask | None = None) -> None:
    """Run the timers, the planner and the housekeeping until SIGTERM or Ctrl+C."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("dispatch").setLevel(logging.INFO)
    run(app or _application())


def run(app: Flask) -> None:
    """Run every job of an application until a signal says stop, then end in order."""
    stop = Event()
    keep_time(app)

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    scheduler = housekeeping.scheduler(app)
    spare_the_program()
    threads = [loop.start() for loop in loops_of(app, stop)]
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
