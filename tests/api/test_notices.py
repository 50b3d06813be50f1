"""May a program announce an interruption, and does anybody read where the water is off?"""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city, make_ticket
from tests.notices import HOUR, announce

PATH = "/api/v1/notices"
HERE = {"lat": 28.15, "lon": 112.95}
RING = [[112.9, 28.1], [113, 28.1], [113, 28.2], [112.9, 28.1]]
CORNER = {"type": "Polygon", "coordinates": [RING]}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)


@pytest.fixture
def desk(city, sign_in):
    return sign_in("dispatcher")


def wanted(now, **more: Any):
    return {
        "kind": "planned",
        "categories": ["no_water"],
        "outline": CORNER,
        "area": "Furong Road",
        "area_zh": "芙蓉路",
        "text": "The valve is changed.",
        "text_zh": "更换阀门",
        "begins_at": now.isoformat(),
        "ends_at": (now + 4 * HOUR).isoformat(),
    } | more  # fmt: skip


def step(desk, name, version, body=None):
    return desk.post(f"{PATH}/1{name}", json=body or {}, headers={"If-Match": f'"{version}"'})


def test_a_notice_goes_its_way_by_version(desk, now):
    key = {"Idempotency-Key": "one"}
    made = desk.post(PATH, json=wanted(now), headers=key)
    assert (made.status_code, made.json["notice"]["state"]) == (201, "draft")
    assert desk.post(PATH, json=wanted(now), headers=key).headers["Idempotent-Replayed"] == "true"
    assert desk.post(f"{PATH}/1/publish", json={}).status_code == 428
    changed = step(desk, "", 1, wanted(now, grids=["West"], outline=None))
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert step(desk, "/publish", 1).status_code == 409
    assert step(desk, "/publish", 2).json["notice"]["state"] == "in_force"
    later = {"ends_at": (now + 6 * HOUR).isoformat(), "reason": "second valve"}
    assert step(desk, "/extend", 3, later).status_code == 200
    assert step(desk, "/end", 4, {"reason": "done"}).json["notice"]["state"] == "ended"
    assert [each["state"] for each in desk.get(PATH).json["notices"]] == ["ended"]
    assert step(desk, "/resume", 5, {"reason": "not yet"}).json["notice"]["state"] == "in_force"
    assert step(desk, "/resume", 6, {"reason": ""}).json["error"]["code"] != "stale"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"outline": {"type": "Point", "coordinates": [1, 2]}}, "outline"),
        ({"categories": ["bill"]}, "categories"),
        ({"begins_at": "now"}, "begins_at"),
        ({"grids": ["Nowhere"]}, "grids"),
    ],
)
def test_what_is_wrong_is_named(desk, now, more, field):
    refused = desk.post(PATH, json=wanted(now, **more))
    assert refused.status_code == 422
    assert any(name.startswith(field) for name in refused.json["error"]["fields"])


def test_only_those_who_may_announce(city, sign_in, client, now):
    assert sign_in("call_taker").post(PATH, json=wanted(now)).status_code == 403
    assert client.get(PATH).status_code == 401


def test_anybody_reads_the_areas_in_force_and_what_is_near(app, city, client, now):
    with app.app_context(), transaction():
        announce(now, ticket="W1")
        announce(now, begins_at=now + HOUR)
    answer = client.get(f"{PATH}.geojson")
    [feature] = answer.json["features"]
    assert (answer.mimetype, feature["properties"]["area_zh"]) == ("application/geo+json", "芙蓉路")
    assert "ticket" not in feature["properties"]
    again = client.get(f"{PATH}.geojson", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    near = client.post(f"{PATH}/search", json=HERE).json["notices"]
    assert [(each["state"], each["here"]) for each in near] == [
        ("in_force", True),
        ("coming", True),
    ]
    assert client.post(f"{PATH}/search", json={"lat": 1.0, "lon": 2.0}).json["notices"] == []


def test_a_notice_stands_among_the_suggestions_and_its_ticket_only_there(app, desk, now):
    with app.app_context(), transaction():
        announce(now, ticket="W1")
    asked = HERE | {"category": "no_water"}
    found = desk.post("/api/v1/duplicates/search", json=asked).json
    assert [each["ticket"] for each in found["notices"]] == ["W000001"]
    assert found["notices"][0]["tell"].startswith("Tell the caller")
    assert found["duplicates"] == []


def test_a_report_joins_and_says_which_notice_without_words_of_others(app, city, client, desk, now):
    with app.app_context(), transaction():
        announce(now, ticket="W1")
    told = {"category": "no_water", "address": "Furong Road 9", "place": HERE}
    reply = client.post("/api/v1/reports", json=told)
    assert reply.status_code == 201
    ticket = reply.json["ticket"]
    assert (ticket["number"], ticket["address"]) == ("W000001", "Furong Road 9")
    assert "Wuyi" not in reply.text
    assert (reply.json["notice"]["id"], reply.json["notice"]["area"]) == (1, "Furong Road")
    full = desk.post("/api/v1/reports", json=told | {"channel": "12345"}).json
    assert (full["ticket"]["number"], full["ticket"]["reports"]) == ("W000001", 3)
    urgent = desk.post("/api/v1/reports", json=told | {"channel": "12345", "level": 1}).json
    assert (urgent["ticket"]["number"], urgent["notice"]) == ("W000002", None)
