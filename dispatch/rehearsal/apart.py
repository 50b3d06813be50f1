"""How does a rehearsal run in a process of its own, and tell how far it is?

`python -m dispatch.rehearsal.apart` reads one JSON object (``material``, ``wish``) from standard
input and writes JSON lines to standard output: ``{"progress": 0.4}``, and at the end
``{"result": …}`` or ``{"refused": sentence}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO

from dispatch.domain.errors import Refused
from dispatch.domain.rehearsal_wish import Wish
from dispatch.rehearsal.own_city import Material, rehearse_own

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDER = 10
"""The planner and the timers of the same machine go first."""

_STEP = 0.01


def run(asked: TextIO, tell: Callable[[dict[str, Any]], None]) -> None:
    """Rehearse what was asked for and tell progress, then the result or the refusal."""
    given = json.load(asked)
    told = 0.0

    def on_progress(share: float) -> None:
        nonlocal told
        if share >= told + _STEP or share == 1:
            told = share
            tell({"progress": share})

    try:
        material, wish = Material.from_json(given["material"]), Wish.from_json(given["wish"])
        tell({"result": rehearse_own(material, wish, on_progress)})
    except Refused as refusal:
        tell({"refused": refusal.sentence.as_json()})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # The one who started us decides when we end; a gone listener ends us by the broken pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_KINDER)
    run(sys.stdin, _write)
