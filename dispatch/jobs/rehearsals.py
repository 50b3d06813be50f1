"""Which rehearsal runs now, in a process beside this one, and how far is it?"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app

from dispatch.actions.rehearsals import (
    begin_next,
    fail_rehearsal,
    finish_rehearsal,
    give_back,
    note_progress,
    take_back_lost,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused, Stale
from dispatch.domain.rehearsal_wish import Wish, check_count
from dispatch.domain.sentences import Sentence, say
from dispatch.jobs.rehearsal_process import COMMAND, travel_asked
from dispatch.queries.rehearsals import any_waiting, material_for

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)

BEAT_EVERY = timedelta(seconds=1)
LOOK_FOR_LOST_EVERY = timedelta(seconds=10)
STOP_WITHIN = 5.0


@dataclass
class Run:
    """One process that rehearses, and what it said so far."""

    rehearsal_id: int
    life: dict[str, Any]
    child: subprocess.Popen[bytes]
    beat_at: datetime
    begun_at: datetime
    progress: float = 0.0
    said: bytes = b""
    result: dict[str, Any] | None = None
    refused: Sentence | None = None

    def listen(self) -> None:
        """Read the lines that the process wrote since the last time, without waiting."""
        stream = self.child.stdout
        while stream is not None and (part := _read(stream.fileno())):
            self.said += part
        *lines, self.said = self.said.split(b"\n")
        for line in lines:
            told = json.loads(line)
            self.progress = told.get("progress", self.progress)
            self.result = told.get("result", self.result)
            if "refused" in told:
                self.refused = Sentence.from_json(told["refused"])

    def end(self) -> None:
        """End the process if it still runs, and let go of it."""
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(STOP_WITHIN)
        if self.child.stdout is not None:
            self.child.stdout.close()


@dataclass
class Stage:
    """What this process rehearses: one run at a time."""

    zone: ZoneInfo
    run: Run | None = None
    looked_at: datetime | None = field(default=None)


def run(now: datetime, stage: Stage) -> dict[str, int]:
    """Follow the run that goes on, or begin the next; never waits for either."""
    if stage.run is not None:
        return {"done": _follow(stage, stage.run, now)}
    lost = _take_back(stage, now)
    return {"begun": int(any_waiting() and _begin(stage, now)), "lost": lost}


def leave(stage: Stage) -> None:
    """End the run because this process stops; it waits for the next one."""
    if stage.run is None:
        return
    stage.run.end()
    with transaction():
        give_back(stage.run.rehearsal_id)
    stage.run = None


def _take_back(stage: Stage, now: datetime) -> int:
    # A clock that was set back must not stop this.
    if stage.looked_at is not None and timedelta() <= now - stage.looked_at < LOOK_FOR_LOST_EVERY:
        return 0
    stage.looked_at = now
    with transaction():
        return take_back_lost(now)


def _begin(stage: Stage, now: datetime) -> bool:
    try:
        with transaction():
            row = begin_next(now)
    except Stale:
        return False  # Another process was quicker.
    if row is None:
        return False
    rehearsal_id = row.id
    try:
        wish = Wish.from_json(row.options)
        material, life = material_for(wish, stage.zone, row.team_id, now)
        check_count(len(material["tickets"]))
    except Refused as refusal:
        with transaction():
            fail_rehearsal(rehearsal_id, refusal.sentence, now)
        return True
    travel = travel_asked(current_app.config["SETTINGS"], now.astimezone(stage.zone).hour)
    child = _start({"material": material, "wish": wish.as_json(), "travel": travel})
    stage.run = Run(rehearsal_id, life, child, beat_at=now, begun_at=now)
    return True


def _start(asked: dict[str, Any]) -> subprocess.Popen[bytes]:
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(asked).encode())
        file.seek(0)
        child = subprocess.Popen(  # noqa: S603  our own module
            COMMAND, stdin=file, stdout=subprocess.PIPE, start_new_session=True
        )
    if child.stdout is not None:
        os.set_blocking(child.stdout.fileno(), False)
    return child


def _follow(stage: Stage, going: Run, now: datetime) -> int:
    is_over = going.child.poll() is not None
    going.listen()
    if is_over:
        going.end()
        stage.run = None
        _write_end(going, now)
        return 1
    if not timedelta() <= now - going.beat_at < BEAT_EVERY:
        going.beat_at = now
        with transaction():
            is_wanted = note_progress(going.rehearsal_id, going.progress, now)
        if not is_wanted:
            going.end()
            stage.run = None
    return 0


def _write_end(going: Run, now: datetime) -> None:
    with transaction():
        if going.result is not None:
            seconds = (now - going.begun_at).total_seconds()
            result = going.result | {"life": going.life, "took_seconds": round(seconds, 1)}
            finish_rehearsal(going.rehearsal_id, result, now)
            return
        if going.refused is None:
            log.error("a rehearsal ended with %s", going.child.returncode)
        fault = going.refused or say("The rehearsal broke off. Its reason is in the log.")
        fail_rehearsal(going.rehearsal_id, fault, now)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except BlockingIOError:
        return b""
