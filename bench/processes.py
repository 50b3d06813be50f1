"""How does a benchmark run a command of ours as an operator would, and end it again?"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "dispatch"]
STARTS_WITHIN_SECONDS = 60
ENDS_WITHIN_SECONDS = 30


class Running(NamedTuple):
    """A process that answers: its port and its process id."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def run_once(given: dict[str, str], *words: str) -> None:
    """Run a command to its end, with settings beside those of the environment."""
    subprocess.run([*COMMAND, *words], env=os.environ | given, check=True, capture_output=True)


@contextlib.contextmanager
def running(given: dict[str, str], words: str, port: int | None = None) -> Iterator[Running]:
    """Run a command that listens, wait until its port answers, and end it.

    Raises:
        RuntimeError: when it does not answer within a minute.
    """
    port = port or free_port()
    process = subprocess.Popen(
        [*COMMAND, words, "--port", str(port)],
        env=os.environ | given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port, words)
        yield Running(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, words: str) -> None:
    end = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"onevisit {words} did not answer within {STARTS_WITHIN_SECONDS} s")
