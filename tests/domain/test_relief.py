"""Does a hand-over say why, and what was done?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.relief import RELIEF_NAMES, ReliefReason, check_wish
from dispatch.domain.visit_state import ACTIVE, FOLLOWS, VisitState


def test_every_reason_has_a_name_and_is_enough_with_a_word_on_the_work():
    for reason in ReliefReason:
        assert RELIEF_NAMES[reason]
        check_wish(reason, "Valve shut")


@pytest.mark.parametrize(
    ("reason", "done", "named"),
    [("", "Valve shut", "reason"), ("bored", "Valve shut", "reason"), ("shift_ends", " ", "note")],
)
def test_a_wish_without_its_reason_or_its_work_is_refused_by_name(reason, done, named):
    with pytest.raises(Invalid) as refused:
        check_wish(reason, done)
    assert list(refused.value.fields) == [named]


def test_who_has_not_taken_the_ticket_declines_in_place_of_handing_over():
    may = {state for state in VisitState if VisitState.HANDED_OVER in FOLLOWS[state]}
    assert may == ACTIVE - {VisitState.DISPATCHED}
