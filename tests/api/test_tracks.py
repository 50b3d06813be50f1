"""Does somebody who may send a crew learn its way, and is the look written down?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent
from tests.factories import make_city

HOUR = timedelta(hours=1)
WAY = "/api/v1/crews/1/track"


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        found = make_city(now)
        record_position(1, Point(28.1, 112.9), measured_at=now - HOUR, accuracy_metres=8.0)
        return {"east": found.east.id, "west": found.west.id}


@pytest.mark.usefixtures("city", "clock")
def test_the_last_eight_hours_of_a_crew_are_told_and_the_look_is_kept(app, sign_in, now):
    answer = sign_in("dispatcher").get(WAY).json
    assert answer["crew"]["name"] == "W1"
    assert (answer["from_at"], answer["to_at"]) == ((now - 8 * HOUR).isoformat(), now.isoformat())
    assert (answer["gap_seconds"], answer["kept_days"], answer["marks"]) == (180, 7, [])
    [point] = answer["points"]
    assert (point["lat"], point["lon"], point["accuracy_metres"]) == (28.1, 112.9, 8.0)
    with app.app_context():
        [look] = db.session.query(SettingsEvent).all()
        assert (look.subject, look.subject_key) == ("track", "W1")


@pytest.mark.usefixtures("city", "clock")
@pytest.mark.parametrize("hours", [0, -1, 25])
def test_a_window_backwards_or_longer_than_a_day_is_refused(sign_in, now, hours):
    asked = {"from": now.isoformat(), "to": (now + hours * HOUR).isoformat()}
    answer = sign_in("dispatcher").get(WAY, query_string=asked)
    assert answer.status_code == 422
    assert "to" in answer.json["error"]["fields"]


@pytest.mark.usefixtures("clock")
def test_a_leader_sees_the_own_crews_and_a_look_at_another_is_no_look(app, city, sign_in):
    assert sign_in("team_leader", team_id=city["west"]).get(WAY).status_code == 200
    other = sign_in("team_leader", team_id=city["east"])
    assert other.get(WAY).status_code == 404
    with app.app_context():
        assert db.session.query(SettingsEvent).count() == 1


@pytest.mark.usefixtures("city", "clock")
@pytest.mark.parametrize("role", ["call_taker", "manager", "auditor", "crew"])
def test_who_may_not_send_a_crew_sees_no_way(sign_in, role):
    assert sign_in(role).get(WAY).status_code == 403
