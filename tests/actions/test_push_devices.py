"""Does a device belong to one person, until it is removed or its session ends?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.clockwork import fire_due
from dispatch.actions.push_devices import (
    MOST_DEVICES,
    Browser,
    add_device,
    is_kept,
    note_use,
    remove_device,
    try_device,
)
from dispatch.actions.sessions import (
    open_session,
    revoke_session,
    revoke_session_of,
    revoke_sessions_of,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Role
from dispatch.models.alerts import Alert, RotaEntry
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.messages import PushSubscription
from dispatch.models.people import User, UserSession
from dispatch.queries.sessions import session_id_of
from tests.factories import make_account, make_city, make_ticket

HOUR = timedelta(hours=1)
KEYS = {"p256dh": "B" * 87, "auth": "a" * 22, "more": "is dropped"}


def person(now, name="ann"):
    with transaction():
        return make_account(Role.DISPATCHER, now, name=name)


def opened(session, user_id, now):
    """Open a session of a person; return its secret's hash and its row id."""
    with transaction():
        secret = open_session(session.get(User, user_id), now=now, lifetime=HOUR)
    return secret_hash(secret), session_id_of(secret_hash(secret))


def add(browser, now, name="1"):
    with transaction():
        return add_device(browser, f"https://push.example/{name}", KEYS, now=now).id


def endpoints(session):
    rows = session.scalars(select(PushSubscription.endpoint).order_by(PushSubscription.endpoint))
    return [each.rpartition("/")[2] for each in rows]


def test_a_device_belongs_to_whoever_switched_it_on_last(session, now):
    first, second = (person(now, name).user_id for name in "ab")
    add(Browser(first, None, "Old"), now)
    add(Browser(second, None, "x" * 300), now + HOUR)
    row = session.scalars(select(PushSubscription)).one()
    assert (row.user_id, set(row.keys), len(row.agent)) == (second, {"p256dh", "auth"}, 200)
    assert (row.created_at, row.last_used_at) == (now, now + HOUR)
    add(Browser(second, None, ""), now)
    session.expire_all()
    assert row.agent is None


@pytest.mark.parametrize(
    ("endpoint", "keys", "field"),
    [
        ("http://push.example", KEYS, "endpoint"), ("https://" + "x" * 1000, KEYS, "endpoint"),
        ("https://push.example", {}, "keys"), ("https://push.example", KEYS | {"auth": 1}, "keys"),
        ("https://push.example", KEYS | {"auth": "x" * 201}, "keys"),
    ],
)  # fmt: skip
def test_what_is_no_subscription_is_refused_by_its_field(session, now, endpoint, keys, field):
    with pytest.raises(Invalid) as refusal, transaction():
        add_device(Browser(1, None), endpoint, keys, now=now)
    assert set(refusal.value.fields) == {field}


def test_ten_devices_are_enough_and_one_of_them_may_come_again(session, now):
    browser = Browser(person(now).user_id, None)
    for number in range(MOST_DEVICES):
        add(browser, now, str(number))
    with pytest.raises(Invalid) as refusal:
        add(browser, now, "more")
    assert set(refusal.value.fields) == {"endpoint"}
    add(browser, now, "3")
    assert len(endpoints(session)) == MOST_DEVICES


def test_use_is_written_down_by_the_hour_and_at_once_in_a_new_session(session, now):
    user_id = person(now).user_id
    _, session_id = opened(session, user_id, now)
    add(Browser(user_id, None), now)
    row = session.scalars(select(PushSubscription)).one()
    assert is_kept(row, Browser(user_id, None), now + HOUR / 2)
    assert not is_kept(row, Browser(user_id, None), now + HOUR)
    assert not is_kept(row, Browser(user_id, session_id), now)
    assert is_kept(None, Browser(user_id, None), now)
    with transaction():
        note_use(Browser(user_id, session_id), row.endpoint, now=now + HOUR)
        assert note_use(Browser(user_id, None), "https://push.example/x", now=now) is None
    session.refresh(row)
    assert (row.session_id, row.last_used_at) == (session_id, now + HOUR)


def test_another_person_on_the_device_ends_it(session, now):
    first, second = (person(now, name).user_id for name in "ab")
    add(Browser(first, None), now)
    with transaction():
        found = note_use(Browser(second, None), "https://push.example/1", now=now)
    assert (found, endpoints(session)) == (None, [])


def test_only_the_own_device_is_removed_or_tried(session, now):
    ann, bob = person(now, "ann"), person(now, "bob")
    device_id = add(Browser(ann.user_id, None), now)
    with pytest.raises(NotFound), transaction():
        remove_device(bob.user_id, device_id)
    with pytest.raises(NotFound), transaction():
        try_device(device_id, actor=bob, language="en", now=now)
    with transaction():
        try_device(device_id, actor=ann, language="zh-CN", now=now)
    row = session.scalars(select(Outbox)).one()
    assert (row.recipient, row.user_id, row.language) == (
        f"device/{device_id}", ann.user_id, "zh-CN",
    )  # fmt: skip
    with transaction():
        remove_device(ann.user_id, device_id)
    assert endpoints(session) == []


def test_a_device_ends_with_its_session_and_no_other_does(session, now):
    user_id = person(now).user_id
    sessions = [opened(session, user_id, now) for _ in range(3)]
    for number, (_, session_id) in enumerate(sessions):
        add(Browser(user_id, session_id), now, str(number))
    add(Browser(person(now, "bob").user_id, None), now, "bob")
    with transaction():
        revoke_session(sessions[0][0], now)
    assert endpoints(session) == ["1", "2", "bob"]
    with transaction():
        assert revoke_session_of(user_id, sessions[1][1], now)
    assert endpoints(session) == ["2", "bob"]
    with transaction():
        revoke_sessions_of(user_id, now)
    assert endpoints(session) == ["bob"]


def test_a_device_outlives_a_session_that_expired_and_was_forgotten(session, now):
    user_id = person(now).user_id
    _, session_id = opened(session, user_id, now)
    add(Browser(user_id, session_id), now)
    with transaction():
        session.delete(session.get(UserSession, session_id))
    session.expire_all()
    assert session.scalars(select(PushSubscription)).one().session_id is None


@pytest.mark.parametrize(
    ("columns", "ways"),
    [
        ({}, [("web_push", "")]),
        ({"alert_channel": "web_push"}, [("web_push", "")]),
        ({"alert_channel": "sms"}, [("web_push", "")]),
        ({"alert_channel": "sms", "phone": "13800005678"}, [("sms", ""), ("web_push", "+")]),
    ],
)
def test_every_alert_also_goes_to_the_persons_devices(session, now, columns, ways):
    with transaction():
        make_city(now)
        make_ticket(now)
        session.execute(Timer.__table__.delete().where(Timer.clock != "arrive"))
        user_id = make_account(Role.DISPATCHER, now, **columns).user_id
        session.add(RotaEntry(duty="dispatcher", user_id=user_id, start_minute=0, end_minute=0))
    add(Browser(user_id, None), now)
    with transaction():
        fire_due(now + timedelta(minutes=15), limit=1000)
    found = session.scalars(
        select(Outbox).where(Outbox.channel != "console").order_by(Outbox.id)
    ).all()
    key = f"alert/{session.scalars(select(Alert)).one().key}/{user_id}"
    assert [(row.channel, row.effect_key.removeprefix(key)) for row in found] == ways
    assert found[-1].recipient == f"user/{user_id}"
    assert found[-1].content["state"] == "accepted"
