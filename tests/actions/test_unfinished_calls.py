"""Is a call that broke off kept whole, gone on with once, and forgotten in time?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions import unfinished_calls
from dispatch.actions.unfinished_calls import (
    ENDED_KEPT,
    OPEN_KEPT,
    discard_call,
    finish_call,
    forget_old_calls,
    keep_call,
    restore_call,
    take_up_call,
)
from dispatch.domain.errors import Forbidden, Invalid, NotFound
from dispatch.domain.permissions import Role
from dispatch.queries.unfinished_calls import call_for_change, count_open, open_calls
from tests.factories import make_account, make_ticket

SAID = {"phone": "13800001234", "description": "水管 🚰 <script>x</script>", "name": " "}


@pytest.fixture
def ann(session, now):
    return make_account(Role.CALL_TAKER, now, name="Ann")


@pytest.fixture
def call(ann, now):
    return keep_call(SAID, actor=ann, now=now)


def test_what_was_typed_is_kept_with_the_number(call):
    assert call.words == {"phone": "13800001234", "description": SAID["description"]}
    assert call.phone == "13800001234"
    assert (call.author, count_open()) == ("Ann", 1)


@pytest.mark.parametrize("words", [{}, {"category": "leak"}, {"phone": "  "}])
def test_a_call_of_which_nothing_was_said_is_not_kept(ann, now, words):
    with pytest.raises(Invalid):
        keep_call(words, actor=ann, now=now)


def test_there_is_an_end_to_what_can_wait(call, ann, now, monkeypatch):
    monkeypatch.setattr(unfinished_calls, "MOST_OPEN", 1)
    with pytest.raises(Invalid):
        keep_call(SAID, actor=ann, now=now)
    keep_call(SAID, actor=ann, now=now, call_id=call.id)


def test_who_goes_on_is_seen_and_may_keep_it_anew(call, ann, now):
    bob = make_account(Role.DISPATCHER, now, name="Bob")
    take_up_call(call.id, actor=bob, now=now)
    assert open_calls()[0]["taken_by"] == "Bob"
    again = keep_call(SAID | {"address": "五一路"}, actor=bob, now=now, call_id=call.id)
    assert (again.id, again.author, again.taken_by) == (call.id, "Bob", None)
    assert count_open() == 1


def test_a_call_becomes_one_ticket(call, ann, now):
    ticket = make_ticket(now).ticket
    finish_call(call.id, ticket, now=now)
    assert open_calls() == []
    for again in (
        lambda: finish_call(call.id, ticket, now=now),
        lambda: take_up_call(call.id, actor=ann, now=now),
        lambda: restore_call(call.id),
        lambda: keep_call(SAID, actor=ann, now=now, call_id=call.id),
    ):
        with pytest.raises(Forbidden, match="W000001"):
            again()


def test_a_discarded_call_comes_back_or_becomes_a_ticket_all_the_same(call, ann, now):
    discard_call(call.id, now=now)
    assert count_open() == 0
    with pytest.raises(Forbidden):
        take_up_call(call.id, actor=ann, now=now)
    restore_call(call.id)
    assert count_open() == 1
    discard_call(call.id, now=now)
    finish_call(call.id, make_ticket(now).ticket, now=now)
    assert call.ticket_id == 1


def test_a_call_that_a_notice_answered_waits_no_longer(call, now):
    finish_call(call.id, None, now=now)
    assert (count_open(), call.ticket_id) == (0, None)


def test_calls_are_forgotten_a_day_after_their_end_or_after_thirty_days(call, ann, now):
    ended = keep_call(SAID, actor=ann, now=now)
    discard_call(ended.id, now=now)
    assert forget_old_calls(now + ENDED_KEPT) == 0
    assert forget_old_calls(now + ENDED_KEPT + timedelta(seconds=1)) == 1
    with pytest.raises(NotFound):
        call_for_change(ended.id)
    assert forget_old_calls(now + OPEN_KEPT + timedelta(seconds=1)) == 1
