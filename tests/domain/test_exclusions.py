"""Does every reason to leave a ticket out have a sentence?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.attainment import circle_attainment
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


@pytest.mark.parametrize("kind", ["installation", "water_quality", "enquiry"])
def test_a_request_takes_no_part_in_any_figure_of_time(kind):
    assert left_out_of_times(story(kind=kind)) is Exclusion.REQUEST
    late = story(kind=kind)
    found = circle_attainment([late], late.received_at + timedelta(days=1))
    assert (found.n, found.excluded) == (0, {Exclusion.REQUEST: 1})
