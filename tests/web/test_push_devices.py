"""Can a person see, try and remove the own devices, and is the worker where its scope is?"""

from __future__ import annotations

import uuid

from dispatch.actions.push_devices import Browser, add_device
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from tests.visitors import without_tokens

AGENT = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"


def add(app, user_id, now, name="1"):
    with app.app_context(), transaction():
        endpoint = f"https://push.example/{name}"
        keys = {"p256dh": "B", "auth": "a"}
        return add_device(Browser(user_id, None, AGENT), endpoint, keys, now=now).id


def test_the_own_devices_are_listed_tried_and_removed(app, sign_in, now):
    ann, bob = sign_in("dispatcher"), sign_in("crew")
    device = add(app, ann.user_id, now)
    page = without_tokens(ann.get("/account").text)
    assert "Chrome, Android" in page
    assert "Chrome, Android" not in without_tokens(bob.get("/account").text)
    key = str(uuid.uuid4())
    for _ in range(2):
        sent = ann.post(f"/account/devices/{device}/test", data={"key": key})
        assert (sent.status_code, sent.location) == (303, "/account#devices")
    with app.app_context():
        [row] = db.session.query(Outbox).all()
        assert (row.template, row.recipient) == ("push_test", f"device/{device}")
    assert "Kept here: this channel is not set up." in ann.get("/account").text
    for word in ("test", "remove"):
        assert bob.post(f"/account/devices/{device}/{word}").status_code == 404
    assert ann.post(f"/account/devices/{device}/remove").status_code == 303
    assert "Chrome, Android" not in without_tokens(ann.get("/account").text)


def test_the_worker_stands_at_the_root_and_is_looked_at_anew(client):
    answer = client.get("/push-worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    answer.close()
    manifest = client.get("/app.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert manifest.get_json(force=True)["display"] == "standalone"


def test_a_push_leads_to_the_ticket_on_the_page_of_the_role(sign_in, client):
    for role, place in (("dispatcher", "/desk?ticket=W000001"), ("crew", "/crew/W000001")):
        assert sign_in(role).get("/alerts/ticket/W000001").location == place
    assert "/sign-in" in client.get("/alerts/ticket/W000001").location
