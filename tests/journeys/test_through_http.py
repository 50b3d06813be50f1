"""Does one call become one ticket, one team, one arrival and one fix, through the front door?"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.five_ones import five_ones
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.jobs import planner
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.figures import circle_figures
from dispatch.queries.stories import stories_for
from tests.factories import IN_WEST, make_city
from tests.invariants import expect_whole

DAY = Period(date(2026, 3, 2), date(2026, 3, 3), ZoneInfo("Asia/Shanghai"))
EVERYTHING = Scope(everything=True)
CALL = {
    "category": "burst",
    "address": "Wuyi Road 12",
    "place": {"lat": IN_WEST.lat, "lon": IN_WEST.lon},
    "reporter": {"name": "Zhou Ming", "phone": "13812345678"},
    "channel": "phone",
}


class City:
    """A desk, the jobs beside it, two crews with a phone each, and the clock they share."""

    def __init__(self, app, clock, sign_in, now) -> None:
        """Sign everybody in."""
        self.app, self.clock, self.now = app, clock, now
        with app.app_context(), transaction():
            self.crew_ids = [crew.id for crew in make_city(now).crews]
        self.desk = sign_in("dispatcher", name="Li Na")
        self.crews = {each: sign_in("crew", crew_id=each) for each in self.crew_ids}

    def call(self, **named: Any) -> dict[str, Any]:
        """Take a call at the desk's own front door."""
        answer = self.desk.post("/api/v1/reports", json=CALL | named)
        assert answer.status_code == 201, answer.json
        return self.read(answer.json["ticket"]["number"])

    def read(self, number: str) -> dict[str, Any]:
        """Return a ticket as programs read it."""
        found: dict[str, Any] = self.desk.get(f"/api/v1/tickets/{number}").json["ticket"]
        return found

    def plan(self) -> None:
        """Let the planner look once."""
        with self.app.app_context():
            planner.run(self.at_once())

    def step(self, number: str, step: str, by: Any = None, **values: Any) -> dict[str, Any]:
        """Take a step as a program would, a minute later."""
        self.clock.shift(60)
        version = self.read(number)["version"]
        answer = (by or self.desk).post(
            f"/api/v1/tickets/{number}/{step}",
            json=values,
            headers={"If-Match": f'"{version}"', "Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = answer.json["ticket"]
        return found

    def tap(self, number: str, step: str, **form: str) -> None:
        """Tap the big button of the crew that is on a ticket, a minute later."""
        self.clock.shift(60)
        phone = self.crews[self.read(number)["crew"]["id"]]
        page = phone.get(f"/crew/{number}").text
        seen = re.search(r'data-seen="(\d+)"', page)
        assert seen is not None
        form = {"key": str(uuid.uuid4()), "seen": seen.group(1)} | form
        answer = phone.post(f"/crew/{number}/{step}", data=form)
        assert answer.status_code == 303, answer.text

    def drive(self, number: str, *steps: str) -> None:
        """Let the crew take several taps."""
        for step in steps:
            self.tap(number, step)

    def stories(self) -> list[Any]:
        """Return what the figures know of the day."""
        with self.app.app_context():
            now = self.at_once()
            return stories_for(DAY.from_at, DAY.to_at, EVERYTHING, now=now)

    def at_once(self) -> datetime:
        """Return the stopped clock's time."""
        return datetime.now(UTC)

    def figures(self) -> Any:
        """Return the circle of the day."""
        with self.app.app_context():
            return circle_figures(DAY, EVERYTHING, compare=False, now=self.at_once())

    def expect_whole(self) -> None:
        """Fail unless every ticket agrees with its visits, clocks and story."""
        with self.app.app_context():
            for ticket_id in db.session.scalars(db.select(Ticket.id)).all():
                expect_whole(ticket_id)


@pytest.fixture
def city(app, clock, sign_in, now):
    built = City(app, clock, sign_in, now)
    yield built
    built.expect_whole()


ROAD = ("acknowledge", "set-off", "arrive", "start", "complete")


def test_one_call_one_ticket_one_team_one_arrival_one_fix(city):
    ticket = city.call()
    number = ticket["number"]
    assert (ticket["state"], ticket["grid"]["name"]) == ("accepted", "West")
    assert ticket["team"]["name"] == "West Team"
    city.plan()
    ticket = city.read(number)
    assert (ticket["state"], ticket["visits"][0]["automatic"]) == ("dispatched", True)
    assert ticket["visits"][0]["reasons"]
    city.drive(number, *ROAD)
    ticket = city.read(number)
    assert ticket["state"] == "completed"
    token = tracked(city, number)
    assert city.desk.post(f"/t/{token}/answer", data={"answer": "fixed"}).status_code == 303
    assert city.step(number, "close")["state"] == "closed"
    figures = city.figures()
    assert (figures.total.n, figures.total.circle.met, figures.total.circle.late) == (1, 1, 0)
    assert figures.total.first_time_fix.share.rate == 1
    ones = five_ones(city.stories(), city.at_once())
    assert {one["rate"] for one in ones.as_json().values()} == {1.0}


def tracked(city, number):
    """Return the secret of the reporter's link, which only the reporter is told."""
    with city.app.app_context():
        chosen = db.select(Report.token).where(Report.ticket_id == int(number[1:]))
        return db.session.scalars(chosen.order_by(Report.id)).first()


def test_a_resident_reports_by_the_form_and_hears_of_each_step(city, client):
    form = {
        "key": str(uuid.uuid4()),
        "category": "burst",
        "address": "Wuyi Road 12",
        "lat": str(IN_WEST.lat),
        "lon": str(IN_WEST.lon),
        "accuracy": "15",
        "source": "gps",
    }
    link = client.post("/report", data=form).location
    city.plan()
    city.drive("W000001", *ROAD)
    assert "Is it fixed?" in client.get(link).text
    assert client.post(f"{link}/answer", data={"answer": "not_fixed"}).status_code == 303
    assert city.read("W000001")["state"] == "reopened"
    city.plan()
    city.drive("W000001", *ROAD)
    assert client.post(f"{link}/answer", data={"answer": "fixed"}).status_code == 303
    ticket = city.step("W000001", "close")
    assert (ticket["state"], ticket["reopenings"], ticket["dispatches"]) == ("closed", 1, 2)
    [story] = city.stories()
    assert five_ones([story], city.at_once()).one_fix.rate == 0


def test_a_crew_that_declines_is_not_asked_again(city):
    number = city.call()["number"]
    city.plan()
    first = city.read(number)["crew"]["id"]
    city.tap(number, "decline", chosen="Busy", words="flat tyre")
    assert city.read(number)["state"] == "accepted"
    city.plan()
    ticket = city.read(number)
    assert ticket["state"] == "dispatched"
    assert ticket["crew"]["id"] != first
    assert ticket["arrive_due_at"].startswith("2026-03-02T10:00:00")


def test_a_returned_ticket_keeps_its_promise(city):
    before = city.call()
    number = before["number"]
    city.step(number, "dispatch", crew_id=city.crew_ids[2], override_reason="nearer")
    crew = city.crews[city.crew_ids[2]]
    assert city.step(number, "return", by=crew, reason="not our grid")["state"] == "returned"
    city.step(number, "dispatch", crew_id=city.crew_ids[0], override_reason="their grid")
    city.drive(number, *ROAD)
    after = city.step(number, "close")
    for due in ("dispatch_due_at", "arrive_due_at", "repair_due_at", "received_at"):
        assert after[due] == before[due]
    assert (after["returns"], after["dispatches"]) == (1, 2)
    assert city.figures().total.circle.met == 1


def test_a_second_visit_on_the_same_ticket_is_neither_one_arrival_nor_one_fix(city):
    number = city.call()["number"]
    city.plan()
    city.drive(number, "acknowledge", "set-off", "arrive")
    arrived = city.read(number)["arrived_at"]
    city.tap(number, "cannot-complete", chosen="part_missing", words="DN100 clamp")
    assert city.read(number)["state"] == "accepted"
    city.plan()
    city.drive(number, *ROAD)
    ticket = city.step(number, "close")
    assert (ticket["arrived_at"], len(ticket["visits"])) == (arrived, 2)
    ones = five_ones(city.stories(), city.at_once())
    assert (ones.one_arrival.rate, ones.one_fix.rate, ones.one_call.rate) == (0, 0, 1)
    assert city.figures().causes == {"part_missing": 1}


def test_a_duplicate_is_merged_and_both_reporters_follow_one_ticket(city):
    first, second = (
        city.call()["number"],
        city.call(reporter={"name": "Wu", "phone": "13912340000"}),
    )
    merged = city.step(second["number"], "merge", into=first)
    assert merged["state"] == "duplicate"
    assert city.read(first)["reports"] == 2
    city.plan()
    city.drive(first, *ROAD)
    city.step(first, "close")
    assert city.figures().total.circle.n == 1
    ones = five_ones(city.stories(), city.at_once())
    assert ones.one_ticket.rate == 0
    separated = city.step(second["number"], "separate")
    assert (separated["state"], city.read(first)["reports"]) == ("accepted", 1)


def test_a_closed_ticket_is_reopened_by_the_desk(city):
    number = city.call()["number"]
    city.plan()
    city.drive(number, *ROAD)
    city.step(number, "close")
    ticket = city.step(number, "reopen", reason="the neighbour says that it drips")
    assert (ticket["state"], ticket["completed_at"], ticket["closed_at"]) == (
        "reopened",
        None,
        None,
    )
    city.plan()
    assert city.read(number)["state"] == "dispatched"
