"""Can a leader make a round on the page, from planned visits and households of a grid?"""

from __future__ import annotations

import uuid

import pytest

from dispatch.models.base import db
from dispatch.models.rounds import RoundStop
from tests.rounds import add_households
from tests.trips import another_ticket, open_burst

PAGE = "/desk/rounds"


@pytest.fixture
def leader(app, clock, now, sign_in):
    with app.app_context():
        open_burst(now)
        add_households()
        another_ticket(now, kind="planned", category="other")
    clock.shift(60)
    return sign_in("team_leader", team_id=1)


def make(browser, *stops: str, crew: str = "1", **form: str):
    form = {"key": str(uuid.uuid4()), "day": "2026-03-02", "crew": crew} | form
    return browser.post(PAGE, data={**form, "stop": list(stops)})


def stops(app):
    with app.app_context():
        rows = db.session.query(RoundStop).order_by(RoundStop.id)
        return [(row.household_id, row.ticket_id, row.state) for row in rows]


def test_a_round_is_made_and_a_stop_taken_off(app, leader):
    assert "Choose a grid above" in leader.get(PAGE).text
    page = leader.get(f"{PAGE}?grid=1&crew=1&day=2026-03-02").text
    assert 'value="household:H-1"' in page
    assert 'value="ticket:W000002"' in page
    made = make(leader, "household:H-1", "ticket:W000002")
    assert (made.status_code, made.headers["Location"]) == (303, f"{PAGE}?day=2026-03-02")
    assert stops(app) == [(None, 2, "waiting"), (1, None, "waiting")]
    page = leader.get(f"{PAGE}?grid=1").text
    assert 'value="household:H-1"' not in page
    off = {"key": str(uuid.uuid4())}
    for _ in range(2):
        answer = leader.post(f"{PAGE}/stops/2/take-off?day=2026-03-02", data=off)
        assert answer.status_code == 303
    assert stops(app)[1] == (1, None, "taken_off")
    again = leader.post(f"{PAGE}/stops/2/take-off", data={"key": str(uuid.uuid4())})
    assert again.status_code == 409


def test_what_is_refused_is_said_and_the_ticks_stay(app, leader):
    empty = make(leader)
    assert empty.status_code == 422
    assert "Choose from 1 to 40 stops" in empty.text
    other = make(leader, "household:H-2", crew="3", grid="1")
    assert other.status_code == 404
    assert 'value="household:H-2" checked' in other.text
    for crew in ("x", "0", "9" * 30):
        assert make(leader, "household:H-2", crew=crew).status_code == 404
    assert make(leader, "household:H-2", day="2026-03-01").status_code == 422
    assert stops(app) == []


def test_the_same_form_sent_twice_makes_one_round(app, leader):
    form = {"key": str(uuid.uuid4()), "crew": "1", "stop": ["household:H-1"], "day": "2026-03-02"}
    assert [leader.post(PAGE, data=form).status_code for _ in range(2)] == [303, 303]
    assert stops(app) == [(1, None, "waiting")]


def test_only_who_may_send_crews_makes_rounds(leader, sign_in):
    assert sign_in("dispatcher").get(PAGE).status_code == 200
    assert sign_in("call_taker").get(PAGE).status_code == 403
    assert make(sign_in("crew", crew_id=1), "household:H-1").status_code == 403


def test_a_leader_takes_back_what_a_crew_tapped(app, leader, sign_in):
    make(leader, "household:H-1")
    sign_in("crew", crew_id=1).post("/crew/round/1/done", data={"key": str(uuid.uuid4())})
    assert "/desk/rounds/stops/1/undo" in leader.get(PAGE).text
    undo = {"key": str(uuid.uuid4())}
    assert leader.post(f"{PAGE}/stops/1/undo?day=2026-03-02", data=undo).status_code == 303
    assert stops(app) == [(1, None, "waiting")]
