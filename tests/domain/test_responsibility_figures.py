"""Are broken promises, holds, returns, hands and items counted to the last one?"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.rectification import ItemState
from dispatch.domain.responsibility import DESK, Holder, HolderKind
from dispatch.domain.responsibility_figures import (
    HoldRow,
    Items,
    TicketHold,
    TicketItem,
    TicketReturn,
    broken_by_holder,
    hold_reasons,
    hops,
    item_figures,
    returned,
)
from tests.domain.story_samples import after

CREW = Holder(HolderKind.CREW, "1")


def test_whoever_held_most_stands_first_and_what_is_not_on_record_is_told():
    held = [(CREW, 1), (DESK, 1), (None, 1), (CREW, 1)]
    assert broken_by_holder(held) == [(CREW, 2), (DESK, 1), (None, 1)]
    assert broken_by_holder([]) == []


@given(st.lists(st.tuples(st.sampled_from([CREW, DESK, None]), st.integers(1, 9))))
def test_every_broken_promise_is_somebodys(held):
    found = broken_by_holder(held)
    assert sum(count for _, count in found) == sum(count for _, count in held)
    assert len({holder for holder, _ in found}) == len(found)


def test_a_hold_that_lasts_counts_up_to_now_and_one_ahead_not_at_all():
    holds = [
        TicketHold(1, "part", after(0), after(10)),
        TicketHold(1, "part", after(20), None),
        TicketHold(2, "permit", after(0), after(5)),
        TicketHold(2, "permit", after(50), None),
    ]
    assert hold_reasons(holds, after(30)) == [
        HoldRow("part", holds=2, tickets=1, seconds=1200.0, lasting=1),
        HoldRow("permit", holds=2, tickets=1, seconds=300.0, lasting=1),
    ]


def test_returns_are_counted_with_their_tickets_and_reasons():
    found = returned(
        [TicketReturn(1, "not ours"), TicketReturn(1, "too far"), TicketReturn(2, "not ours")], 4
    )
    assert (found.returns, found.tickets.hits, found.tickets.n) == (3, 2, 4)
    assert found.reasons == [("not ours", 2), ("too far", 1)]
    assert returned([], 0).tickets.rate is None


def test_hands_are_counted_up_to_four_and_nobody_is_no_hand():
    found = hops([0, 1, 1, 2, 4, 9])
    assert found.counts == (2, 1, 0, 2)
    assert (found.several.hits, found.several.n) == (3, 5)
    assert hops([0]).several.rate is None


def test_an_item_is_overdue_while_somebody_must_still_put_it_right():
    late, early = after(0), after(days=2)
    items = [
        TicketItem(number, str(state), due)
        for number, state in enumerate(ItemState)
        for due in (late, early)
    ]
    assert item_figures(items, after(days=1)) == Items(10, open=6, overdue=3, done=2, signed_off=2)
    assert items[0].is_overdue(late + timedelta(seconds=1))
    assert not items[0].is_overdue(late)
