"""Does the sender send what is due, keep what it cannot, and hold nothing while a peer hangs?"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from threading import Event

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.opting_out import set_wanted
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.channels import channels_for
from dispatch.adapters.messages.libraries import WebPush, new_push_keys
from dispatch.adapters.messages.posting import Poster
from dispatch.domain.messages import Outcome
from dispatch.domain.permissions import Role
from dispatch.jobs import outbox
from dispatch.jobs.outbox import PostRoom, leave, pause, run
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import PushSubscription, WebhookEndpoint
from tests.cases import Case
from tests.factories import make_account
from tests.receivers import Receiver


class Peer:
    """A channel that keeps what it was given; it hangs while told to, and answers as told."""

    def __init__(self) -> None:
        self.given = []
        self.outcome = Outcome("sent", 200)
        self.free = Event()
        self.free.set()

    def __call__(self, message: object) -> Outcome:
        self.given.append(message)
        self.free.wait(60)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def peer():
    found = Peer()
    yield found
    found.free.set()


@pytest.fixture
def room(app, peer):
    settings = replace(app.config["SETTINGS"], quiet_hours="")
    channels = {"sms": peer, "email": peer, "webhook": peer}
    return PostRoom(settings, channels, app.config["SECRET_KEY"])


def queue(now, key="one", **columns: object):
    row = {
        "effect_key": key, "channel": "sms", "lane": "sms", "recipient": "13800000001",
        "template": "arrived", "urgency": "ordinary", "next_try_at": now, "created_at": now,
        "content": {"number": "W000001", "category": "burst", "token": "tok"},
    }  # fmt: skip
    with transaction():
        insert_rows(Outbox, [row | columns])


def send(now, room):
    """Run rounds until nothing is under way; return the counts of all."""
    counts = run(now, room)
    while room.flights:
        for flight in room.flights.values():
            flight.answer.put(flight.answer.get(timeout=60))
        for verdict, count in run(now, room).items():
            counts[verdict] = counts.get(verdict, 0) + count
    return counts


def row_of(key="one"):
    db.session.expire_all()
    return db.session.scalars(select(Outbox).where(Outbox.effect_key == key)).one()


def test_a_reporter_is_written_to_at_each_step(session, now, room, peer):
    case = Case(now, reporter_phone="138 0000-0001", language="zh-CN")
    case.fixed(at=1)
    later = now + timedelta(hours=1)
    assert send(later, room) == {"sent": 5}
    texts = [message.text for message in peer.given]
    link = f"http://127.0.0.1:8000/t/{case.report.token}"
    assert all("OneVisit Water" in text and link in text for text in texts)
    assert any("已到达" in text for text in texts)
    assert {row.text for row in session.scalars(select(Outbox).where(Outbox.channel == "sms"))} == {
        *texts
    }


def test_an_unset_channel_keeps_the_message(session, now, room):
    queue(now, channel="feishu", lane="feishu")
    assert send(now, room) == {"kept": 1}
    assert row_of().state == "kept"
    assert "not set up" in row_of().fault["text"]


def test_a_demo_sends_nothing_outside(session, now, app):
    settings = replace(app.config["SETTINGS"], demo=True, sms_url="http://127.0.0.1:9/")
    assert channels_for(settings) == {}
    queue(now)
    assert send(now, PostRoom(settings, channels_for(settings), "s")) == {"kept": 1}
    assert "demo" in row_of().fault["text"]


def test_what_can_wait_waits_for_the_morning(session, now, room, peer):
    room.settings = replace(room.settings, quiet_hours="17:00-07:00")
    queue(now)
    queue(now, "now", urgency="emergency")
    queue(now, "asked", urgency="asked")
    queue(now, "staff", urgency="warning", lane="warning/sms")
    assert send(now, room) == {"sent": 3, "quiet": 1}
    morning = row_of().next_try_at
    assert morning.astimezone(room.settings.zone).hour == 7
    assert send(morning, room) == {"sent": 1}


def test_old_unwanted_and_paused_messages_are_not_sent(session, now, room, peer):
    row = WebhookEndpoint(
        name="x", url="https://x.example", kinds=[], salt="s", active=False, created_at=now,
        created_by="x",
    )  # fmt: skip
    with transaction():
        session.add(row)
        set_wanted("13800000002", wanted=False, now=now)
    queue(now, "old", created_at=now - timedelta(days=2))
    queue(now, "unwanted", recipient="138-0000-0002")
    queue(now, "paused", channel="webhook", endpoint_id=row.id, urgency="webhook")
    assert send(now, room) == {"never": 1, "unwanted": 2}
    assert peer.given == []
    assert [row_of(key).state for key in ("old", "unwanted", "paused")] == [
        "dead", "cancelled", "cancelled",
    ]  # fmt: skip


def test_a_webhook_carries_the_event_and_personal_data_only_by_right(session, now, room, peer):
    with transaction():
        for name, right in (("plain", False), ("trusted", True)):
            session.add(
                WebhookEndpoint(
                    name=name, url=f"https://{name}.example", kinds=["report_received"], salt=name,
                    sees_personal=right, created_at=now, created_by="x",
                )
            )  # fmt: skip
    Case(now, address="Secret Lane 5", description="at Mrs Chen's")
    send(now, room)
    plain, trusted = sorted(peer.given, key=lambda message: message.recipient)
    assert plain.payload["type"] == "ticket.report_received"
    assert plain.payload["data"]["number"] == "W000001"
    assert "Secret Lane" not in str(plain.payload)
    assert trusted.payload["data"]["personal"]["address"] == "Secret Lane 5"
    assert plain.secret != trusted.secret
    assert plain.key != trusted.key


def test_a_hanging_peer_holds_no_transaction_and_is_given_up(session, now, room, peer):
    peer.free.clear()
    ticks = [0.0]
    room.monotonic = lambda: ticks[0]
    queue(now)
    assert run(now, room) == {}
    assert pause(now, room) == outbox.WHILE_UNDER_WAY
    with transaction():
        # Another may write while the peer hangs.
        insert_rows(Outbox, [])
    ticks[0] = room.settings.message_seconds + outbox.GRACE_SECONDS
    assert run(now, room) == {"later": 1}
    assert row_of().state == "waiting"
    assert room.flights == {}


def test_a_crowd_of_others_leaves_room_for_warnings(session, now, room, peer):
    peer.free.clear()
    for number in range(outbox.MOST_UNDER_WAY + 4):
        queue(now, f"m{number}", lane=f"lane {number % 8}")
    run(now, room)
    assert len(room.flights) == outbox.MOST_UNDER_WAY
    queue(now, "warning", urgency="warning", lane="warning/sms")
    run(now, room)
    assert len(room.flights) == outbox.MOST_UNDER_WAY + 1
    peer.free.set()
    send(now, room)


def test_a_channel_that_breaks_and_a_text_that_cannot_be_written(
    session, now, room, peer, monkeypatch, caplog
):
    peer.outcome = RuntimeError("https://user:hush@gateway.example")
    queue(now)
    assert send(now, room) == {"later": 1}
    assert "RuntimeError" in caplog.text
    assert "hush" not in caplog.text
    queue(now, "two", content={"due_at": "nonsense"})
    assert send(now, room) == {"never": 1}


def test_what_came_back_while_the_database_was_away_is_written_later(
    session, now, room, peer, monkeypatch
):
    queue(now)
    run(now, room)
    (flight,) = room.flights.values()
    flight.answer.put(flight.answer.get(timeout=60))
    monkeypatch.setattr(outbox, "transaction", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(now, room)
    monkeypatch.undo()
    after_the_lease = now + room.lease_for
    assert run(after_the_lease, room) == {"sent": 1}
    assert (row_of().state, len(peer.given), room.flights) == ("sent", 1, {})
    assert row_of().text
    assert room.words == {}


def test_the_pause_ends_with_the_next_message(session, now, room):
    assert pause(now, room) == outbox.LONGEST_PAUSE
    queue(now + timedelta(seconds=0.2))
    assert pause(now, room) == pytest.approx(0.2)
    assert run(now, room) == {}
    queue(now + timedelta(hours=1), "later")
    assert pause(now + timedelta(seconds=1), room) == outbox.LONGEST_PAUSE


def test_leaving_awaits_what_is_under_way(session, now, room, peer):
    at = now + timedelta(minutes=1)
    leave(room, lambda: at)
    queue(now)
    run(now, room)
    leave(room, lambda: at)
    assert (row_of().state, row_of().sent_at) == ("sent", at)


def test_leaving_gives_up_on_a_peer_that_hangs(session, now, room, peer):
    peer.free.clear()
    ticks = iter([0.0, 0.0, *[1e6] * 9])
    room.monotonic = lambda: next(ticks)
    queue(now)
    run(now, room)
    leave(room, lambda: now)
    assert row_of().lease is not None
    assert row_of().state == "waiting"


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.stop()


def device_of(receiver, number):
    """Return a browser's private key, its secret and its subscription at a push service."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = bytes([number]) * 16
    letters = [urlsafe_b64encode(each).decode().rstrip("=") for each in (point, secret)]
    return (
        key,
        secret,
        PushSubscription(
            endpoint=f"{receiver.url}/push/{number}",
            keys=dict(zip(("p256dh", "auth"), letters, strict=True)),
        ),
    )


