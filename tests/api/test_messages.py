"""Can a program see what was sent, masked, and manage endpoints without meeting a secret twice?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Idempotency
from tests.factories import make_city, make_ticket

GOOD = {"name": "ERP", "url": "https://erp.localtest/hook", "kinds": ["arrived"]}


@pytest.fixture
def admin(app, sign_in, monkeypatch):
    settings = replace(app.config["SETTINGS"], webhook_hosts="erp.localtest")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setattr(
        "dispatch.adapters.messages.posting.socket.getaddrinfo",
        lambda *_asked, **_named: [(2, 1, 6, "", ("127.0.0.1", 443))],
    )
    return sign_in("administrator")


def test_the_messages_of_a_ticket_are_masked(app, sign_in, now):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, reporter_phone="13800005678")
    answer = sign_in("dispatcher").get("/api/v1/tickets/W000001/messages")
    (message,) = answer.json["messages"]
    assert (message["to"], message["state"]) == ("138****5678", "waiting")
    names = ("Text message", "Report received", "waiting to be sent")
    assert (message["channel_name"], message["step_name"], message["state_name"]) == names
    assert "13800005678" not in answer.text
    assert sign_in("manager").get("/api/v1/tickets/W000001/messages").status_code == 403
    assert sign_in("dispatcher").get("/api/v1/tickets/W000009/messages").status_code == 404


def test_an_endpoint_lives_by_the_api(admin):
    made = admin.post("/api/v1/webhooks", json=GOOD)
    assert made.status_code == 201
    row = made.json["webhook"]
    assert row["secret"].startswith("whsec_")
    path = f"/api/v1/webhooks/{row['id']}"
    assert "secret" not in admin.get("/api/v1/webhooks").json["webhooks"][0]
    stale = admin.post(path, json=GOOD, headers={"If-Match": '"9"'})
    assert stale.status_code == 409
    assert admin.post(path, json=GOOD | {"name": "SAP"}).json["webhook"]["name"] == "SAP"
    assert admin.post(f"{path}/secret", json={}).json["webhook"]["secret"] != row["secret"]
    assert admin.get(f"{path}/deliveries").json == {"deliveries": [], "page": 1, "pages": 1}
    admin.post(f"/admin/webhooks/{row['id']}/test")
    (delivery,) = admin.get(f"{path}/deliveries").json["deliveries"]
    assert (delivery["kind"], delivery["tries"]) == ("test", [])
    assert admin.post(f"/api/v1/messages/{delivery['id']}/resend", json={}).json == {"resent": 1}
    for step in ("", "/secret", "/delete"):
        old = {"If-Match": f'"{row["version"]}"'}
        body = {} if step else GOOD
        assert admin.post(path + step, json=body, headers=old).status_code == 409
    assert admin.post(f"{path}/delete", json={}).json == {"webhooks": []}
    assert admin.get(f"{path}/deliveries").status_code == 404


def test_an_endpoint_is_added_once_for_a_key_that_keeps_no_secret(app, admin):
    headers = {"Idempotency-Key": "one"}
    first, second = (admin.post("/api/v1/webhooks", json=GOOD, headers=headers) for _ in range(2))
    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(admin.get("/api/v1/webhooks").json["webhooks"]) == 1
    with app.app_context():
        kept = db.session.scalars(select(Idempotency)).one()
    assert first.json["webhook"]["secret"] not in str(kept.reply)


@pytest.mark.parametrize("path", ["/api/v1/messages/1/resend", "/admin/messages/1/resend"])
def test_a_message_that_is_not_there_is_not_sent_again(admin, path):
    assert admin.post(path, json={}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://[::1]/"}, "url"), ({"url": "https://x.example/"}, "url"),
        ({"kinds": ["x"]}, "kinds"), ({"kinds": []}, "kinds"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_a_wrong_endpoint_is_refused_by_its_field(admin, wrong, field):
    answer = admin.post("/api/v1/webhooks", json=GOOD | wrong)
    assert answer.status_code == 422
    assert set(answer.json["error"]["fields"]) == {field}
    assert admin.get("/api/v1/webhooks").json["webhooks"] == []


@pytest.mark.parametrize("body", [{}, {"kinds": []}, {"kinds": None}, {"kinds": "arrived"}])
def test_an_endpoint_without_kinds_reads_which_there_are(admin, body):
    asked = {name: value for name, value in GOOD.items() if name != "kinds"}
    answer = admin.post("/api/v1/webhooks", json=asked | body)
    assert answer.status_code == 422
    said = answer.json["error"]["fields"]["kinds"]
    assert said.startswith("Name the kinds of events in “kinds”")
    assert "arrived, " in said


def test_metrics_count_messages(app, client, now):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, reporter_phone="13800005678")
    page = client.get("/metrics").text
    assert 'onevisit_messages{channel="sms",state="waiting"} 1.0' in page
    assert "onevisit_oldest_waiting_message_seconds" in page
