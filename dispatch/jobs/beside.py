"""How does long work run in a process beside this one, one at a time, followed and ended?"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.background import SILENT_FOR
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused, Stale
from dispatch.domain.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.actions.background import Queue

log = logging.getLogger(__name__)

BEAT_EVERY = timedelta(seconds=1)
LOOK_FOR_LOST_EVERY = timedelta(seconds=10)
STOP_WITHIN = 5.0


@dataclass
class Run:
    """One process that works, what it must remember, and what it said so far."""

    row_id: int
    memory: dict[str, Any]
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
    """What this process follows: one run at a time."""

    zone: ZoneInfo
    run: Run | None = None
    looked_at: datetime | None = field(default=None)


@dataclass(frozen=True)
class Work:
    """One kind of work.

    `start` begins the process of a row and returns it with what is remembered until its end;
    `finish` writes its result. `broken` says that it ended without one.
    """

    queue: Queue[Any]
    any_waiting: Callable[[], bool]
    start: Callable[[Any, ZoneInfo, datetime], tuple[subprocess.Popen[bytes], dict[str, Any]]]
    finish: Callable[[Run, dict[str, Any], datetime], None]
    broken: Sentence

    def advance(self, now: datetime, stage: Stage) -> dict[str, int]:
        """Follow the run that goes on, or begin the next; never waits for either."""
        if stage.run is not None:
            return {"done": self._follow(stage, stage.run, now)}
        lost = self._take_back(stage, now)
        return {"begun": int(self.any_waiting() and self._begin(stage, now)), "lost": lost}

    def leave(self, stage: Stage) -> None:
        """End the run because this process stops; it waits for the next one."""
        if stage.run is None:
            return
        stage.run.end()
        with transaction():
            self.queue.give_back(stage.run.row_id)
        stage.run = None

    def _take_back(self, stage: Stage, now: datetime) -> int:
        # A clock that was set back must not stop this.
        looked_at = stage.looked_at
        if looked_at is not None and timedelta() <= now - looked_at < LOOK_FOR_LOST_EVERY:
            return 0
        stage.looked_at = now
        with transaction():
            return self.queue.take_back_lost(now)

    def _begin(self, stage: Stage, now: datetime) -> bool:
        try:
            with transaction():
                row = self.queue.begin_next(now)
        except Stale:
            return False  # Another process was quicker.
        if row is None:
            return False
        row_id = row.id
        try:
            child, memory = self.start(row, stage.zone, now)
        except Refused as refusal:
            with transaction():
                self.queue.fail(row_id, refusal.sentence, now)
            return True
        stage.run = Run(row_id, memory, child, beat_at=now, begun_at=now)
        return True

    def _follow(self, stage: Stage, going: Run, now: datetime) -> int:
        is_over = going.child.poll() is not None
        going.listen()
        if now - going.beat_at > SILENT_FOR:
            # This process slept, and another may have begun the same work anew.
            going.end()
            stage.run = None
            return 0
        if is_over:
            going.end()
            stage.run = None
            self._write_end(going, now)
            return 1
        if not timedelta() <= now - going.beat_at < BEAT_EVERY:
            going.beat_at = now
            with transaction():
                is_wanted = self.queue.note_progress(going.row_id, going.progress, now)
            if not is_wanted:
                going.end()
                stage.run = None
        return 0

    def _write_end(self, going: Run, now: datetime) -> None:
        with transaction():
            if going.result is not None:
                self.finish(going, going.result, now)
                return
            if going.refused is None:
                kind = self.queue.table.__name__
                log.error("%s: its process ended with %s", kind, going.child.returncode)
            self.queue.fail(going.row_id, going.refused or self.broken, now)


def start_process(command: Sequence[str], asked: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start a program of ours that reads what is asked as JSON and tells how far it is in lines."""
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(asked).encode())
        file.seek(0)
        child = subprocess.Popen(  # noqa: S603  our own module
            command, stdin=file, stdout=subprocess.PIPE, start_new_session=True
        )
    if child.stdout is not None:
        os.set_blocking(child.stdout.fileno(), False)
    return child


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except BlockingIOError:
        return b""
