"""Can a person's browser join and leave those that are told by push, and nobody else's?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.adapters.messages.libraries import new_push_keys
from dispatch.adapters.steady_clock import wall_clock
from dispatch.queries.push_devices import devices_of
from tests.visitors import visitor

PATH = "/api/v1/push-subscriptions"
PUSH = {"endpoint": "https://push.localtest/1", "keys": {"p256dh": "B" * 87, "auth": "a" * 22}}
HERE = {"endpoint": PUSH["endpoint"]}
PRIVATE = new_push_keys()[0]


@pytest.fixture(autouse=True)
def push(app, monkeypatch):
    settings = replace(
        app.config["SETTINGS"], webhook_hosts="push.localtest", vapid_private_key=PRIVATE,
        vapid_contact="mailto:a@b.example",
    )  # fmt: skip
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setattr(
        "dispatch.adapters.messages.posting.socket.getaddrinfo",
        lambda *_asked, **_named: [(2, 1, 6, "", ("127.0.0.1", 443))],
    )
    return settings


def devices(client):
    return [each["id"] for each in client.get(PATH).json["devices"]]


def test_a_browser_joins_once_and_leaves(sign_in):
    ann, bob = sign_in("dispatcher"), sign_in("crew")
    assert len(ann.get(f"{PATH}/key").json["public_key"]) == 87
    device = ann.post(PATH, json=PUSH, headers={"User-Agent": "Firefox"}).json["device"]
    assert ann.post(PATH, json=PUSH).json["device"]["id"] == device["id"]
    assert (device["agent"], devices(ann), devices(bob)) == ("Firefox", [device["id"]], [])
    assert bob.post(f"{PATH}/{device['id']}/delete", json={}).status_code == 404
    assert ann.post(f"{PATH}/{device['id']}/delete", json={}).json == {"devices": []}
    assert ann.post(f"{PATH}/here", json=HERE).json == {"device": None}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.localtest/1", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.7/x",
        "https://inside.example/", "nonsense",
    ],
)  # fmt: skip
def test_an_endpoint_that_leads_inside_is_refused(sign_in, endpoint):
    ann = sign_in("dispatcher")
    assert ann.post(PATH, json=PUSH | {"endpoint": endpoint}).status_code == 422
    assert devices(ann) == []


def test_strangers_and_other_sites_cannot_join(app, sign_in):
    assert visitor(app).post(PATH, json=PUSH).status_code == 401
    ann = sign_in("dispatcher")
    ann.carries_token = False
    for path, body in ((PATH, PUSH), (f"{PATH}/here", HERE), (f"{PATH}/1/delete", {})):
        assert ann.post(path, json=body).status_code == 400
    assert devices(ann) == []


def test_signing_out_ends_the_pushes_to_that_browser(app, sign_in):
    ann = sign_in("dispatcher")
    ann.post(PATH, json=PUSH)
    other = sign_in("dispatcher")
    other.post(PATH, json=PUSH | {"endpoint": "https://push.localtest/2"})
    ann.post("/sign-out")
    assert len(devices(other)) == 1
    with app.app_context():
        assert devices_of(ann.user_id) == []


def test_a_browser_is_known_again_and_its_use_noted(app, sign_in, monkeypatch):
    ann = sign_in("dispatcher")
    device = ann.post(PATH, json=PUSH).json["device"]
    assert ann.post(f"{PATH}/here", json=HERE).json["device"] == device
    later = wall_clock() + timedelta(hours=2)
    monkeypatch.setitem(app.extensions, "clock", lambda: later)
    used = ann.post(f"{PATH}/here", json=HERE).json["device"]
    assert (used["id"], used["created_at"]) == (device["id"], device["created_at"])
    assert used["last_used_at"] > device["last_used_at"]
    bob = sign_in("crew")
    assert bob.post(f"{PATH}/here", json=HERE).json == {"device": None}
    assert devices(ann) == []


@pytest.mark.parametrize(
    ("told", "is_set_up"),
    [
        ({}, True), ({"vapid_private_key": ""}, False), ({"vapid_private_key": "nonsense"}, False),
        ({"vapid_contact": ""}, False),
        ({"vapid_contact": "", "base_url": "https://desk.example"}, True),
    ],
)  # fmt: skip
def test_the_key_is_told_where_pushes_are_set_up(app, sign_in, push, monkeypatch, told, is_set_up):
    monkeypatch.setitem(app.config, "SETTINGS", replace(push, **told))
    key = sign_in("crew").get(f"{PATH}/key").json["public_key"]
    assert (key is not None) == is_set_up
