"""Does a visit go forward only, and does its ticket follow?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Forbidden
from dispatch.domain.ticket_state import TicketState
from dispatch.domain.visit_state import (
    ACTIVE,
    CAUSE_NAMES,
    FOLLOWS,
    HOLD_NAMES,
    ON_SITE,
    ROAD,
    VISIT_STATE_NAMES,
    Cause,
    HoldReason,
    VisitState,
    check_visit_transition,
    ticket_state_for,
)

states = st.sampled_from(VisitState)


@given(states, states)
def test_the_table_decides_and_names_both_states(state, target):
    if target in FOLLOWS[state]:
        check_visit_transition(state, target)
        return
    with pytest.raises(Forbidden) as refused:
        check_visit_transition(state, target)
    assert refused.value.facts == {"state": state, "target": target}


@given(states, states)
def test_no_visit_goes_back(state, target):
    if state in ACTIVE and target in FOLLOWS[state] & ACTIVE:
        assert ROAD.index(target) > ROAD.index(state)


def test_what_has_ended_stays_so_and_what_runs_can_end():
    assert {state for state in VisitState if not FOLLOWS[state]} == set(VisitState) - ACTIVE
    assert all(FOLLOWS[state] - ACTIVE for state in ACTIVE)
    assert all(VisitState.DECLINED not in FOLLOWS[state] for state in ON_SITE)


@given(st.lists(states), st.booleans())
def test_the_furthest_active_visit_speaks_for_the_ticket(visits, fixed):
    found = ticket_state_for(visits, fixed=fixed)
    active = [state for state in visits if state in ACTIVE]
    if active:
        assert all(ROAD.index(VisitState(found)) >= ROAD.index(state) for state in active)
        assert VisitState(found) in active
    else:
        assert found == (TicketState.COMPLETED if fixed else TicketState.ACCEPTED)


def test_everything_has_a_name():
    assert set(VISIT_STATE_NAMES) == set(VisitState)
    assert set(CAUSE_NAMES) == set(Cause)
    assert set(HOLD_NAMES) == set(HoldReason)
