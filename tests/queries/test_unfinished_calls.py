"""Are the calls that wait listed, the newest first, without the whole number?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unfinished_calls import keep_call
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role
from dispatch.queries import unfinished_calls
from dispatch.queries.unfinished_calls import call_for_change, count_open, open_calls
from tests.factories import make_account


def test_the_newest_come_first_and_no_number_is_whole(session, now, monkeypatch):
    ann = make_account(Role.CALL_TAKER, now, name="Ann")
    for minutes in (2, 0, 1):
        words = {"phone": "13800001234", "address": f"Road {minutes}"}
        keep_call(words, actor=ann, now=now - timedelta(minutes=minutes))
    assert [each["address"] for each in open_calls()] == ["Road 0", "Road 1", "Road 2"]
    assert open_calls()[0]["phone"] == "138****1234"
    monkeypatch.setattr(unfinished_calls, "SHOWN", 2)
    assert (len(open_calls()), count_open()) == (2, 3)


def test_there_is_no_such_call(session):
    with pytest.raises(NotFound):
        call_for_change(7)
