"""Can a number be silenced and heard again, and a browser be kept once?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.opting_out import set_wanted, subscribe
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Role
from dispatch.models.messages import OptOut, PushSubscription
from tests.factories import make_account

KEYS = {"p256dh": "B" * 87, "auth": "a" * 22, "more": "is dropped"}


def silent(session):
    return session.scalars(select(OptOut.phone).order_by(OptOut.phone)).all()


def test_messages_go_off_and_on_again_and_twice_is_no_fault(session, now):
    for wanted, left in ((True, []), (False, ["13800000001"]), (False, ["13800000001"]),
                         (True, [])):  # fmt: skip
        with transaction():
            set_wanted("138 0000-0001", wanted=wanted, now=now)
        assert silent(session) == left


def test_a_browser_belongs_to_whoever_signed_in_last(session, now):
    with transaction():
        first, second = (make_account(Role.DISPATCHER, now, name=name).user_id for name in "ab")
        for user_id in (first, second):
            subscribe(user_id, "https://push.example/1", KEYS, now=now)
    row = session.scalars(select(PushSubscription)).one()
    assert (row.user_id, set(row.keys)) == (second, {"p256dh", "auth"})


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
        subscribe(1, endpoint, keys, now=now)
    assert set(refusal.value.fields) == {field}
