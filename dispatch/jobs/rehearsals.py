"""Which rehearsal runs now, in a process beside this one, and how far is it?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from flask import current_app

from dispatch.actions.rehearsals import QUEUE, finish_rehearsal
from dispatch.domain.rehearsal_wish import Wish, check_count
from dispatch.domain.sentences import say
from dispatch.jobs.beside import Run, Work, start_process
from dispatch.queries.rehearsals import any_waiting, material_for

if TYPE_CHECKING:
    import subprocess
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.config import Settings
    from dispatch.models.rehearsals import Rehearsal


COMMAND = (sys.executable, "-m", "dispatch.jobs.rehearsal_process")


def travel_asked(settings: Settings, hour: int) -> dict[str, Any]:
    """Return which source the settings name, and the local hour, as `drives` reads it."""
    return {
        "hour": hour,
        "travel": settings.travel,
        "travel_url": settings.travel_url,
        "travel_key": settings.travel_key,
        "travel_seconds": settings.travel_seconds,
        "roads_dir": str(settings.roads_dir),
    }


def _start(
    row: Rehearsal, zone: ZoneInfo, now: datetime
) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    wish = Wish.from_json(row.options)
    material, life = material_for(wish, zone, row.team_id, now)
    check_count(len(material["tickets"]))
    travel = travel_asked(current_app.config["SETTINGS"], now.astimezone(zone).hour)
    asked = {"material": material, "wish": wish.as_json(), "travel": travel}
    return start_process(COMMAND, asked), life


def _finish(going: Run, result: dict[str, Any], now: datetime) -> None:
    seconds = (now - going.begun_at).total_seconds()
    whole = result | {"life": going.memory, "took_seconds": round(seconds, 1)}
    finish_rehearsal(going.row_id, whole, now)


WORK = Work(
    QUEUE,
    any_waiting,
    _start,
    _finish,
    broken=say("The rehearsal broke off. Its reason is in the log."),
)
