"""How does a rehearsal run in a process of its own, with the configured source of travel times?

`python -m dispatch.jobs.rehearsal_process` reads what `dispatch.rehearsal.apart` says from standard
input, and writes its lines to standard output.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dispatch.adapters.road_times.rehearsed import Rehearsed, rehearsed_travel
from dispatch.config import Settings
from dispatch.rehearsal.apart import run

if TYPE_CHECKING:
    from dispatch.rehearsal.own_material import Material

_KINDER = 10
"""The planner and the timers of the same machine go first."""


def drives(asked: dict[str, Any], material: Material) -> Rehearsed:
    """Return the source of the drives; the straight line where none is named."""
    if not asked:
        return Rehearsed(material.straight)
    named = {name: value for name, value in asked.items() if name != "hour"}
    settings = Settings(**named | {"roads_dir": Path(named["roads_dir"])})
    return rehearsed_travel(settings, material.straight, material.places(), asked["hour"])


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # The one who started us decides when we end; a gone listener ends us by the broken pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_KINDER)
    run(sys.stdin, _write, drives)
