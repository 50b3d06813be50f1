"""Does a storm bring so many more calls, at its hours and from the same places?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Invalid
from dispatch.rehearsal.storm import with_storm
from tests.rehearsal.test_staffing import demand_of

CALM = demand_of([(minute * 10, minute % 7) for minute in range(144)])


def test_calls_are_multiplied_in_its_hours_alone():
    storm = with_storm(CALM, 3.5, 6, 6, seed=1)
    hours = storm.calls.received / 3600
    assert storm.storm_calls == 90
    assert len(storm.calls) == 144 + 90
    assert ((hours >= 6) & (hours < 12)).sum() == 36 * 3.5
    assert hours.tolist() == sorted(hours.tolist())
    assert set(storm.calls.place[:, 0].tolist()) == set(range(7))


def test_the_seed_makes_it():
    first, again, other = (with_storm(CALM, 2, 0, 6, seed=seed) for seed in (1, 1, 2))
    assert first.calls.received.tolist() == again.calls.received.tolist()
    assert first.calls.received.tolist() != other.calls.received.tolist()


def test_hours_without_a_call_take_the_mean_rate():
    quiet = demand_of([(0, 1)] * 24)
    assert with_storm(quiet, 2, 12, 6, seed=1).storm_calls == 6


@pytest.mark.parametrize("storm", [(0.5, 0, 6), (2, -1, 6), (2, 20, 6), (2, 0, 0)])
def test_a_storm_that_is_none_is_refused(storm):
    with pytest.raises(Invalid, match="within the 24 of the rehearsal"):
        with_storm(CALM, *storm, seed=1)
