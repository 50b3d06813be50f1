"""Is nobody promised in a storm what cannot be kept: caller, resident, reader of figures?"""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest

from dispatch.actions.storms import begin_storm
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import RULE
from dispatch.domain.storm import Wanted
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.people import Crew
from dispatch.models.tickets import Report, Ticket
from tests.factories import make_city, make_ticket

HOUR = timedelta(hours=1)
CALL = {"category": "leak", "address": "Wuyi Road 12", "lat": "28.15", "lon": "112.95"}
TELL = {"Accept": "application/json"}


@pytest.fixture
def city(app, now, clock):
    with app.app_context(), transaction():
        make_city(now)
        for number in range(12):
            make_ticket(now, category="leak", address=f"Wuyi Road {number}")
    return app


def switch_on(app, now):
    with app.app_context(), transaction():
        begin_storm(Wanted("frost", "-12 °C", (), now + 9 * HOUR), actor=RULE, now=now)


def call(desk, **more: object):
    form = CALL | {"checked": "1", "phone": "13800005678"} | more
    return desk.post("/desk/call", data=form, headers=TELL).json


def test_a_call_is_told_its_place_and_hour_and_no_promise(city, sign_in, now):
    desk = sign_in("call_taker")
    assert "we promise a crew by" in call(desk, lat="28.11")["tell"]
    switch_on(city, now)
    told = call(desk)["tell"]
    assert "number 14 of 14 in the queue; a crew is expected between" in told
    assert "promise" not in told
    joined = call(desk, attach_to="W000012")["tell"]
    assert "number 12 of 14 in the queue" in joined


def test_without_a_crew_no_time_is_named(city, sign_in, now):
    switch_on(city, now)
    with city.app_context(), transaction():
        for crew in db.session.query(Crew):
            crew.active = False
    assert "no crew is on duty, so we cannot name a time yet" in call(sign_in("call_taker"))["tell"]


def test_before_it_is_saved_the_call_taker_sees_the_same(city, sign_in, now):
    desk, path = sign_in("call_taker"), "/desk/arrival?lat=28.15&lon=112.95&category=leak"
    assert desk.get(path).json["storm"] is None
    switch_on(city, now)
    assert desk.get(path).json["storm"]["position"] == 13
    # An emergency is next, and in time: the usual promise holds.
    assert desk.get(f"{path}&level=1").json["storm"]["position"] == 1


def test_the_resident_sees_the_place_in_the_queue_and_the_hour(city, client, sign_in, now):
    with city.app_context():
        before = db.session.get(Report, 12).token
    switch_on(city, now)
    call(sign_in("call_taker"))
    with city.app_context():
        token = db.session.query(Report).order_by(Report.id.desc()).first().token
        promises = db.session.query(Outbox).order_by(Outbox.id.desc()).first().content
    page = client.get(f"/t/{token}").text
    assert "Number 13 of 13 in the queue" in page
    assert "A crew is expected between" in page
    assert "Our promise" not in page
    assert promises["arrive_due_at"] is None
    # Who called before the storm keeps the promise, and sees the queue beside it.
    page = client.get(f"/t/{before}").text
    assert "Number 12 of 13 in the queue" in page
    assert "Our promise: there by" in page


def test_the_clock_and_the_figures_keep_the_usual_promise(city, sign_in, now, clock):
    switch_on(city, now)
    call(sign_in("call_taker"))
    with city.app_context():
        ticket = db.session.get(Ticket, 13)
        assert ticket.arrive_due_at == now + 0.5 * HOUR
    clock.shift(2 * HOUR)
    page = sign_in("manager").get("/circle?from=2026-03-02&to=2026-03-02").text
    assert "In storm mode and outside" in page
    assert "in a storm" in page
    file = sign_in("manager").get("/circle/rows.csv?from=2026-03-02&to=2026-03-02").text
    rows = list(csv.DictReader(file.removeprefix("\ufeff").splitlines()))
    assert [rows[at]["storm"] for at in (0, -1)] == ["0", "1"]
    assert "open_overdue" in rows[-1].values()


def test_figures_are_split_at_the_command(city, cli, now):
    switch_on(city, now)
    with city.app_context(), transaction():
        make_ticket(now)
    days = ("figures", "--from", "2026-03-02", "--to", "2026-03-03", "--by", "storm")
    result = cli(*days)
    assert result.exit_code == 0, result.output
    assert "in a storm" in result.output
    assert "outside" in result.output
