"""Are figures read off a table of counts in the order in which it is written?"""

from __future__ import annotations

import numpy as np

from dispatch.domain.counted_figures import BANDS, FLOWS, CountedFigures
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import CAUSES, EXCLUSIONS
from dispatch.domain.samples import Share


class Given(CountedFigures):
    """Figures of one group, out of a table that is given."""

    size = 1

    def __init__(self, row) -> None:
        self.row = row

    def table(self, _name):
        return np.array([self.row])

    def spread(self, _stage):
        return [None]


def test_a_promise_is_met_or_late_raw_and_with_holds_taken_off():
    why = [0] * len(EXCLUSIONS)
    why[EXCLUSIONS.index(Exclusion.CANCELLED)] = 9
    [found] = Given([1, 2, 3, 4, 5, 6, 7, 8, *why]).attainment("circle")
    assert (found.met, found.late, found.open_overdue, found.not_due) == (3, 7, 15, 11)
    assert found.excluded == {Exclusion.CANCELLED: 9}


def test_a_fix_is_judged_once_it_is_known_and_confirmed_once_it_has_held():
    [found] = Given([9, 1, 2, 3, 4, 5]).first_time_fix()
    assert found.share == Share(5, 14)
    assert found.confirmed == Share(3, 8)
    assert found.excluded == {Exclusion.FLAGGED: 1}


def test_the_most_frequent_cause_comes_first_and_none_without_a_ticket():
    row = [0] * len(CAUSES)
    row[0], row[2], row[3] = 50, 1, 4
    assert Given(row).return_visit_causes() == [{CAUSES[3]: 4, CAUSES[2]: 1}]


def test_a_repeat_says_what_is_left_out():
    [found] = Given([1, 10, 2, 3, 0]).repeat(30)
    assert (found.share, found.provisional) == (Share(1, 10), 2)
    assert found.excluded == {Exclusion.FLAGGED: 3}


def test_flow_has_the_ages_of_what_waits_at_its_end():
    [found] = Given([*range(1, len(FLOWS) + 1), *(100 + n for n in range(len(BANDS)))]).flow()
    assert [getattr(found, name) for name in ("opened", "closed", "backlog", "overdue")] == [
        1, 2, 3, 4,
    ]  # fmt: skip
    assert found.by_rule == Share(8, 7)
    assert list(found.age_bands.values()) == [100 + n for n in range(len(BANDS))]
