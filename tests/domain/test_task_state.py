"""May a task go where it is asked to, and does each end somewhere?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Forbidden
from dispatch.domain.task_state import (
    DEPARTMENT_NAMES,
    FOLLOWS,
    SETTLED,
    TASK_NAMES,
    TASK_STATE_NAMES,
    TaskKind,
    TaskState,
    check_task_transition,
    department_of,
    may_begin,
)

S = TaskState
STATES = st.sampled_from(list(TaskState))


def test_everything_that_is_shown_has_a_name():
    assert set(TASK_NAMES) == set(DEPARTMENT_NAMES) == set(TaskKind)
    assert set(TASK_STATE_NAMES) == set(FOLLOWS) == set(TaskState)


def test_a_settled_task_stays_as_it_is_and_every_other_can_be_settled():
    for state in TaskState:
        assert (not FOLLOWS[state]) == (state in SETTLED)
        assert state in SETTLED or S.CANCELLED in FOLLOWS[state]


@given(STATES, STATES)
def test_the_table_decides(state, target):
    if target in FOLLOWS[state]:
        check_task_transition(state, target)
        return
    with pytest.raises(Forbidden) as refused:
        check_task_transition(state, target)
    assert refused.value.facts == {"state": str(state), "target": str(target)}


@given(st.lists(STATES, max_size=6))
def test_no_walk_leaves_the_table_or_a_settled_state(wished):
    state = S.WAITING
    for target in wished:
        before = state
        try:
            check_task_transition(state, target)
        except Forbidden:
            continue
        state = target
        assert before not in SETTLED


def test_a_task_that_waits_cannot_be_done():
    with pytest.raises(Forbidden, match="waits for another task"):
        check_task_transition(S.WAITING, S.DONE)


@given(st.lists(STATES, max_size=4))
def test_a_task_begins_when_all_before_it_are_settled(before):
    assert may_begin(before) == (set(before) <= SETTLED)


def test_the_named_department_stands_before_the_usual_one():
    assert str(department_of("excavation", "")) == "Civil works"
    assert str(department_of("excavation", "Roads North")) == "Roads North"
