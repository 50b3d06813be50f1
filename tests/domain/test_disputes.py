"""Can a dispute be settled once and no more, and has each word a name?"""

from __future__ import annotations

import pytest

from dispatch.domain.disputes import (
    DISPUTE_LADDER,
    DISPUTE_STATE_NAMES,
    GROUND_NAMES,
    DisputeGround,
    DisputeState,
    check_open,
)
from dispatch.domain.errors import Forbidden


def test_every_state_and_ground_has_a_name():
    assert set(DISPUTE_STATE_NAMES) == set(DisputeState)
    assert set(GROUND_NAMES) == set(DisputeGround)


def test_the_ladder_begins_with_the_opening_and_ends_with_the_time():
    assert (DISPUTE_LADDER[0], DISPUTE_LADDER[-1]) == (0, 1)
    assert list(DISPUTE_LADDER) == sorted(DISPUTE_LADDER)


@pytest.mark.parametrize("state", [DisputeState.DECIDED, DisputeState.LAPSED, DisputeState.OVER])
def test_a_settled_dispute_is_not_settled_again(state):
    check_open(DisputeState.OPEN)
    with pytest.raises(Forbidden) as refused:
        check_open(state)
    assert refused.value.facts == {"state": str(state)}