def test_a_push_reaches_every_device_and_a_dead_one_is_forgotten(session, now, room, receiver):
    receiver.respond = lambda asked: (410 if asked.path == "/push/2" else 201, {}, b"")
    room.channels["web_push"] = WebPush(Poster(20.0), new_push_keys()[0], "mailto:a@b.example")
    devices = [device_of(receiver, number) for number in (1, 2, 3)]
    with transaction():
        person = make_account(Role.DISPATCHER, now).user_id
        for *_, row in devices:
            row.user_id, row.created_at, row.last_used_at = person, now, now
            db.session.add(row)
    facts = {"clock": "arrive", "fraction": 0.8, "due_at": (now + timedelta(minutes=6)).isoformat()}
    personal = {"text": "Chen Li, Wuyi Road 12, 13800005678", "address": "Wuyi Road 12"}
    queue(now, channel="web_push", lane="warning/web_push", recipient=f"user/{person}",
          user_id=person, urgency="warning", template="clock_warning", language="en",
          content={"number": "W000001", "state": "en_route"} | facts | personal)  # fmt: skip
    assert send(now, room) == {"sent": 1}
    assert row_of().text == "W000001 · Arrive 80 %\n6 min left – on the way"
    left = db.session.scalars(select(PushSubscription.endpoint).order_by(PushSubscription.id)).all()
    assert [each[-1] for each in left] == ["1", "3"]
    shown = {each.path[-1]: each.body for each in receiver.received}
    assert set(shown) == {"1", "2", "3"}
    key, secret, _ = devices[0]
    told = json.loads(http_ece.decrypt(shown["1"], private_key=key, auth_secret=secret))
    assert set(told) == {"title", "body", "url", "lang", "number", "tag"}
    assert not any(word in json.dumps(told) for word in ("Chen", "Wuyi", "13800005678"))


