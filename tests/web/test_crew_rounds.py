"""Does one tap end a stop once, and does what a steward finds become a ticket?"""

from __future__ import annotations

import re
import uuid

import pytest

from dispatch.models.base import db
from dispatch.models.rounds import RoundStop
from dispatch.models.tickets import Report, Ticket
from tests.rounds import add_households, go_round
from tests.trips import another_ticket, open_burst, send

PAGE = "/crew/round"
HERE = {"lat": "28.16", "lon": "112.96", "accuracy": "8"}


@pytest.fixture
def crew(app, clock, now, sign_in):
    with app.app_context():
        open_burst(now)
        add_households()
        go_round(now, ["H-1", "H-2"])
    clock.shift(60)
    return sign_in("crew", crew_id=1, name="Wang")


def tap(crew, path, **form: str):
    return crew.post(f"{PAGE}/{path}", data={"key": str(uuid.uuid4())} | form)


def stop(app, number=1):
    with app.app_context():
        row = db.session.get(RoundStop, number)
        return row.state, row.note, row.lat


def ahead(page):
    """Return which stop stands first on the page."""
    return re.search(r'id="ahead" data-stop="(\w+)"', page.text)[1]


def test_a_steward_takes_another_stop_first(app, crew):
    assert ahead(crew.get(PAGE)) == "1"
    page = crew.get(f"{PAGE}?stop=2")
    assert ahead(page) == "2"
    assert 'href="/crew/round?stop=1" data-first>' in page.text
    assert 'href="/crew/round?stop=2" data-first hidden>' in page.text
    assert tap(crew, "2/done").status_code == 303
    for asked in ("2", "99", "x", "9" * 30, ""):
        assert ahead(crew.get(f"{PAGE}?stop={asked}")) == "1"


def test_the_next_stop_stands_first_until_all_are_done(app, crew):
    page = crew.get(PAGE).text
    assert page.index("Furong Road 1") < page.index("Furong Road 2")
    key = str(uuid.uuid4())
    for _ in range(2):
        assert tap(crew, "1/done", key=key, note="Meter read", **HERE).status_code == 303
    assert stop(app) == ("done", "Meter read", 28.16)
    assert tap(crew, "2/nobody-home").status_code == 303
    assert "The round is done" in crew.get(PAGE).text
    tap(crew, "2/done")
    assert "This stop has ended already: nobody home." in crew.get(PAGE).text
    assert tap(crew, "1/fly").status_code == 404


def test_a_find_at_a_stop_is_a_report_of_its_household(app, crew):
    assert "Burst main" in crew.get(f"{PAGE}/1/fault").text
    assert tap(crew, "1/fault", category="bill").status_code == 422
    said = {"category": "leak", "description": "Wet wall"}
    assert tap(crew, "1/fault", **said, **HERE).status_code == 303
    assert "Reported as W000002." in crew.get(PAGE).text
    with app.app_context():
        ticket, report = db.session.get(Ticket, 2), db.session.get(Report, 2)
        assert (ticket.household_id, ticket.lat, ticket.address) == (1, 28.151, "Furong Road 1")
        assert (report.channel, report.description) == ("crew", "Wet wall")
    assert stop(app) == ("fault_found", "Wet wall", 28.16)
    assert tap(crew, "1/fault", **said).status_code == 409
    with app.app_context():
        assert db.session.query(Ticket).count() == 2


def test_what_is_open_at_a_household_is_shown_before_it_is_reported_again(app, crew, now):
    with app.app_context():
        another_ticket(now, category="leak", household_id=1)
    assert "Already open here:" in crew.get(f"{PAGE}/1/fault").text
    assert "Already open here:" not in crew.get(f"{PAGE}/2/fault").text


def test_a_find_on_the_way_takes_the_place_of_the_phone(app, crew):
    assert (
        tap(crew, "fault", category="cover_missing", address="Wuyi Road", **HERE).status_code == 303
    )
    assert tap(crew, "fault", category="noise").status_code == 422
    assert tap(crew, "fault", category="noise", address="Wuyi Road").status_code == 303
    with app.app_context():
        first, second = db.session.get(Ticket, 2), db.session.get(Ticket, 3)
        assert (first.lat, first.address, first.place_source) == (28.16, "Wuyi Road", "gps")
        assert (second.state, second.lat) == ("received", None)


def test_nobody_sees_or_ends_the_stops_of_another_crew(app, crew, sign_in):
    other = sign_in("crew", crew_id=2)
    assert "No round today" in other.get(PAGE).text
    assert other.get(f"{PAGE}/1/fault").status_code == 404
    assert tap(other, "1/done").status_code == 404
    assert stop(app)[0] == "waiting"
    nobody = sign_in("crew", crew_id=None)
    assert "No round today" in nobody.get(PAGE).text
    assert tap(nobody, "fault", category="noise").status_code == 404


def test_crew_and_desk_see_who_stood_at_the_household(app, crew, sign_in, now):
    tap(crew, "1/done", note="Meter read")
    with app.app_context():
        another_ticket(now, category="leak", household_id=1)
        send(2, 1, now)
    page = crew.get("/crew/W000002").text
    assert "On a round" in page
    assert "Meter read" in page
    desk = sign_in("dispatcher")
    [visit] = desk.get("/api/v1/tickets/W000002/similar").json["rounds"]
    assert (visit["crew"], visit["state_name"], visit["note"]) == ("W1", "done", "Meter read")


def test_a_wrong_tap_is_taken_back(app, crew):
    tap(crew, "1/done")
    assert "/crew/round/1/undo" in crew.get(PAGE).text
    assert tap(crew, "1/undo").status_code == 303
    assert "This stop waits again." in crew.get(PAGE).text
    assert stop(app)[0] == "waiting"


def test_the_day_tells_the_phone_when_the_round_changed(app, crew):
    def tag():
        return crew.get("/crew").headers["ETag"]

    before = tag()
    assert "round:2026-03-02." in crew.get("/crew").text
    tap(crew, "1/done")
    assert tag() != before
