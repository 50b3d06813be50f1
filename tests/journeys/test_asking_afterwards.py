"""Does "not fixed" bring another crew to the same ticket, and is the reporter asked to the end?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.jobs.follow_ups import ask_and_give_up, draw_for_managers
from tests.follow_ups import questions
from tests.journeys.test_through_http import ROAD, City, tracked

DAY = timedelta(days=1)
ROUNDS = ("same_day", "day_7")


@pytest.fixture
def city(app, clock, sign_in, now):
    built = City(app, clock, sign_in, now)
    yield built
    built.expect_whole()


def asked(city):
    """Return each question with where it stands and what was said."""
    with city.app.app_context():
        return [(row.round, row.state, row.fixed) for row in questions()]


def links(city, after=timedelta()):
    """Let time pass and send the links that are due; return how many questions changed."""
    city.clock.shift(after)
    with city.app.app_context():
        return ask_and_give_up(city.at_once())


def repair(city, number):
    """Let the crew that the planner sends complete the ticket; return the crew's id."""
    city.plan()
    city.drive(number, *ROAD)
    ticket = city.read(number)
    assert ticket["state"] == "completed"
    return ticket["visits"][-1]["crew"]["id"]


def answer_link(browser, link, answer):
    """Answer on the page behind the reporter's link, as it is shown."""
    assert "Is it fixed?" in browser.get(link).text
    assert browser.post(f"{link}/answer", data={"answer": answer}).status_code == 303


def call_after_a_week(city, number):
    """Ask a week later: the link stays silent, then somebody of the desk calls."""
    assert links(city, 7 * DAY) == 1
    assert city.desk.get("/api/v1/follow-ups").json["follow_ups"] == []
    # The link of an evening is followed by a call the next morning.
    city.clock.shift(DAY)
    [call] = city.desk.get("/api/v1/follow-ups").json["follow_ups"]
    assert (call["number"], call["round"]) == (number, "day_7")
    said = {"answer": "fixed", "process": 4, "result": 5, "version": call["version"]}
    answer = city.desk.post(f"/api/v1/follow-ups/{call['id']}/answer", json=said)
    assert answer.status_code == 200, answer.json


def call_by_the_manager(city, manager):
    """Draw the calls of the last whole week; the manager takes the one there is, and is told."""
    with city.app.app_context():
        assert draw_for_managers(city.at_once()) == 1
        assert draw_for_managers(city.at_once()) == 0
        row = questions()[-1]
    pages = "/circle/audit-calls"
    assert manager.post(f"{pages}/next").location == f"{pages}?call={row.id}"
    said = {
        "answer": "fixed",
        "process": "5",
        "result": "4",
        "note": "",
        "version": row.version + 1,
    }
    assert manager.post(f"{pages}/{row.id}/answer", data=said).status_code == 303


def test_not_fixed_on_the_day_then_fixed_a_week_later_and_in_the_audit(city, client, sign_in):
    number = city.call()["number"]
    link = f"/t/{tracked(city, number)}"
    first = repair(city, number)
    assert asked(city) == [(each, "open", None) for each in ROUNDS]
    assert links(city) == 0
    assert links(city, timedelta(hours=1)) == 1
    answer_link(client, link, "not_fixed")

    # The same ticket is open for another crew; the week of the first repair is called off.
    assert city.read(number)["state"] == "reopened"
    before = [("same_day", "answered", "not_fixed"), ("day_7", "cancelled", None)]
    assert asked(city) == before
    second = repair(city, number)
    assert second != first
    assert asked(city)[2:] == [(each, "open", None) for each in ROUNDS]
    answer_link(client, link, "fixed")
    ticket = city.step(number, "close")
    assert (ticket["state"], ticket["reopenings"]) == ("closed", 1)

    call_after_a_week(city, number)
    call_by_the_manager(city, sign_in("manager", name="Wang Fang"))
    after = [(each, "answered", "fixed") for each in (*ROUNDS, "audit")]
    assert asked(city) == before + after
    assert city.read(number)["state"] == "closed"
    assert city.desk.get("/api/v1/follow-ups").json["follow_ups"] == []
