"""Does a step for many ask for what it needs, and say for each ticket how it is undone?"""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.actions.bulk_steps import Taken, Undo, Wish, check_args, check_may, take_for_one
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, Stale
from dispatch.domain.permissions import Actor, Role
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.factories import DESK, make_ticket
from tests.trips import open_burst, send, work


def wish(now, step, **named: Any):
    args = {name: named.pop(name) for name in ("reason", "note", "into") if name in named}
    return Wish(step, args, DESK, now, **named)


def take(now, step, number=1, **named: Any):
    with transaction():
        return take_for_one(db.session.get_one(Ticket, number), wish(now, step, **named))


@pytest.mark.parametrize(
    ("step", "field"),
    [("merge", "into"), ("note", "note"), ("close", "reason"), ("withdraw", "reason")],
)
def test_what_a_step_needs_is_asked_before_any_ticket_is_touched(step, field):
    with pytest.raises(Invalid) as refused:
        check_args(step, {})
    assert list(refused.value.fields) == [field]
    check_args(step, {field: "x"})
    check_args("separate", {})


def test_a_role_takes_for_many_what_it_takes_for_one():
    taker = Actor(name="Ann", role=Role.CALL_TAKER)
    check_may("merge", taker)
    with pytest.raises(NotAllowed):
        check_may("redispatch", taker)


def test_a_repaired_ticket_is_closed_and_may_be_reopened(session, now):
    open_burst(now)
    send(1, 1, now)
    at = work(1, 1, now)
    assert take(at, "close", reason="Checked") == Taken(undo=Undo("reopen"))


def test_a_crew_is_sent_once_and_another_only_in_its_place(session, now):
    open_burst(now)
    with pytest.raises(Forbidden, match="No crew is on this ticket"):
        take(now, "redispatch")
    first = take(now, "dispatch")
    assert (first.crew_id, first.undo) == (1, Undo("withdraw"))
    with pytest.raises(Forbidden, match="already"):
        take(now, "dispatch")
    second = take(now, "redispatch")
    assert (second.crew_id, second.undo) == (2, Undo("redispatch", 1))


def test_a_crew_that_is_named_goes_with_its_reason(session, now):
    open_burst(now)
    with pytest.raises(Invalid) as refused:
        take(now, "dispatch", crew_id=3)
    assert list(refused.value.fields) == ["override_reason"]
    assert take(now, "dispatch", crew_id=3, reason="Has the pump").crew_id == 3


def test_nobody_free_is_said_with_why(session, now):
    open_burst(now)
    with transaction():
        for _ in range(3):
            make_ticket(now)
    for number in (1, 2, 3):
        take(now, "dispatch", number)
    with pytest.raises(Forbidden, match=r"No crew may go now.*\. .+\."):
        take(now, "dispatch", 4)


def test_a_ticket_that_changed_is_left_alone(session, now):
    open_burst(now)
    with pytest.raises(Stale):
        take(now, "cancel", reason="x", seen_version=9)
