"""How is the clock of a running process set, as NTP or an administrator would?

`watched(folder, file)` returns what to add to the environment of any Python program: its clock then
shows as many seconds more or less as the file says. Its monotonic clock goes on untouched.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import time_machine

NAME = "BENCH_CLOCK"
ROOT = Path(__file__).parent.parent
LOOK_EVERY = 0.05


def watched(folder: Path, file: Path) -> dict[str, str]:
    """Return the environment that lets a program's clock follow a file; writes what it needs."""
    (folder / "sitecustomize.py").write_text("from bench.stepped_clock import follow\n\nfollow()\n")
    set_clock(file, 0)
    return {NAME: str(file), "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def set_clock(file: Path, seconds: float) -> None:
    """Set the clocks that follow a file so many seconds off."""
    new = file.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(file)


def follow() -> None:
    """Let this process's clock follow the file that the environment names, from now on."""
    clock = time_machine.travel(datetime.now(UTC), tick=True).start()
    # It stands still until it is asked for the first time.
    time.time()
    Thread(target=_watch, args=(Path(os.environ[NAME]), clock), daemon=True).start()


def _watch(file: Path, clock: time_machine.Traveller) -> None:
    shown = 0.0
    while True:
        wanted = float(file.read_text())
        if wanted != shown:
            clock.shift(timedelta(seconds=wanted - shown))
            shown = wanted
        time.sleep(LOOK_EVERY)
