"""What does a web process do that dies in the middle of one request?

Run as a program: the settings from the environment. Each line of its input is a request with the
place to die at; it is served by a fork, and a line of output tells how that ended.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.models.base import db
from tests.faults.torn_disk import Disk, Step


def main() -> None:
    """Serve requests, each in a process of its own, until the input ends."""
    settings = Settings.from_env(os.environ)
    disk = None
    if settings.sqlalchemy_url.startswith("sqlite"):
        import pysqlite3._sqlite3  # noqa: PLC0415  only the embedded database needs it

        disk = Disk(pysqlite3._sqlite3.__file__)
    app = create_app(settings)
    app.test_client().get("/healthz")
    with app.app_context():
        db.engine.dispose()
    print("ready", flush=True)  # noqa: T201  it is what the test waits for
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(app, json.loads(line), disk)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  likewise


def serve(app: Any, asked: dict[str, Any], disk: Disk | None) -> None:
    """Serve one request and write down its answer and what was done to the disk."""
    folder = Path(asked["folder"])
    if disk is not None:
        disk.steps.clear()
        disk.die_at = asked["die_at"]
        steps = disk.steps
    else:
        steps = []
        with app.app_context():
            watch_statements(db.engine, steps, asked)
    found = app.test_client().post(asked["path"], json=asked["body"], headers=asked["headers"])
    answer = {"status": found.status_code, "reply": found.get_json()}
    (folder / "answer").write_text(json.dumps(answer))
    if disk is None or len(steps) + 1 != asked["die_at"]:
        steps.append(Step("answered"))
    with app.app_context():
        db.engine.dispose()
    (folder / "steps").write_bytes(pickle.dumps(steps))


def watch_statements(engine: Any, steps: list[Step], asked: dict[str, Any]) -> None:
    """Die before the N-th statement or commit of PostgreSQL, or let its server process die."""

    def count(connection: Any, kind: str) -> None:
        steps.append(Step(kind))
        if len(steps) != asked["die_at"]:
            return
        if asked["victim"] == "client":
            os.kill(os.getpid(), signal.SIGKILL)
        server = connection.connection.dbapi_connection.info.backend_pid
        os.kill(server, signal.SIGKILL)

    event.listen(
        engine, "before_cursor_execute", lambda connection, *_rest: count(connection, "statement")
    )
    event.listen(engine, "commit", lambda connection: count(connection, "commit"))


if __name__ == "__main__":
    main()
