"""Do three web and two clockwork processes on one PostgreSQL act as one desk?"""

from __future__ import annotations

import http.client
import json
import uuid
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dispatch.access import SESSION_COOKIE
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Timer
from dispatch.models.tickets import Report, Ticket, TicketEvent, Visit
from dispatch.queries.event_chain import checked_tickets
from dispatch.queries.timers import TIMERS
from tests.factories import IN_EAST, IN_WEST, make_city
from tests.faults.fleet import Fleet, wait_within
from tests.visitors import signed_in

if TYPE_CHECKING:
    from tests.faults.fleet import Member

ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
REPORTS = 24


@pytest.fixture
def fleet(app, environment, tmp_path):
    """Start three web and two clockwork processes on a city with three crews."""
    with app.app_context():
        make_city(datetime.now(UTC) - timedelta(days=1))
        db.session.commit()
    with Fleet(environment, tmp_path / "log") as found:
        for _ in range(2):
            found.jobs()
        for _ in range(3):
            found.web()
        yield found


def webs(fleet: Fleet) -> list[Member]:
    return [each for each in fleet.members if each.port is not None]


def ask(
    member: Member, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """Ask one web process; return the status and the JSON that it answered, None for a page."""
    with closing(http.client.HTTPConnection("127.0.0.1", member.port or 0, timeout=60)) as line:
        text = None if body is None else json.dumps(body)
        line.request(method, path, text, {"Content-Type": "application/json"} | headers)
        answer = line.getresponse()
        read = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(read) if is_json else None


def report(member: Member, key: str, number: int) -> tuple[int, Any]:
    place = IN_WEST if number % 2 else IN_EAST
    body = {"category": "leak", "description": f"report {number}"}
    body |= {"place": {"lat": place.lat, "lon": place.lon, "datum": "wgs84"}}
    return ask(member, "POST", "/api/v1/reports", body, **{"Idempotency-Key": key})


def until(app: Any, fleet: Fleet, is_true: Any) -> None:
    """Wait until something is true of the database."""
    for _ in wait_within(300):
        with app.app_context():
            if is_true():
                return
    raise AssertionError(fleet.words())


@ON_POSTGRESQL
@pytest.mark.timeout(900)
def test_five_processes_are_one_desk(app, fleet):
    keys = [str(uuid.uuid4()) for _ in range(REPORTS)]
    first, second, third = webs(fleet)
    numbers = {}
    for number, key in enumerate(keys):
        status, answer = report((first, second, third)[number % 3], key, number)
        assert status == 201
        numbers[key] = answer["ticket"]["number"]
    assert len(set(numbers.values())) == REPORTS

    # The answer of one process is known to the next.
    again = [report(second, key, number)[1] for number, key in enumerate(keys)]
    assert [each["ticket"]["number"] for each in again] == list(numbers.values())

    # Who signed in at one is signed in at all, until signed out at any.
    secret = signed_in(app, Role.DISPATCHER, datetime.now(UTC)).secret
    cookie = {"Cookie": f"{SESSION_COOKIE}={secret}"}
    assert [ask(each, "GET", "/desk", **cookie)[0] for each in webs(fleet)] == [200] * 3

    # Two planners send each crew once, and both clockworks are heard of.
    until(app, fleet, lambda: db.session.query(Visit).count() >= 3)
    until(app, fleet, lambda: len(beats()) >= 2)
    fleet.kill(first)
    fleet.kill(next(each for each in fleet.members if each.port is None))

    # What is left goes on: calls are taken, and warnings are given once.
    assert report(third, str(uuid.uuid4()), REPORTS)[0] == 201
    with app.app_context():
        made_due()
    until(app, fleet, lambda: db.session.query(Timer).filter(is_due()).count() == 0)
    check(app)


def beats() -> set[str]:
    return {row.runner.split("/")[1] for row in db.session.query(Heartbeat).filter_by(job=TIMERS)}


def is_due() -> Any:
    return (Timer.state == "armed") & (Timer.due_at <= datetime.now(UTC))


def made_due() -> None:
    """Bring every armed warning forward to a minute ago."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    db.session.query(Timer).filter_by(state="armed").update({"due_at": at})
    db.session.commit()


def check(app: Any) -> None:
    """Look for anything that was done twice."""
    with app.app_context():
        assert db.session.query(Ticket).count() == REPORTS + 1
        assert db.session.query(Report).count() == REPORTS + 1
        active = db.session.query(Visit).filter(Visit.ended_at.is_(None)).all()
        assert max(Counter(each.crew_id for each in active).values()) == 1
        assert max(Counter(each.ticket_id for each in active).values()) == 1
        warned = Counter(
            (row.ticket_id, row.facts["clock"], row.facts["rung"], row.visit_id)
            for row in db.session.query(TicketEvent).filter(TicketEvent.kind.like("clock_%"))
        )
        assert warned
        assert max(warned.values()) == 1
        assert [each.number for each in checked_tickets() if each.broken_at] == []
