"""Are endpoints managed on their page, their secrets shown once, internal addresses refused?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import WebhookEndpoint

GOOD = {"name": "ERP", "url": "https://erp.localtest/hook", "kinds": ["arrived", "completed"]}


@pytest.fixture
def admin(app, sign_in, monkeypatch):
    settings = replace(app.config["SETTINGS"], webhook_hosts="erp.localtest")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    # The name is not looked up in a test; the posting tests do that.
    monkeypatch.setattr(
        "dispatch.adapters.messages.posting.socket.getaddrinfo",
        lambda *_asked, **_named: [(2, 1, 6, "", ("127.0.0.1", 443))],
    )
    return sign_in("administrator")


def rows(app):
    with app.app_context():
        return db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all()


def test_the_secret_is_shown_once(app, admin):
    answer = admin.post("/admin/webhooks/new", data=GOOD)
    (secret,) = re.findall(r"whsec_[\w+/=]+", answer.text)
    (row,) = rows(app)
    assert (row.name, row.kinds, row.sees_personal) == ("ERP", ["arrived", "completed"], False)
    page = admin.get(f"/admin/webhooks/{row.id}").text
    assert "whsec_" not in page
    renewed = admin.post(f"/admin/webhooks/{row.id}/secret").text
    assert re.findall(r"whsec_[\w+/=]+", renewed) not in ([secret], [])
    assert "ERP" in admin.get("/admin/webhooks").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "url"), ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "http://erp.localtest/"}, "url"), ({"url": "https://rebound.example/"}, "url"),
        ({"name": " "}, "name"), ({"kinds": []}, "kinds"),
    ],
)  # fmt: skip
def test_a_wrong_endpoint_is_refused_and_nothing_is_saved(app, admin, wrong, field):
    answer = admin.post("/admin/webhooks/new", data=GOOD | wrong)
    assert answer.status_code == 422
    assert "banner" in answer.text
    assert rows(app) == []


def test_an_endpoint_is_changed_tested_and_deleted(app, admin):
    admin.post("/admin/webhooks/new", data=GOOD)
    (row,) = rows(app)
    path = f"/admin/webhooks/{row.id}"
    stale = admin.post(path, data=GOOD | {"version": "9"})
    assert stale.status_code == 409
    changed = GOOD | {"name": "SAP", "version": str(row.version), "sees_personal": "on"}
    assert admin.post(path, data=changed).status_code == 302
    (row,) = rows(app)
    assert (row.name, row.active, row.sees_personal) == ("SAP", False, True)
    admin.post(f"{path}/test")
    with app.app_context():
        assert db.session.scalars(select(Outbox.template)).all() == ["test"]
    admin.post("/language", data={"language": "zh-CN", "next": path})
    assert "<td>测试</td>" in admin.get(path).text
    assert "<td>测试</td>" in admin.get("/admin/messages").text
    admin.post("/language", data={"language": "en", "next": path})
    admin.post(f"{path}/delete")
    assert admin.get(path).status_code == 404
    assert "No endpoint yet" in admin.get("/admin/webhooks").text


def test_a_form_that_is_sent_twice_adds_one_endpoint_and_shows_its_secret(app, admin):
    (key,) = re.findall(r'name="key" value="([^"]+)"', admin.get("/admin/webhooks/new").text)
    pages = [admin.post("/admin/webhooks/new", data=GOOD | {"key": key}).text for _ in range(2)]
    first, second = [re.findall(r"whsec_[\w+/=]+", page) for page in pages]
    assert first == second != []
    assert len(rows(app)) == 1
    again = admin.post("/admin/webhooks/new", data=GOOD | {"key": key, "name": "SAP"})
    assert again.status_code == 422
    assert len(rows(app)) == 1


@pytest.mark.parametrize("step", ["", "/secret", "/delete"])
def test_an_endpoint_that_somebody_changed_meanwhile_is_shown_again(app, admin, step):
    admin.post("/admin/webhooks/new", data=GOOD)
    (row,) = rows(app)
    path, seen = f"/admin/webhooks/{row.id}", {"version": str(row.version)}
    assert admin.post(f"{path}/secret", data=seen).status_code == 200
    (renewed,) = rows(app)
    answer = admin.post(path + step, data=GOOD | seen)
    assert answer.status_code == 409
    assert "changed this at" in answer.text
    (kept,) = rows(app)
    assert (kept.salt, kept.version, kept.deleted_at) == (renewed.salt, renewed.version, None)