def test_a_person_without_a_device_is_told_by_another_way(session, now, room, peer):
    room.channels["web_push"] = WebPush(Poster(20.0), new_push_keys()[0], "mailto:a@b.example")
    with transaction():
        person = make_account(Role.DISPATCHER, now, phone="13800000001").user_id
    queue(now, channel="web_push", lane="warning/web_push", recipient=f"user/{person}",
          user_id=person, urgency="warning", template="clock_warning")  # fmt: skip
    assert send(now, room) == {"never": 1, "sent": 1}
    assert [message.recipient for message in peer.given] == ["13800000001"]


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("en", "New ticket W000001", "Burst main, level 1. Be there by 18:00."),
        ("zh-CN", "新工单 W000001", "爆管，1 级。18:00 前到场。"),
    ],
)
def test_a_crew_that_is_sent_is_told_on_its_phone(
    session, now, room, receiver, language, title, body
):
    room.channels["web_push"] = WebPush(Poster(20.0), new_push_keys()[0], "mailto:a@b.example")
    case = Case(now)
    key, secret, device = device_of(receiver, 1)
    with transaction():
        crew_id = case.crews[0].id
        person = make_account(Role.CREW, now, crew_id=crew_id, language=language).user_id
        device.user_id, device.created_at, device.last_used_at = person, now, now
        db.session.add(device)
    case.send(at=1)
    send(case.minute(1), room)
    (pushed,) = [each for each in receiver.received if each.path == "/push/1"]
    told = json.loads(http_ece.decrypt(pushed.body, private_key=key, auth_secret=secret))
    assert told == {
        "title": title, "body": body, "url": "/crew/W000001", "lang": language,
        "number": "W000001", "tag": "W000001",
    }  # fmt: skip
    assert "Wuyi" not in json.dumps(told)
