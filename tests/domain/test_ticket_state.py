"""Does the table hold the life of a ticket, and nothing else?"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Forbidden
from dispatch.domain.ticket_state import (
    ENDED,
    EVENT_NAMES,
    FOLLOWS,
    REACHED,
    STATE_NAMES,
    WITHOUT_CREW,
    EventKind,
    TicketState,
    check_transition,
    is_open,
    state_name,
    ticket_id_of,
    ticket_number,
)

S = TicketState
states = st.sampled_from(TicketState)


@given(states, states)
def test_the_table_decides_and_says_why(state, target):
    if target in FOLLOWS[state]:
        check_transition(state, target)
        return
    with pytest.raises(Forbidden, match="so it cannot become") as refused:
        check_transition(state, target)
    assert refused.value.facts == {"state": state, "target": target}


@given(states, states)
def test_a_past_ticket_is_nobodys_work(state, target):
    assert not is_open(state, imported=True)
    assert is_open(state, imported=False) == (state not in ENDED)
    known = state_name(state, imported=True) == STATE_NAMES[state]
    assert known == (state in ENDED)
    assert state_name(state, imported=False) == STATE_NAMES[state]
    with pytest.raises(Forbidden, match="nobody works on it"):
        check_transition(state, target, imported=True)


def test_no_state_follows_itself_and_every_state_is_left_and_reached():
    assert all(state not in FOLLOWS[state] for state in S)
    assert all(FOLLOWS[state] for state in S)
    reached = frozenset().union(*FOLLOWS.values())
    assert reached == set(S)


def test_the_road_of_the_product():
    road = [S.RECEIVED, S.ACCEPTED, S.DISPATCHED, S.ACKNOWLEDGED, S.EN_ROUTE, S.ARRIVED]
    road += [S.WORKING, S.COMPLETED, S.CLOSED, S.REOPENED, S.DISPATCHED]
    for state, target in pairwise(road):
        check_transition(state, target)


@pytest.mark.parametrize("state", sorted(REACHED))
def test_the_desk_does_not_end_what_a_crew_has_reached(state):
    assert not FOLLOWS[state] & {S.CANCELLED, S.SOLVED_BY_PHONE, S.DUPLICATE}


@pytest.mark.parametrize("state", sorted(ENDED | {S.COMPLETED}))
def test_nobody_is_sent_to_what_has_ended_before_it_is_opened_again(state):
    assert S.DISPATCHED not in FOLLOWS[state]
    assert FOLLOWS[state] & {S.REOPENED, S.ACCEPTED}


def test_a_crew_may_be_sent_wherever_one_is_wanted():
    assert all(S.DISPATCHED in FOLLOWS[state] for state in WITHOUT_CREW)


def test_everything_has_a_name():
    assert set(STATE_NAMES) == set(S)
    assert set(EVENT_NAMES) == set(EventKind)


@given(st.integers(1, 10**18 - 1))
def test_a_number_leads_back_to_its_row(row):
    assert ticket_id_of(ticket_number(row)) == row


@pytest.mark.parametrize(
    ("said", "row"),
    [
        (" w000123 ", 123),
        ("123", 123),
        ("W" + "9" * 19, None),
        *((said, None) for said in ("W", "", "W12x", "-1", "W１２", "W1.5")),
    ],
)
def test_what_people_type_is_read_or_refused(said, row):
    assert ticket_id_of(said) == row
