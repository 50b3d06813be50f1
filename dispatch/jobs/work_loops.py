"""Which loops does the clockwork run beside the warnings?"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from dispatch.adapters.messages.channels import channels_for
from dispatch.jobs import beside, exports, facts, geocoding, outbox, planner, rehearsals
from dispatch.jobs.loops import Loop
from dispatch.queries.facts import facts_waiting
from dispatch.queries.timers import OUTBOX, PLANNER, next_due_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from threading import Event

    from flask import Flask

PLANNER_PAUSE = 0.25
GEOCODING_PAUSE = 2.0
BESIDE_PAUSE = 0.5
FACTS_PAUSE = 5.0
FACTS_BACKLOG_PAUSE = 0.1
"""Between two rounds while there is more to do than one round can."""
FACTS_GIVE_WAY = timedelta(seconds=20)


def work_loops(app: Flask, stop: Event) -> list[Loop]:
    """Return planner, what runs beside, figures and messages; geocoding where it is configured."""
    memory = planner.Memory()

    def plan(now: datetime) -> dict[str, Any]:
        return planner.run(now, memory)._asdict()

    return [
        Loop(PLANNER, app, plan, lambda _now: PLANNER_PAUSE, stop),
        *_beside(app, stop),
        _facts(app, stop),
        _outbox(app, stop),
        *_geocoding(app, stop),
    ]


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
