"""Does a large file of the circle take more memory the more tickets it has?

Run `python bench/circle_exports.py` (10,000 and 100,000 tickets on SQLite, some minutes), or with
`--tickets 1000000`. Each line is one figure as JSON: how long the process took that makes a file,
its largest memory, and the size of the file. The tickets are those of `drawn_city`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate

from bench.drawn_city import LAST, YEARS, ZONE, fill
from bench.reporting import Report
from dispatch.adapters.export_files import ExportFiles
from dispatch.app import create_app
from dispatch.circle.files import CircleFile
from dispatch.config import Settings
from dispatch.jobs.exports import COMMAND, settings_asked
from dispatch.models.base import db

FILES = (CircleFile.ROWS_CSV, CircleFile.ROWS_XLSX, CircleFile.FIGURES_XLSX)
show = Report("circle_exports")


def measure(settings: Settings, file: CircleFile, total: int) -> None:
    """Make a file of all tickets in a process of its own, and print what it took."""
    first = LAST.replace(year=LAST.year - YEARS - 1)
    asked = {
        "settings": settings_asked(settings),
        "key": "measured-file",
        "file": str(file),
        "query": {"from": str(first), "to": str(LAST), "compare": "0"},
        "address": "http://localhost/circle",
        "language": "en",
        "everything": True,
        "team_id": None,
        "now": (datetime.combine(LAST, datetime.min.time(), UTC) + timedelta(days=1)).isoformat(),
    }
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as question:
        question.write(json.dumps(asked).encode())
        question.seek(0)
        child = subprocess.Popen(COMMAND, stdin=question, stdout=subprocess.PIPE)
    told, memory = {}, 0.0
    for line in child.stdout or ():
        told, memory = json.loads(line), _largest_memory(child.pid)
    child.wait()
    took = time.perf_counter() - begun
    result = told["result"]
    facts = {"tickets": total, "file": str(file), "rows": result["tickets"]}
    show("seconds", took, "s", **facts)
    show("largest_memory", memory, "MB", **facts)
    show("size", result["bytes"] / 1e6, "MB", **facts)
    ExportFiles(settings.data_dir).remove("measured-file")


def _largest_memory(pid: int) -> float:
    """Return the most memory that a process has had so far, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [each for each in status.splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main() -> None:
    """Fill a database of each size and make each file of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 100_000])
    now = datetime.combine(LAST, datetime.min.time(), UTC)
    for total in parser.parse_args().tickets:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data_dir=Path(folder), time_zone=str(ZONE))
            app = create_app(settings)
            with app.app_context():
                flask_migrate.upgrade()
                fill(total, now, with_tickets=True, with_events=False)
                db.session.remove()
                db.engine.dispose()
            for file in FILES:
                measure(settings, file, total)


if __name__ == "__main__":
    main()
