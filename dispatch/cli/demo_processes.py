"""How do the processes of the demo begin together and end together?"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dispatch.domain.sentences import Sentence

HOST = "127.0.0.1"
READY_WITHIN = 60.0
STOP_WITHIN = 8.0
# Longer than the banner needs to turn red, so that it is seen; a deployed unit is back in 2 s.
CLOCKWORK_PAUSE = 45.0
QUICK_END_SECONDS = 10.0
MOST_QUICK_ENDS = 5
_PR_SET_PDEATHSIG = 1
# Looked up beforehand: between fork and exec nothing may be loaded.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass
class Child:
    """One process of the demo, and when it may be started again after it ended.

    `pause` is the shortest pause in seconds; `quick_ends` counts ends at once after a start.
    """

    arguments: tuple[str, ...]
    pause: float
    running: subprocess.Popen[bytes]
    started_at: float
    quick_ends: int = 0
    start_at: float | None = None

    def note_end(self, now: float) -> float:
        """Set when it starts again, and return the pause: a second, two, four more each time."""
        is_quick = now - self.started_at < QUICK_END_SECONDS
        self.quick_ends = self.quick_ends + 1 if is_quick else 0
        pause = self.pause + (2.0**self.quick_ends - 1)
        self.start_at = now + pause
        return pause

    def end_rest(self) -> None:
        """Kill what a killed process left behind: a worker would keep the port."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)


@dataclass
class Children:
    """The web process and the clockwork process; they end when this process does."""

    environment: Mapping[str, str]
    log: Path
    clock: Callable[[], float] = time.monotonic
    family: list[Child] = field(default_factory=list)

    @property
    def running(self) -> list[subprocess.Popen[bytes]]:
        """Return their processes, those that ended included, in the order of their start."""
        return [child.running for child in self.family]

    def start(self, *arguments: str, pause: float = 1.0) -> None:
        """Start `onevisit` with some arguments; what it says goes to the log.

        When it ends, `tend` starts it again after `pause` seconds.
        """
        self.family.append(Child(arguments, pause, self._spawn(arguments), self.clock()))

    def _spawn(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", "dispatch", *arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if _PRCTL else None,  # noqa: PLW1509  it takes no lock
            )

    def check(self) -> None:
        """Refuse to go on when one of them has ended.

        Raises:
            OSError: with the last words of the log.
        """
        for child in self.running:
            if child.poll() is not None:
                raise self._ended(child.returncode)

    def tend(self) -> Iterator[Sentence]:
        """Start again what has ended, after its pause; yield what a person should know.

        Raises:
            OSError: with the last words of the log, when one ends at once again and again.
        """
        now = self.clock()
        for child in self.family:
            if child.running.poll() is None:
                continue
            name = child.arguments[0]
            if child.start_at is None:
                child.end_rest()
                pause = child.note_end(now)
                if child.quick_ends == MOST_QUICK_ENDS:
                    raise self._ended(child.running.returncode)
                yield say(
                    "The process “%(name)s” ended. It starts again in %(seconds)s s.",
                    name=name,
                    seconds=round(pause),
                )
            elif now >= child.start_at:
                child.running, child.started_at = self._spawn(child.arguments), now
                child.start_at = None
                yield say("The process “%(name)s” runs again.", name=name)

    def _ended(self, code: int) -> OSError:
        words = self.log.read_text(encoding="utf-8", errors="replace").strip()
        return OSError(code, f"a process of the demo ended:\n{words[-2000:]}")

    def stop(self) -> None:
        """End them all, politely first."""
        for child in self.running:
            child.terminate()
        for child in self.running:
            try:
                child.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.family.clear()


def wait_until_ready(children: Children, url: str) -> None:
    """Wait until the web process answers.

    Raises:
        OSError: when it ended, or did not answer within a minute.
    """
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up:
        children.check()
        try:
            with urllib.request.urlopen(f"{url}/sign-in", timeout=5):  # noqa: S310  our own address
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {READY_WITHIN:.0f} s")


def _end_with_parent() -> None:
    """Ask Linux to end this child when the demo's own process is gone, however it went."""
    if _PRCTL:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)
