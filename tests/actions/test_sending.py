"""Does one sender at a time hold a message, and does every outcome lead where it should?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.clockwork import fire_due
from dispatch.actions.new_rows import insert_rows
from dispatch.actions.outbox import queue_warning
from dispatch.actions.sending import (
    MOST_A_LANE,
    Tried,
    cancel,
    claim,
    message_for_change,
    resend,
    settle,
)
from dispatch.actions.taking_note import acknowledge
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.messages import Outcome, Route
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.models.alerts import Alert
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.messages import Delivery, OptOut, PushSubscription, WebhookEndpoint
from dispatch.models.people import SettingsEvent
from tests.contenders import contend
from tests.factories import make_account, make_city, make_ticket

LEASE = timedelta(seconds=30)
WHY = say("It took too long.")


def queue(now, key="one", **columns: object):
    row = {
        "effect_key": key, "channel": "sms", "lane": "sms", "recipient": "13800000001",
        "template": "arrived", "urgency": "emergency", "content": {}, "next_try_at": now,
        "created_at": now,
    }  # fmt: skip
    with transaction():
        insert_rows(Outbox, [row | columns])


def take(now, free=10, **named: object):
    with transaction():
        return claim(now, free=free, under_way=named.pop("under_way", {}), lease_for=LEASE, **named)


def write(claimed, outcome, now, texts=None):
    with transaction():
        settle([Tried(claimed, outcome, 7)], texts or {}, now=now)


def stored(session, key="one"):
    session.expire_all()
    return session.scalars(select(Outbox).where(Outbox.effect_key == key)).one()


def test_a_message_is_held_until_its_lease_ends(session, now):
    queue(now)
    assert len(take(now)) == 1
    assert take(now + LEASE - timedelta(seconds=1)) == []
    (again,) = take(now + LEASE)
    assert again.key.startswith("msg_")


def test_two_senders_share_what_is_due_and_none_sends_twice(app, session, now):
    for number in range(12):
        queue(now, f"m{number}", lane=f"lane {number % 4}")

    def act(_number):
        with transaction():
            return ",".join(str(each.id) for each in claim(now, free=3, under_way={},
                                                           lease_for=LEASE))  # fmt: skip

    session.remove()
    found = contend(app, act, 4)
    ids = [each for group in found.elements() for each in group.split(",") if each]
    assert len(ids) == len(set(ids)) > 0


def test_warnings_go_first_and_a_full_lane_lets_others_pass(session, now):
    for number in range(MOST_A_LANE + 2):
        queue(now, f"sms {number}")
    queue(now, "mail", channel="email", lane="email", urgency="ordinary")
    queue(now, "warning", lane="warning/sms", urgency="warning")
    queue(now, "screen", channel="console", lane="")
    queue(now, "later", next_try_at=now + timedelta(seconds=1))
    found = take(now, free=20)
    assert [each.lane for each in found] == ["warning/sms", *["sms"] * MOST_A_LANE, "email"]
    assert take(now, under_way={"sms": MOST_A_LANE}) == []
    assert len(take(now, under_way={"sms": MOST_A_LANE - 1})) == 1


def test_only_warnings_are_taken_when_that_is_asked(session, now):
    queue(now)
    assert take(now, only_warnings=True) == []
    queue(now, "warning", lane="", urgency="warning")
    assert [each.lane for each in take(now, only_warnings=True)] == ["sms"]


def test_what_was_sent_stays_sent(session, now):
    queue(now)
    (claimed,) = take(now)
    write(claimed, Outcome("sent", 200, "x" * 900), now, {claimed.id: "the words"})
    row = stored(session)
    assert (row.state, row.tries, row.sent_at, row.text) == ("sent", 1, now, "the words")
    tried = session.scalars(select(Delivery)).one()
    assert (tried.outcome, tried.code, tried.took_ms, len(tried.answer)) == ("sent", 200, 7, 500)


def test_a_late_failure_of_a_lost_lease_changes_nothing_but_a_success_counts(session, now):
    queue(now)
    (first,) = take(now)
    (second,) = take(now + LEASE)
    write(first, Outcome("later", why=WHY), now + LEASE)
    assert stored(session).lease == second.lease
    write(first, Outcome("sent"), now + LEASE)
    write(second, Outcome("never", why=WHY), now + LEASE)
    assert stored(session).state == "sent"


def test_failures_follow_the_schedule_and_end(session, now):
    queue(now, urgency="warning")
    at, waits = now, []
    for _ in range(5):
        (claimed,) = take(at)
        write(claimed, Outcome("later", why=WHY), at)
        row = stored(session)
        waits.append((row.next_try_at - at).total_seconds())
        at = row.next_try_at
    assert waits == [5, 15, 30, 60, 0]
    assert (row.state, row.tries) == ("dead", 5)
    assert row.fault == WHY.as_json()


@pytest.mark.parametrize(
    ("verdict", "state", "tries"),
    [("never", "dead", 1), ("kept", "kept", 0), ("unwanted", "cancelled", 0)],
)
def test_a_final_outcome_ends_it_at_once(session, now, verdict, state, tries):
    queue(now)
    write(take(now)[0], Outcome(verdict, why=WHY), now)
    assert (stored(session).state, stored(session).tries) == (state, tries)


def test_quiet_hours_only_move_it(session, now):
    queue(now)
    until = now + timedelta(hours=8)
    write(take(now)[0], Outcome("quiet", until=until), now)
    row = stored(session)
    assert (row.state, row.tries, row.next_try_at, row.lease) == ("waiting", 0, until, None)
    assert session.scalars(select(Delivery)).all() == []


def test_a_message_that_is_gone_by_then_is_passed_over(session, now):
    queue(now)
    (claimed,) = take(now)
    with transaction():
        session.delete(stored(session))
    write(claimed, Outcome("sent"), now)
    assert session.scalars(select(Outbox)).all() == []


def test_a_warning_goes_to_the_next_channel_and_then_to_the_next_person(session, now):
    with transaction():
        make_city(now)
        ticket = make_ticket(now).ticket
        people = [make_account(Role.DISPATCHER, now, name=name).user_id for name in ("A", "B")]
        routes = [
            Route("wecom", "", people[0]), Route("sms", "13800000001", people[0], "zh-CN"),
            Route("email", "b@x", people[1]),
        ]  # fmt: skip
        queue_warning("alert 1", routes, ticket, "clock_breached", {"rung": 2}, now=now)
        queue_warning("alert 2", [], ticket, "clock_breached", {}, now=now)
    reached = []
    for verdict in ("kept", "never", "sent"):
        (claimed,) = [each for each in take(now) if each.urgency == "warning"]
        assert claimed.content["rung"] == 2
        reached.append((claimed.channel, claimed.recipient, claimed.language))
        write(claimed, Outcome(verdict, why=WHY), now)
    assert reached == [("wecom", "", None), ("sms", "13800000001", "zh-CN"), ("email", "b@x", None)]
    warnings = session.scalars(
        select(Outbox).where(Outbox.urgency == "warning").order_by(Outbox.id)
    ).all()
    assert [row.user_id for row in warnings] == [people[0], people[0], people[1]]
    assert [row.effect_key for row in warnings] == ["alert 1", "alert 1>", "alert 1>>"]


def test_a_warning_without_routes_takes_the_persons_other_addresses(session, now):
    with transaction():
        person = make_account(Role.DISPATCHER, now, phone="13800000001", email="a@b.example")
    reached = []
    queue(now, channel="wecom", urgency="warning", user_id=person.user_id)
    for _ in range(3):
        (claimed,) = take(now)
        reached.append((claimed.channel, claimed.recipient))
        write(claimed, Outcome("never", why=WHY), now)
    assert reached == [
        ("wecom", "13800000001"), ("sms", "13800000001"), ("email", "a@b.example"),
    ]  # fmt: skip
    assert take(now) == []


def test_a_warning_that_fails_again_after_it_was_sent_again_is_not_passed_on_twice(session, now):
    with transaction():
        person = make_account(Role.DISPATCHER, now, phone="13800000001")
    queue(now, channel="wecom", urgency="warning", user_id=person.user_id)
    (first,) = take(now)
    write(first, Outcome("never", why=WHY), now)
    with transaction():
        assert resend([first.id], now=now) == 1
    (again,) = [each for each in take(now) if each.id == first.id]
    write(again, Outcome("never", why=WHY), now)
    keys = session.scalars(select(Outbox.effect_key).order_by(Outbox.id)).all()
    assert (stored(session).state, keys) == ("dead", ["one", "one>"])


def endpoint(session, now, **columns: object):
    row = WebhookEndpoint(
        name="ERP", url="https://erp.example/", kinds=["arrived"], salt="s", created_at=now,
        created_by="x", **columns,
    )  # fmt: skip
    with transaction():
        session.add(row)
    return row


def test_an_endpoint_that_is_gone_is_switched_off_and_written_down(session, now):
    row = endpoint(session, now)
    queue(now, channel="webhook", lane=f"webhook/{row.id}", endpoint_id=row.id, urgency="webhook")
    (claimed,) = take(now)
    assert (claimed.recipient, claimed.is_listening, claimed.salt) == (row.url, True, "s")
    write(claimed, Outcome("never", 410, why=WHY, is_gone=True), now)
    session.expire_all()
    assert session.get(WebhookEndpoint, row.id).active is False
    assert session.scalars(select(SettingsEvent.subject)).all() == ["webhook"]
    queue(now, "two", channel="webhook", lane="w", endpoint_id=row.id, urgency="webhook")
    assert take(now)[0].is_listening is False


def add_devices(session, now, names="ab", **account: object):
    """Add a person with devices; return the person's id."""
    with transaction():
        person = make_account(Role.DISPATCHER, now, **account).user_id
        for name in names:
            session.add(
                PushSubscription(user_id=person, endpoint=f"https://push.example/{name}",
                                 keys={"auth": name}, created_at=now, last_used_at=now)
            )  # fmt: skip
    return person


