"""Can an administrator see the queue, mend what was given up, and change what is said?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import Delivery, MessageTemplate
from tests.factories import make_city, make_ticket

TEXT = "/admin/messages/texts/arrived/en"


@pytest.fixture
def admin(sign_in):
    return sign_in("administrator")


def dead(app, now, **columns: object):
    row = {
        "effect_key": "one", "channel": "sms", "recipient": "13800005678", "template": "arrived",
        "next_try_at": now, "created_at": now, "content": {}, "state": "dead",
    }  # fmt: skip
    with app.app_context(), transaction():
        insert_rows(Outbox, [row | columns])
        found = db.session.scalars(select(Outbox)).one()
        db.session.add(
            Delivery(outbox_id=found.id, at=now, outcome="later", code=500, took_ms=12,
                     answer="<script>alert(1)</script>")
        )  # fmt: skip
        return found.id


def state(app):
    with app.app_context():
        return db.session.scalars(select(Outbox.state).order_by(Outbox.id)).all()


def test_the_queue_shows_states_and_escapes_answers(app, admin, now):
    dead(app, now)
    page = admin.get("/admin/messages").text
    assert "1 messages were given up." in page
    assert "138****5678" in page
    assert "13800005678" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "No channel is set up yet" in page
    assert "No message here" in admin.get("/admin/messages?state=sent&channel=email").text


def test_what_was_given_up_is_sent_again_and_cancelled(app, admin, now):
    row_id = dead(app, now)
    assert admin.post(f"/admin/messages/{row_id}/resend").status_code == 302
    assert state(app) == ["waiting"]
    answer = admin.post(f"/admin/messages/{row_id}/cancel", data={"next": "//evil.example/x"})
    assert answer.location == "/x"
    assert state(app) == ["cancelled"]
    assert admin.post(f"/admin/messages/{row_id}/cancel").status_code == 409


def test_all_that_was_given_up_is_sent_again(app, admin, now):
    dead(app, now)
    admin.post("/admin/messages/resend")
    assert state(app) == ["waiting"]


def test_a_text_is_previewed_stored_and_brought_back(app, admin):
    page = admin.post(TEXT, data={"do": "preview", "text": "{number} 水"}).text
    assert "W000042 水" in page
    assert "Unicode" in page
    assert admin.post(TEXT, data={"text": "Here: {number}", "version": "0"}).status_code == 302
    assert "Here: {number}" in admin.get("/admin/messages/texts").text
    assert "own text" in admin.get("/admin/messages/texts").text
    assert admin.post(TEXT, data={"text": "x", "version": "0"}).status_code == 409
    admin.post(TEXT, data={"text": "", "version": "1"})
    assert "own text" not in admin.get("/admin/messages/texts").text
    admin.post(TEXT, data={"text": "burst", "category": "burst", "version": "0"})
    assert "category=burst" in admin.get("/admin/messages/texts").text


def test_an_unknown_field_is_named_beside_the_text(app, admin):
    answer = admin.post(TEXT, data={"text": "for {nmuber}", "version": "0"})
    assert answer.status_code == 422
    assert "{nmuber}" in answer.text
    assert 'id="field-text-error"' in answer.text
    with app.app_context():
        assert db.session.scalars(select(MessageTemplate)).all() == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"channel": "sms", "recipient": "at home"}, "recipient"),
        ({"channel": "email", "recipient": "nobody"}, "recipient"),
        ({"channel": "webhook", "recipient": "x"}, "channel"),
    ],
)
def test_a_test_to_a_wrong_address_is_refused_by_its_field(admin, typed, field):
    answer = admin.post(TEXT, data={"do": "test", "text": "x"} | typed)
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text


def test_a_test_waits_with_the_words_that_were_typed(app, admin):
    typed = {"do": "test", "text": "Hello {number}", "channel": "sms", "recipient": "138 0000-5678"}
    assert admin.post(TEXT, data=typed).status_code == 302
    with app.app_context():
        row = db.session.scalars(select(Outbox)).one()
    assert (row.recipient, row.content["text"]) == ("13800005678", "Hello W000042")
    assert (row.urgency, row.user_id) == ("warning", None)


@pytest.mark.parametrize(
    "path", ["/admin/messages/texts/nowhere/en", "/admin/messages/texts/arrived/fr"]
)
def test_there_is_no_other_text(admin, path):
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize("role", ["dispatcher", "auditor", "crew"])
def test_nobody_else_sees_it(sign_in, role):
    assert sign_in(role).get("/admin/messages").status_code == 403
    assert sign_in(role).get("/admin/webhooks").status_code == 403


def test_a_resident_switches_messages_off_and_on(app, client, clock, now):
    with app.app_context(), transaction():
        make_city(now)
        token = make_ticket(now, reporter_phone="13800005678").report.token
        without = make_ticket(now).report.token
    path = f"/t/{token}/messages"
    assert "We write to 138****5678" in client.get(path).text
    client.post(f"{path}/off")
    assert "We write no messages to 138****5678" in client.get(path).text
    client.post(f"{path}/on")
    assert "We write to 138****5678" in client.get(path).text
    client.post(f"/t/{without}/messages/off")
    assert "no telephone number" in client.get(f"/t/{without}/messages").text
    assert client.get("/t/unknown/messages").status_code == 404
