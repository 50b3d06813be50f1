"""Is every report that was answered kept once, however often web processes are killed?"""

from __future__ import annotations

import contextlib
import http.client
import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import pytest

from dispatch.models.base import db
from dispatch.models.clockwork import Idempotency
from dispatch.models.tickets import Report, Ticket, TicketEvent
from dispatch.queries.event_chain import checked_tickets
from tests.factories import IN_EAST, IN_WEST, make_grid, make_team
from tests.faults.fleet import Fleet

if TYPE_CHECKING:
    from tests.faults.fleet import Member

SENDERS = 6
SENT_AGAIN = 0.1
"""The share of reports whose answer "was lost": they are sent once more to any process."""


@dataclass
class Callers:
    """Programs that send reports to whichever process answers, until each is acknowledged."""

    webs: list[Member]
    answered: dict[str, str] = field(default_factory=dict)
    replies: Counter[int] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def send_all(self, keys: list[str]) -> None:
        """Send one report a key."""
        for key in keys:
            lots = Random(key)  # noqa: S311  a lot and no secret
            number = self._until_acknowledged(key)
            if lots.random() < SENT_AGAIN and self._until_acknowledged(key) != number:
                self.differing.append(key)
            with self.lock:
                self.answered[key] = number

    def _until_acknowledged(self, key: str) -> str:
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                status, answer = self._post(key)
                with self.lock:
                    self.replies[status] += 1
                if status == http.HTTPStatus.CREATED:
                    return str(answer["ticket"]["number"])
                # Nothing but "try again" may be said of a good report.
                assert status in {http.HTTPStatus.SERVICE_UNAVAILABLE, http.HTTPStatus.CONFLICT}, (
                    status,
                    answer,
                )
            Event().wait(0.02)

    def _post(self, key: str) -> tuple[int, Any]:
        place = IN_WEST if key < "8" else IN_EAST
        body = {
            "category": "leak",
            "description": key,
            "place": {"lat": place.lat, "lon": place.lon, "datum": "wgs84"},
            "reporter": {"name": "Chen", "phone": "13800000000"},
        }
        port = Random().choice(self.webs).port  # noqa: S311  likewise
        connection = http.client.HTTPConnection("127.0.0.1", port or 0, timeout=60)
        try:
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            connection.request("POST", "/api/v1/reports", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@pytest.mark.timeout(1_200)
def test_what_was_acknowledged_is_there_once(app, environment, tmp_path, soak, now, print_counts):
    """G1: 500 reports (soak: 100,000) while a web process is killed every few hundred."""
    reports, kills = (100_000, 96) if soak else (500, 3)
    with app.app_context():
        make_grid(team=make_team(), now=now)
        db.session.commit()
    lots = Random(31)  # noqa: S311  likewise
    keys = [str(uuid.UUID(int=lots.getrandbits(128), version=4)) for _ in range(reports)]
    with Fleet(environment, tmp_path / "log") as fleet:
        callers = Callers([fleet.web(), fleet.web()])
        with ThreadPoolExecutor(SENDERS) as pool:
            waiting = [pool.submit(callers.send_all, keys[n::SENDERS]) for n in range(SENDERS)]
            for number in range(1, kills + 1):
                while len(callers.answered) < number * reports // (kills + 1):
                    for each in waiting:
                        if each.done():
                            each.result()
                    Event().wait(0.02)
                member = callers.webs[number % len(callers.webs)]
                fleet.kill(member)
                fleet.restart(member)
            for each in waiting:
                each.result()
    check(app, callers, keys)
    print_counts(
        f"G1 {app.config['SQLALCHEMY_DATABASE_URI'][:6]}: {reports} acknowledged under "
        f"{kills} kills, 0 lost, 0 twice; answers {dict(callers.replies)}"
    )


def check(app: Any, callers: Callers, keys: list[str]) -> None:
    """Compare what was answered with what is stored."""
    assert callers.differing == []
    assert set(callers.answered) == set(keys)
    with app.app_context():
        stored = dict(db.session.query(Report.description, Report.ticket_id).all())
        assert db.session.query(Report).count() == len(keys)
        assert db.session.query(Ticket).count() == len(keys)
        assert {key: f"W{ticket:06d}" for key, ticket in stored.items()} == callers.answered
        assert db.session.query(Idempotency).count() == len(keys)
        assert [each.number for each in checked_tickets() if each.broken_at] == []
        assert db.session.query(TicketEvent).count() >= len(keys)