def told(claimed):
    return [each["endpoint"][-1] for each in json.loads(claimed.recipient)]


def test_a_push_goes_to_every_device_and_those_that_are_gone_are_forgotten(session, now):
    person = add_devices(session, now)
    add_devices(session, now, "c", name="other")
    queue(now, channel="web_push", recipient=f"user/{person}", user_id=person)
    (claimed,) = take(now)
    assert told(claimed) == ["a", "b"]
    gone = ("https://push.example/b",)
    write(claimed, Outcome("sent", 201, is_gone=True, gone=gone), now)
    left = session.scalars(select(PushSubscription.endpoint).order_by(PushSubscription.endpoint))
    assert [each[-1] for each in left] == ["a", "c"]
    assert stored(session).state == "sent"
    queue(now, "two")
    write(take(now)[0], Outcome("never", 410, is_gone=True), now)
    assert stored(session, "two").state == "dead"


def test_a_push_to_one_device_goes_to_no_other_and_to_nobody_elses(session, now):
    person, other = add_devices(session, now), add_devices(session, now, "c", name="other")
    ids = {each.endpoint[-1]: each.id for each in session.scalars(select(PushSubscription))}
    queue(now, channel="web_push", recipient=f"device/{ids['b']}", user_id=person)
    queue(now, "wrong", channel="web_push", recipient=f"device/{ids['b']}", user_id=other)
    assert [told(each) for each in take(now)] == [["b"], []]


