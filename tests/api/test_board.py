"""Does a program learn what each crew does over some hours?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city
from tests.trips import another_ticket, send

HOUR = timedelta(hours=1)


@pytest.fixture
def city(app, now):
    with app.app_context():
        with transaction():
            east = make_city(now).east.id
        another_ticket(now)
        send(1, 1, now)
        return {"east": east}


@pytest.mark.usefixtures("city", "clock")
def test_the_board_is_told_by_crew(sign_in, now):
    answer = sign_in("call_taker").get("/api/v1/board").json
    assert answer["as_of"] == now.isoformat()
    assert answer["from_at"] == (now - 2 * HOUR).isoformat()
    assert answer["to_at"] == (now + 8 * HOUR).isoformat()
    assert [row["name"] for row in answer["crews"]] == ["E1", "W1", "W2"]
    [bar] = answer["crews"][1]["bars"]
    assert (bar["ticket"], bar["state"], bar["is_missed"]) == ("W000001", "dispatched", False)


@pytest.mark.usefixtures("clock")
def test_a_leader_learns_of_the_own_crews(city, sign_in):
    answer = sign_in("team_leader", team_id=city["east"]).get("/api/v1/board").json
    assert [row["name"] for row in answer["crews"]] == ["E1"]


@pytest.mark.usefixtures("city", "clock")
def test_another_window_may_be_asked_for(sign_in, now):
    asked = {"from": (now - HOUR).isoformat(), "to": (now + HOUR).isoformat()}
    answer = sign_in("dispatcher").get("/api/v1/board", query_string=asked).json
    assert answer["crews"][0]["duties"] == [{"from_at": asked["from"], "to_at": asked["to"]}]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("hours", [0, -1, 49])
def test_a_window_backwards_or_too_long_is_refused(sign_in, now, hours):
    asked = {"from": now.isoformat(), "to": (now + hours * HOUR).isoformat()}
    answer = sign_in("dispatcher").get("/api/v1/board", query_string=asked)
    assert answer.status_code == 422
    assert "to" in answer.json["error"]["fields"]
