"""Does every reason to leave a ticket out have a sentence?"""

from __future__ import annotations

import pytest

from dispatch.domain.exclusions import EXCLUSION_NAMES, Exclusion, left_out_of_times
from tests.domain.story_samples import story


def test_every_reason_has_a_sentence():
    assert set(EXCLUSION_NAMES) == set(Exclusion)


@pytest.mark.parametrize("outcome", ["duplicate", "solved_by_phone", "cancelled"])
def test_an_outcome_without_a_visit_is_left_out(outcome):
    assert left_out_of_times(story(outcome=outcome)) == outcome


def test_a_flagged_ticket_is_left_out_and_a_plain_one_is_not():
    assert left_out_of_times(story(flags=frozenset({"x"}))) is Exclusion.FLAGGED
    assert left_out_of_times(story()) is None
