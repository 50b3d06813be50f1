"""Does each of many reports that come at once over HTTP become exactly one ticket?"""

from __future__ import annotations

import http.client
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from dispatch.actions.storms import begin_storm
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import RULE
from dispatch.domain.storm import Wanted
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from tests.factories import make_city

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORTS, CONNECTIONS, SENT_TWICE = 300, 8, 10


class Quiet(WSGIRequestHandler):
    """Answers requests without writing a line for each."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


@pytest.fixture
def port(app: Any) -> Iterator[int]:
    now = datetime.now(UTC)
    with app.app_context(), transaction():
        make_city(now - timedelta(hours=1))
        begin_storm(Wanted("frost", "-12", (), now + timedelta(hours=9)), actor=RULE, now=now)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def send(port: int, number: int) -> list[str]:
    """Send one report; each tenth twice with its key, as after an answer that was lost."""
    place = {"lat": 28.15, "lon": 112.91 + number / 10_000, "datum": "wgs84"}
    body = json.dumps({"category": "leak", "description": f"report {number}", "place": place})
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    numbers = []
    for _ in range(2 if number % SENT_TWICE == 0 else 1):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/api/v1/reports", body, headers)
        answer = connection.getresponse()
        numbers.append(json.loads(answer.read())["ticket"]["number"])
        connection.close()
        assert answer.status == http.HTTPStatus.CREATED
    return numbers


# Some seconds long: fewer reports would not wait for one another.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_lost_and_nothing_is_there_twice(app: Any, port: int):
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(lambda number: send(port, number), range(REPORTS)))
    assert all(len(set(numbers)) == 1 for numbers in answers)
    assert len({numbers[0] for numbers in answers}) == REPORTS
    with app.app_context():
        assert db.session.query(Ticket).filter(Ticket.storm).count() == REPORTS
        words = {row.description for row in db.session.query(Report.description)}
    assert words == {f"report {number}" for number in range(REPORTS)}
