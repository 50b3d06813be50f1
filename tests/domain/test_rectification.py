"""Does an item go only where the table lets it?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Forbidden
from dispatch.domain.rectification import (
    FOLLOWS,
    ITEM_STATE_NAMES,
    LATE_CAUSE_NAMES,
    UNSETTLED,
    ItemState,
    LateCause,
    check_item_transition,
)

PAIRS = [(state, target) for state in ItemState for target in ItemState]


@pytest.mark.parametrize(("state", "target"), PAIRS)
def test_each_step_is_in_the_table_or_refused(state, target):
    if target in FOLLOWS[state]:
        check_item_transition(state, target)
        return
    with pytest.raises(Forbidden) as refusal:
        check_item_transition(state, target)
    assert refusal.value.facts == {"state": str(state), "target": str(target)}


def test_every_item_can_be_signed_off_and_only_after_it_was_done():
    assert [state for state in ItemState if ItemState.SIGNED_OFF in FOLLOWS[state]] == ["done"]
    assert all(ItemState.DONE in FOLLOWS[state] for state in UNSETTLED)
    assert not FOLLOWS[ItemState.SIGNED_OFF]


def test_every_state_and_cause_has_a_name():
    assert set(ITEM_STATE_NAMES) == set(ItemState)
    assert set(LATE_CAUSE_NAMES) == set(LateCause)
