"""Is only told who owns the number or address, and is whoever leaves forgotten?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.actions.notice_news import NEWS_TURN
from dispatch.actions.notice_subscriptions import (
    LONGEST_PLACE,
    MOST_PLACES,
    MOST_REQUESTS,
    MOST_REQUESTS_A_DAY,
    SubscriptionWish,
    ask_to_be_told,
    begin_request,
    confirm_subscription,
    end_subscription,
    forget_old_subscriptions,
)
from dispatch.actions.sending import resend
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound, TooMany
from dispatch.domain.messages import Urgency, waits_for_morning
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.notices import NoticeSubscription
from tests.factories import make_city
from tests.notices import announce
from tests.subscribers import PHONE, WEST, ask, let_out, subscribe, told

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def city(session, now):
    with transaction():
        make_city(now)


def left():
    return db.session.scalar(select(func.count()).select_from(NoticeSubscription))


def test_a_request_writes_to_its_owner_and_counts_once_it_is_confirmed(city, now):
    with transaction():
        row = ask(now, "138 0000 5678", place="x" * 500)
    assert (row.recipient, row.channel, row.confirmed_at) == (PHONE, "sms", None)
    assert len(row.place) == LONGEST_PLACE
    assert told() == ["notice_confirm"]
    with transaction():
        announce(now)
    assert told() == ["notice_confirm"]
    with transaction():
        confirm_subscription(row.token, now=now + MINUTE)
    assert told() == ["notice_confirm", "notice_told"]
    with transaction():
        confirm_subscription(row.token, now=now + DAY)
    assert row.confirmed_at == now + DAY


def test_who_asked_gets_the_link_at_once_and_the_news_in_the_morning(city, now):
    with transaction():
        subscribe(now)
        announce(now)
    found = db.session.execute(select(Outbox.template, Outbox.urgency).order_by(Outbox.id))
    urgencies = {row.template: Urgency(row.urgency) for row in found}
    waits = {template: waits_for_morning(each) for template, each in urgencies.items()}
    assert waits == {"notice_confirm": False, "notice_told": True}


def test_nobody_is_pestered_and_who_asks_learns_nothing(city, now):
    with transaction():
        first = subscribe(now)
        for _ in range(4):
            assert ask(now + MINUTE, language="zh-CN").id == first.id
    assert told() == ["notice_confirm"] * 3
    assert first.language == "en"
    assert left() == 1
    with transaction():
        ask(now + DAY + 2 * MINUTE)
    assert len(told()) == 4


def test_requests_from_one_address_are_counted(city, now):
    with transaction():
        for _ in range(MOST_REQUESTS):
            begin_request("203.0.113.7", now)
        with pytest.raises(TooMany):
            begin_request("203.0.113.7", now)
        begin_request("203.0.113.8", now)
        begin_request("203.0.113.7", now + 6 * MINUTE)


def test_a_network_is_one_address_and_sends_a_hundred_requests_in_a_day(city, now):
    with transaction():
        for step in range(MOST_REQUESTS):
            begin_request(f"2001:db8:1:2::{step}", now)
        with pytest.raises(TooMany):
            begin_request("2001:db8:1:2:ffff::1", now)
        begin_request("2001:db8:1:3::1", now)
        for step in range(MOST_REQUESTS, MOST_REQUESTS_A_DAY):
            begin_request("2001:db8:1:2::1", now + step * MINUTE)
        with pytest.raises(TooMany):
            begin_request("2001:db8:1:2::1", now + DAY - MINUTE)
        begin_request("2001:db8:1:2::1", now + DAY + MINUTE)


def test_one_number_spelt_in_many_ways_is_one_person(city, now):
    with transaction():
        rows = [ask(now, f"{before}{PHONE}") for before in ("", "86", "+86", "0086", "0")]
        mails = [ask(now, mail) for mail in ("li@example.org", "Li@Example.ORG")]
    assert len({row.id for row in rows}) == len({row.id for row in mails}) == 1
    assert told() == ["notice_confirm"] * 3
    assert told("li@example.org") == ["notice_confirm"] * 2


def test_so_many_messages_go_out_in_a_day_and_no_more_whoever_asks(city, now, monkeypatch):
    monkeypatch.setattr("dispatch.actions.notice_subscriptions.MOST_ASKED_OF_ALL", 2)
    with transaction():
        ask(now, "13900000001")
        ask(now, "13900000002")
        for number in ("13900000001", "13900000003"):
            with pytest.raises(TooMany):
                ask(now, number)
        ask(now + DAY + MINUTE, "13900000003")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"recipient": "chen@example.org"}, "recipient"),
        ({"recipient": "none"}, "recipient"),
        ({"point": None}, "place"),
        ({"point": None, "grid": "North"}, "grid"),
    ],
)
def test_what_cannot_be_told_is_refused(city, now, wish, field):
    told_of = {"recipient": PHONE, "place": "x", "point": WEST, "language": "en"} | wish
    with pytest.raises(Invalid) as refusal, transaction():
        ask_to_be_told(SubscriptionWish(**told_of), channels=("sms",), now=now)
    assert set(refusal.value.fields) == {field}


def test_a_person_hears_of_five_places(city, now):
    with transaction():
        rows = [ask(now, point=Point(28.15, 112.95 + step / 1000)) for step in range(6)]
        for row in rows[:MOST_PLACES]:
            confirm_subscription(row.token, now=now)
        with pytest.raises(Forbidden):
            confirm_subscription(rows[-1].token, now=now)


def is_turn_free():
    name = func.hashtextextended(NEWS_TURN, 0)
    with db.engine.connect() as other:
        return other.scalar(select(func.pg_try_advisory_xact_lock(name)))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_confirms_and_who_publishes_wait_for_each_other(city, now):
    with transaction():
        row = ask(now)
        assert is_turn_free()
    with transaction():
        confirm_subscription(row.token, now=now)
        assert not is_turn_free()
    with transaction():
        announce(now)
        assert not is_turn_free()


def test_who_leaves_is_forgotten_and_what_waits_is_not_sent(city, now):
    with transaction():
        row = subscribe(now)
        other = subscribe(now, point=None, grid="West", place="West")
        announce(now)
        end_subscription(row.token, now=now)
    assert told(state="waiting") == ["notice_confirm", "notice_confirm", "notice_told"]
    with transaction():
        end_subscription(other.token, now=now)
    assert told() == []
    assert told("", state="cancelled") == ["notice_confirm", "notice_confirm", "notice_told"]
    assert left() == 0
    with pytest.raises(NotFound):
        end_subscription(row.token, now=now)


def test_where_messages_went_is_forgotten_with_the_last_confirmed_subscription(city, now):
    with transaction():
        row = subscribe(now)
        announce(now)
    let_out()
    with transaction():
        other = ask(now, point=None, grid="West", place="West")
        subscribe(now, "13900000001")
        announce(now)
        end_subscription(row.token, now=now)
    assert told() == told(state="waiting") == ["notice_confirm"]
    assert told("", state="sent") == ["notice_confirm", "notice_told"]
    assert told("", state="cancelled") == ["notice_told"]
    assert told("13900000001") == ["notice_confirm", "notice_told", "notice_told"]
    with transaction():
        ids = db.session.scalars(select(Outbox.id).where(Outbox.recipient == "")).all()
        assert resend(ids, now=now) == 0
    with transaction():
        confirm_subscription(other.token, now=now)
    assert told() == ["notice_confirm", "notice_told"]


def test_what_nobody_confirms_and_what_is_a_year_old_is_forgotten(city, now):
    with transaction():
        ask(now, "13900000001")
        kept = subscribe(now, "13900000002")
        assert forget_old_subscriptions(now + DAY) == 0
        assert forget_old_subscriptions(now + 2 * DAY) == 1
        assert confirm_subscription(kept.token, now=now + 364 * DAY).recipient == "13900000002"
        assert forget_old_subscriptions(now + 365 * DAY) == 0
        assert forget_old_subscriptions(now + 800 * DAY) == 1
        with pytest.raises(NotFound):
            confirm_subscription(kept.token, now=now + 800 * DAY)
