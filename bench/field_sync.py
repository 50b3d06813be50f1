"""How soon is a phone answered when 200 crews send what they stored, every 15 seconds?

Run `python bench/field_sync.py`; each line is one figure as JSON. One web process on SQLite with
full durability; 200 phones, each on a ticket of its own, send a note every 15 s for a minute, and
once all in the same second, as after a dead mobile network. Every answer is read whole, and every
note must have been applied.
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import desk_load
from bench.desk_console import post
from bench.processes import run_once, running
from bench.reporting import Report
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import Crew, User

CREWS, EVERY_SECONDS, ROUNDS, LIMIT_MS = 200, 15.0, 4, 300.0
OVERRIDE = {"override_reason": "the benchmark sends everybody"}


@dataclass
class Phone:
    """A phone of one crew, its ticket, and how long it waited for each answer, ms."""

    secret: str
    token: str
    ticket: str
    sequence: int
    waited: list[float]

    def send(self, connection: http.client.HTTPConnection) -> None:
        """Send one note and read what became of it."""
        now = datetime.now(UTC).isoformat()
        command = {
            "id": str(uuid.uuid4()), "sequence": self.sequence, "ticket": self.ticket,
            "kind": "note", "args": {"note": f"note {self.sequence}"}, "at": now,
        }  # fmt: skip
        body = json.dumps({"session": "bench", "at": now, "commands": [command]})
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.secret}",
            "X-OneVisit-Device": self.token,
        }
        began = time.perf_counter()
        connection.request("POST", "/api/v1/field/sync", body, headers)
        answer = json.loads(connection.getresponse().read())
        self.waited.append((time.perf_counter() - began) * 1_000)
        if [each["outcome"] for each in answer["outcomes"]] != ["applied"]:
            message = f"the note was not applied: {answer}"
            raise RuntimeError(message)
        self.sequence += 1


def stewards(settings: Settings) -> list[tuple[int, str]]:
    """Give each crew a person; returns crews and the secrets of their sessions."""
    app, now = create_app(settings), datetime.now(UTC)
    with app.app_context(), transaction():
        made = []
        for crew in db.session.query(Crew).order_by(Crew.id):
            user = User(sign_in_name=f"s{crew.id}", name=crew.name, role=Role.CREW, active=True)
            user.created_at, user.crew_id = now, crew.id
            db.session.add(user)
            db.session.flush()
            made.append((crew.id, open_session(user, now=now, lifetime=timedelta(hours=1))))
        return made


def version_of(url: str, secret: str, number: str) -> int:
    """Return which version of a ticket the server has."""
    asked = urllib.request.Request(  # noqa: S310  our own server
        f"{url}/api/v1/tickets/{number}", headers={"Authorization": f"Bearer {secret}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310  likewise
        return int(json.loads(answer.read())["ticket"]["version"])


def enrol(url: str, desk: str, given: list[tuple[int, str]]) -> list[Phone]:
    """Send each crew to a ticket and enrol its phone."""
    phones = []
    for number, (crew, secret) in enumerate(given, start=1):
        ticket = f"W{number:06}"
        sent, path = {"crew_id": crew, **OVERRIDE}, f"/api/v1/tickets/{ticket}/dispatch"
        post(url, desk, path, sent, **{"If-Match": f'"{version_of(url, desk, ticket)}"'})
        told = post(url, secret, "/api/v1/field/devices", {"name": f"phone {crew}"})
        phones.append(Phone(secret, told["token"], ticket, told["next_sequence"], []))
    return phones


def play(port: int, phones: list[Phone], starts: list[float], rounds: int) -> None:
    """Let every phone send at its own moment of each round, over a connection that it keeps."""
    faults: list[BaseException] = []
    began = time.perf_counter()

    def live(phone: Phone, start: float) -> None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                for each in range(rounds):
                    due = began + start + each * EVERY_SECONDS
                    time.sleep(max(0.0, due - time.perf_counter()))
                    phone.send(connection)
        except (OSError, RuntimeError, http.client.HTTPException) as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=live, args=each) for each in zip(phones, starts, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def tell(report: Report, words: str, phones: list[Phone], limit: float | None) -> float:
    """Print how long the phones waited since they were last asked; returns the p99, ms."""
    waited = np.array([each for phone in phones for each in phone.waited])
    p50, p99 = (float(np.percentile(waited, percent)) for percent in (50, 99))
    report(f"{words} p50", p50, "ms", crews=len(phones), answers=len(waited))
    report(f"{words} p99", p99, "ms", limit, crews=len(phones), answers=len(waited))
    for phone in phones:
        phone.waited.clear()
    return p99


def main() -> int:
    """Measure both; the exit code says whether the limit was kept."""
    report = Report("field_sync")
    desk_load.CREWS = desk_load.TICKETS = CREWS
    with tempfile.TemporaryDirectory() as folder:
        given = {"ONEVISIT_DATA_DIR": folder, "ONEVISIT_SECRET_KEY": "x" * 32}
        run_once(given, "db", "upgrade")
        settings = Settings.from_env(given)
        desk = desk_load.fill(settings)
        people = stewards(settings)
        with running(given, "serve") as web:
            phones = enrol(web.url, desk, people)
            spread = [number * EVERY_SECONDS / CREWS for number in range(CREWS)]
            play(web.port, phones, spread, ROUNDS)
            p99 = tell(report, "every 15 s", phones, LIMIT_MS)
            play(web.port, phones, [0.0] * CREWS, 1)
            tell(report, "all at once", phones, None)
    return 0 if p99 <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
