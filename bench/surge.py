"""Does a storm's surge of reports get through: 30 a minute, 10,000 in a minute, none lost?

Run `python bench/surge.py`; each line is one figure as JSON. One web process answers
`POST /api/v1/reports` with storm mode on: first 30 a minute, as in the worst hour of a day of
15,000; then 10,000 as fast as sixteen connections send them; then the rest of the day's 15,000.
Every report carries a key; one that got no answer is sent again with the same key. SQLite, and
PostgreSQL with `--url`. `--small` sends a hundredth.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import local
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.report_intake import web_process
from bench.reporting import Report
from dispatch.actions.sessions import open_session
from dispatch.actions.storms import begin_storm
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.permissions import RULE
from dispatch.domain.storm import Wanted
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.tickets import Ticket

CONNECTIONS, TRIES = 16, 20
A_DAY, IN_A_MINUTE, A_MINUTE, PEAK_SECONDS = 15_000, 10_000, 30, 120
SMALL = 100
report = Report("surge")
_own = local()


def main() -> None:
    """Measure SQLite, then the PostgreSQL database of `--url` where one is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    share = SMALL if asked.small else 1
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as name:
        measure("sqlite", {"ONEVISIT_DATA_DIR": f"{name}/data"}, share)
        if asked.url:
            settings = {"ONEVISIT_DATABASE_URL": asked.url, "ONEVISIT_DATA_DIR": f"{name}/pg"}
            measure("postgresql", settings, share)


def measure(kind: str, environment: dict[str, str], share: int) -> None:
    """Print the figures of one database."""
    with web_process(environment) as port:
        app = create_app(Settings.from_env(environment))
        secret = switch_on(app)
        answers = at_the_peak(port, PEAK_SECONDS // min(share, 10))
        told(f"{kind} 30 a minute", answers, 1_000)
        began = time.perf_counter()
        flood = all_at_once(port, IN_A_MINUTE // share)
        seconds = time.perf_counter() - began
        report(f"{kind} {len(flood)} reports", seconds, "s", 60.0)
        told(f"{kind} {len(flood)} reports", flood, None)
        answers += flood
        answers += all_at_once(port, A_DAY // share - len(answers))
        count(kind, app, answers)
        report(f"{kind} cards of {len(answers)} tickets", cards(port, secret), "ms", 2_000)


def switch_on(app: Any) -> str:
    """Switch storm mode on, and return the session of a dispatcher."""
    now = datetime.now(UTC)
    with app.app_context(), transaction():
        wanted = Wanted("frost", "surge", (), now + timedelta(hours=12))
        begin_storm(wanted, actor=RULE, now=now)
        user = User(sign_in_name="surge", name="Surge", role="dispatcher", created_at=now)
        db.session.add(user)
        db.session.flush()
        return open_session(user, now=now, lifetime=timedelta(hours=12), kind="browser")


def at_the_peak(port: int, seconds: int) -> list[tuple[str, float]]:
    """Send thirty a minute, each at its second whatever the others do."""
    pause, began = 60 / A_MINUTE, time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        waiting = []
        for number in range(round(seconds / pause)):
            time.sleep(max(0.0, began + number * pause - time.perf_counter()))
            waiting.append(pool.submit(send, port, number))
        return [each.result() for each in waiting]


def all_at_once(port: int, count: int) -> list[tuple[str, float]]:
    """Send so many as fast as the connections take them."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(lambda number: send(port, number), range(count)))


def send(port: int, number: int) -> tuple[str, float]:
    """Send one report until it is answered; return its ticket and the seconds that it took."""
    lat, lon = 42.25 + number % 97 / 1_000, -71.12 + number % 89 / 1_000
    body = {"category": ("leak", "no_water", "burst")[number % 3], "description": "frozen"}
    place = {"lat": lat, "lon": lon, "datum": "wgs84"}
    text = json.dumps(body | {"place": place, "address": f"{number % 400} Main Street"})
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    began = time.perf_counter()
    for tries in range(TRIES):
        try:
            status, answer = _asked(port, text, headers)
        except (OSError, http.client.HTTPException):
            _own.connection = None
            time.sleep(0.1 * tries)
            continue
        if status == http.HTTPStatus.CREATED:
            return str(answer["ticket"]["number"]), time.perf_counter() - began
        time.sleep(0.1 * tries)
    message = f"report {number} was not taken in {TRIES} tries"
    raise RuntimeError(message)


def _asked(port: int, text: str, headers: dict[str, str]) -> tuple[int, Any]:
    if getattr(_own, "connection", None) is None or _own.port != port:
        _own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        _own.port = port
    _own.connection.request("POST", "/api/v1/reports", text, headers)
    answer = _own.connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def told(figure: str, answers: list[tuple[str, float]], limit: float | None) -> None:
    """Print how long the answers took."""
    milliseconds = np.array([seconds for _, seconds in answers]) * 1_000
    report(f"{figure}, answer p50", float(np.percentile(milliseconds, 50)), "ms")
    report(f"{figure}, answer p99", float(np.percentile(milliseconds, 99)), "ms", limit)


def count(kind: str, app: Any, answers: list[tuple[str, float]]) -> None:
    """Print what is missing, what is there twice, and what does not carry the storm."""
    with app.app_context():
        stored = db.session.query(Ticket.id).count()
        outside = db.session.query(Ticket.id).filter(~Ticket.storm).count()
    numbers = Counter(number for number, _ in answers)
    report(f"{kind} reports taken", len(answers), "")
    report(f"{kind} lost", len(answers) - len(numbers), "", 0)
    report(f"{kind} more than one ticket for a report", stored - len(numbers), "", 0)
    report(f"{kind} without their storm", outside, "", 0)


def cards(port: int, secret: str) -> float:
    """Return the milliseconds of the cards of the storm, the second time they are asked for."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(2):
        began = time.perf_counter()
        headers = {"Authorization": f"Bearer {secret}"}
        connection.request("GET", "/api/v1/storms/cards", headers=headers)
        connection.getresponse().read()
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    main()