@pytest.mark.parametrize(("ending", "others"), [("", ["sms"]), ("+", [])])
def test_a_push_beside_another_way_is_followed_by_none(session, now, ending, others):
    person = add_devices(session, now, phone="13800000001")
    queue(now, f"one{ending}", channel="web_push", recipient=f"user/{person}", user_id=person,
          urgency="warning")  # fmt: skip
    write(take(now)[0], Outcome("never", 410), now)
    rows = session.scalars(select(Outbox.channel).where(Outbox.channel != "web_push")).all()
    assert rows == others


def test_who_wants_no_messages_gets_none_but_warnings(session, now):
    with transaction():
        session.add(OptOut(phone="13800000001", at=now))
    queue(now, recipient="138 0000-0001")
    queue(now, "warning", urgency="warning")
    queue(now, "other", recipient="13800000002")
    queue(now, "spelt", recipient="+86 13800000001")
    unwanted = {each.recipient: each.is_unwanted for each in take(now) if each.urgency != "warning"}
    assert unwanted == {"138 0000-0001": True, "13800000002": False, "+86 13800000001": True}


def test_what_was_given_up_can_be_sent_again_under_the_same_id(session, now):
    queue(now)
    (first,) = take(now)
    write(first, Outcome("never", why=WHY), now)
    later = now + timedelta(days=3)
    with transaction():
        assert resend([first.id], now=later) == 1
    (second,) = take(later)
    assert (second.key, second.created_at) == (first.key, later)
    with transaction():
        assert resend([first.id], now=later) == 0
    write(second, Outcome("sent"), later)
    with transaction():
        assert resend([first.id], now=later) == 0


def test_a_webhook_is_sent_again_even_when_it_arrived(session, now):
    row = endpoint(session, now)
    queue(now, channel="webhook", lane="w", endpoint_id=row.id, urgency="webhook")
    (claimed,) = take(now)
    write(claimed, Outcome("sent"), now)
    with transaction():
        assert resend([claimed.id], now=now) == 1


def test_only_what_waits_can_be_cancelled(session, now):
    queue(now)
    row_id = stored(session).id
    (claimed,) = take(now)
    with pytest.raises(Forbidden), transaction():
        cancel(row_id, who="Li Na", now=now)
    write(claimed, Outcome("later", why=WHY), now)
    with transaction():
        cancel(row_id, who="Li Na", now=now)
    assert stored(session).state == "cancelled"
    with pytest.raises(Forbidden), transaction():
        cancel(row_id, who="Li Na", now=now)
    with pytest.raises(NotFound), transaction():
        message_for_change(row_id + 1)


@pytest.mark.parametrize(
    ("verdict", "state"), [("later", "cancelled"), ("never", "cancelled"), ("sent", "sent")]
)
def test_a_message_held_while_note_was_taken_is_not_tried_again(session, now, verdict, state):
    make_city(now)
    with transaction():
        ticket = make_ticket(now).ticket
        session.execute(Timer.__table__.delete().where(Timer.clock != "arrive"))
        fire_due(now + timedelta(minutes=15), limit=10)
    [alert] = session.scalars(select(Alert)).all()
    queue(now, "w", urgency="warning", ticket_id=ticket.id, content={"alert_id": alert.id})
    (claimed,) = [each for each in take(now) if each.urgency == "warning"]
    with transaction():
        acknowledge(alert.id, actor=make_account(Role.DISPATCHER, now, name="ann"), now=now)
    write(claimed, Outcome(verdict, 500, ""), now)
    [row] = session.scalars(select(Outbox).where(Outbox.effect_key.startswith("w"))).all()
    assert row.state == state
    assert (row.fault or {}).get("values") == ({"who": "ann"} if state == "cancelled" else None)
