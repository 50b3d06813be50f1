"""How is a large file of the circle made in a process of its own?

`python -m dispatch.jobs.export_process` reads one JSON object from standard input and tells in
lines how far it is, then ``{"result": …}`` or ``{"refused": sentence}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale

from dispatch.adapters.export_files import ExportFiles
from dispatch.circle.asked import asked_of
from dispatch.circle.files import CircleFile, Shown, filename_of, write_file
from dispatch.config import Settings
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import Scope
from dispatch.refusals import LOCALES

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDER = 10


def make_file(asked: dict[str, Any], settings: Settings, tell: Callable[..., None]) -> None:
    """Make the file that is asked for, inside the context of an application."""
    file, now = CircleFile(asked["file"]), datetime.fromisoformat(asked["now"])
    today = now.astimezone(settings.zone).date()
    scope = Scope(everything=asked["everything"], team_id=asked["team_id"])

    def told(count: int, total: int) -> None:
        tell({"progress": count / total})

    try:
        with force_locale(LOCALES.get(asked["language"], "en")):
            view = asked_of(asked["query"], "", today, settings.zone)
            shown = Shown(view, scope, now, asked["address"])
            files = ExportFiles(settings.data_dir)
            with files.writing(asked["key"]) as out:
                tickets = write_file(out, file, shown, told, files.folder)
                size = out.tell()
    except Refused as refusal:
        tell({"refused": refusal.sentence.as_json()})
        return
    name = filename_of(file.subject, view, file.form, now)
    tell({"result": {"name": name, "tickets": tickets, "bytes": size}})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Make the file that standard input asks for."""
    asked = json.load(sys.stdin)
    given = asked["settings"]
    settings = Settings(**given | {"data_dir": Path(given["data_dir"])})
    # The application is wired above this layer.
    app = import_module("dispatch.app").create_app(settings, answers=False)
    with app.app_context():
        make_file(asked, settings, _write)


if __name__ == "__main__":
    # The one who started us decides when we end; a gone listener ends us by the broken pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_KINDER)
    main()
