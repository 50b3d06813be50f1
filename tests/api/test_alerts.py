"""Can a program read alerts, take note, and write the rota and the ladder whole or not at all?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.clockwork import fire_due
from dispatch.actions.unit_of_work import transaction
from dispatch.models.alerts import RotaEntry
from dispatch.models.base import db
from tests.factories import make_city, make_ticket


@pytest.fixture
def desk(app, sign_in, now, clock):
    visitor = sign_in("dispatcher", name="Li Na")
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
        db.session.add(
            RotaEntry(duty="dispatcher", user_id=visitor.user_id, start_minute=0, end_minute=0)
        )
    with app.app_context(), transaction():
        fire_due(now + timedelta(minutes=15), limit=100)
    return visitor


def test_my_alerts_say_what_how_late_and_whose(desk):
    answer = desk.get("/api/v1/alerts/mine")
    assert answer.json["count"] == 2
    assert answer.json["clockwork"]["level"] in {"ok", "amber", "red"}
    arrive = next(each for each in answer.json["alerts"] if each["clock"] == "arrive")
    assert arrive["ticket"] == "W000001"
    assert (arrive["percent"], arrive["late_ms"], arrive["people"]) == (50, 0, ["Li Na"])
    assert arrive["rule"] == "Crew: nobody on duty, so it goes up: Dispatcher."
    same = desk.get("/api/v1/alerts/mine", headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304


def test_an_alert_is_acknowledged_by_name_and_twice_is_once(desk):
    first = desk.post("/api/v1/alerts/1/acknowledge").json["alert"]
    assert (first["state"], first["acknowledged_by"]) == ("acknowledged", "Li Na")
    assert desk.post("/api/v1/alerts/1/acknowledge").json["alert"] == first
    assert desk.post("/api/v1/alerts/99/acknowledge").status_code == 404
    assert desk.get("/api/v1/alerts?state=open").json["total"] == 1
    assert desk.get("/api/v1/alerts?ticket=W000001").json["total"] == 2
    assert desk.get("/api/v1/alerts?ticket=W000002").status_code == 404


def put(admin, path, body):
    """Put a whole in another's place that was just looked at."""
    return admin.put(path, json=body, headers={"If-Match": admin.get(path).headers["ETag"]})


@pytest.mark.usefixtures("desk")
def test_the_rota_is_written_whole_or_not_at_all(sign_in):
    admin = sign_in("administrator")
    person = admin.get("/api/v1/rota").json["entries"][0]["person"]
    whole = [{"duty": "duty_manager", "person": person, "start": "08:00", "end": "20:00"}]
    written = put(admin, "/api/v1/rota", {"entries": whole})
    assert [each["duty"] for each in written.json["entries"]] == ["duty_manager"]
    bad = [*whole, {"duty": "crew", "person": "nobody"}]
    refused = put(admin, "/api/v1/rota", {"entries": bad})
    assert refused.status_code == 422
    assert list(refused.json["error"]["fields"]) == ["entries.1.person"]
    bad = [*whole, {"duty": "crew", "person": person, "weekdays": "9"}]
    refused = put(admin, "/api/v1/rota", {"entries": bad})
    assert list(refused.json["error"]["fields"]) == ["entries.1.weekdays"]
    refused = put(admin, "/api/v1/rota", {"entries": []})
    assert list(refused.json["error"]["fields"]) == ["entries"]
    assert admin.get("/api/v1/rota").json == written.json


@pytest.mark.usefixtures("desk")
def test_the_ladder_is_written_whole_or_not_at_all(sign_in):
    admin = sign_in("administrator")
    usual = admin.get("/api/v1/ladder").json
    assert [each["percent"] for each in usual["steps"]] == [50, 80, 100, 150]
    for step, field in (
        ({"percent": 50, "duty": "crew", "pass_on_minutes": -1}, "steps.0.pass_on_minutes"),
        ({"percent": 50, "duty": "team_leader"}, "steps.0.duty"),
        ({"percent": 0, "duty": "crew"}, "steps.0.percent"),
    ):
        refused = put(admin, "/api/v1/ladder", {"steps": [step]})
        assert refused.status_code == 422
        assert list(refused.json["error"]["fields"]) == [field]
    assert admin.get("/api/v1/ladder").json == usual
    steps = [{"percent": 60, "duty": "dispatcher", "pass_on_minutes": 2}]
    assert put(admin, "/api/v1/ladder", {"steps": steps}).status_code == 200
    assert admin.get("/api/v1/ladder").json["steps"][0]["percent"] == 60


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("what", ["rota", "ladder"])
def test_who_saw_an_older_rota_or_ladder_is_told_by_whom_it_was_changed(sign_in, what):
    admin, path = sign_in("administrator"), f"/api/v1/{what}"
    seen = admin.get(path)
    bodies = {
        "rota": [
            {
                "entries": [
                    {"duty": duty, "person": admin.get("/api/v1/rota").json["entries"][0]["person"]}
                ]
            }
            for duty in ("dispatcher", "duty_manager")
        ],
        "ladder": [{"steps": [{"percent": percent, "duty": "dispatcher"}]} for percent in (60, 70)],
    }[what]
    headers = {"If-Match": seen.headers["ETag"]}
    first = admin.put(path, json=bodies[0], headers=headers)
    assert first.status_code == 200
    assert first.headers["ETag"] == admin.get(path).headers["ETag"] != seen.headers["ETag"]
    refused = admin.put(path, json=bodies[1], headers=headers)
    assert refused.status_code == 409
    facts = refused.json["error"]["facts"]
    assert facts["changed_by"]
    assert facts["changed_at"]
    assert admin.get(path).json == first.json
    headers = {"If-Match": first.headers["ETag"]}
    assert admin.put(path, json=bodies[1], headers=headers).status_code == 200


def test_a_dispatcher_writes_neither(desk):
    assert desk.put("/api/v1/rota", json={"entries": []}).status_code == 403
    assert desk.put("/api/v1/ladder", json={"steps": []}).status_code == 403


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/rota", {"entries": [{"duty": "dispatcher", "person": "administrator"}]}),
        ("/api/v1/ladder", {"steps": [{"percent": 60, "duty": "dispatcher"}]}),
    ],
)
def test_nobody_replaces_what_they_did_not_look_at(sign_in, path, body):
    admin = sign_in("administrator")
    before = admin.get(path)
    refused = admin.put(path, json=body)
    assert refused.status_code == 428
    assert "If-Match" in refused.json["error"]["message"]
    assert admin.get(path).json == before.json
