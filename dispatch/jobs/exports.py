"""Which large file of the circle is made now, in a process beside this one, and how far is it?"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app

from dispatch.actions.exports import QUEUE, finish_export, note_whose
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.export_files import ExportFiles
from dispatch.domain.sentences import say
from dispatch.jobs.beside import Run, Work, start_process
from dispatch.queries.exports import any_export_waiting, asker_of, files_needed

if TYPE_CHECKING:
    import subprocess
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.config import Settings
    from dispatch.models.exports import Export

COMMAND = (sys.executable, "-m", "dispatch.jobs.export_process")
LEFT_AFTER = timedelta(days=1)
"""What is half written and so old is of nobody any more."""


def settings_asked(settings: Settings) -> dict[str, Any]:
    """Return what the process needs to know of the settings; it goes through a pipe of its own."""
    return {
        "database_url": settings.database_url,
        "data_dir": str(settings.data_dir),
        "time_zone": settings.time_zone,
        "secret_key": settings.secret(),
    }


def clear_export_files(now: datetime) -> int:
    """Remove the files that no export needs any more; return how many."""
    files = ExportFiles(current_app.config["SETTINGS"].data_dir)
    # Listed before they are looked up: a file made meanwhile is not among them.
    keys = files.keys()
    unneeded = sorted(set(keys) - files_needed(keys))
    for key in unneeded:
        files.remove(key)
    return len(unneeded) + files.sweep(now - LEFT_AFTER)


def _start(
    row: Export, _zone: ZoneInfo, now: datetime
) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    actor = asker_of(row)
    with transaction():
        note_whose(row.id, actor)
    asked = {
        "settings": settings_asked(current_app.config["SETTINGS"]),
        "key": row.key,
        "file": row.file,
        "query": row.query,
        "address": row.address,
        "language": row.language,
        "team_id": actor.scope.team_id,
        "everything": actor.scope.everything,
        "now": now.isoformat(),
    }
    return start_process(COMMAND, asked), {}


def _finish(going: Run, result: dict[str, Any], now: datetime) -> None:
    finish_export(going.row_id, result["name"], result["tickets"], result["bytes"], now=now)


WORK = Work(
    QUEUE,
    any_export_waiting,
    _start,
    _finish,
    broken=say("The export broke off. Its reason is in the log."),
)
