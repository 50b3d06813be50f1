"""How do the processes of the demo begin together and end together?"""

from __future__ import annotations

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

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOST = "127.0.0.1"
READY_WITHIN = 60.0
STOP_WITHIN = 8.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Children:
    """The web process and the clockwork process; they end when this process does."""

    environment: Mapping[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> None:
        """Start `onevisit` with some arguments; what it says goes to the log."""
        with self.log.open("ab") as log:
            self.running.append(
                subprocess.Popen(  # noqa: S603  our own command
                    [sys.executable, "-m", "dispatch", *arguments],
                    env={**os.environ, **self.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  no other thread runs yet
                )
            )

    def check(self) -> None:
        """Refuse to go on when one of them has ended.

        Raises:
            OSError: with the last words of the log.
        """
        for child in self.running:
            if child.poll() is not None:
                words = self.log.read_text(encoding="utf-8", errors="replace").strip()
                raise OSError(child.returncode, f"a process of the demo ended:\n{words[-2000:]}")

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
        self.running.clear()


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
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
