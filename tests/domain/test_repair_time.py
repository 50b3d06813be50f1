"""Is what is left of a repair the residual of its lognormal law?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.repair_time import chance_done, mean_left

if TYPE_CHECKING:
    from collections.abc import Callable

MEAN, SIGMA = 2_700.0, 0.6
spent_seconds = st.floats(0, 100_000)
within_seconds = st.floats(-1_000, 100_000)
means = st.floats(60, 20_000)
sigmas = st.floats(0.1, 1.5)


def one(function: Callable[..., object], *values: float) -> float:
    return float(function(*(np.array(value) for value in values)))


def survival(seconds):
    score = (math.log(seconds / MEAN) + SIGMA**2 / 2) / SIGMA
    return math.erfc(score / math.sqrt(2)) / 2


@given(spent_seconds, within_seconds, means, sigmas)
def test_a_chance_lies_between_nothing_and_certainty(spent, within, mean, sigma):
    assert 0 <= one(chance_done, spent, within, mean, sigma) <= 1


@given(spent_seconds, st.floats(0, 20_000), st.floats(0, 20_000), means, sigmas)
def test_more_time_never_makes_the_end_less_likely(spent, first, second, mean, sigma):
    less, more = sorted((first, second))
    found = [one(chance_done, spent, each, mean, sigma) for each in (less, more)]
    assert found[0] <= found[1] + 1e-12


@given(spent_seconds, means, sigmas)
def test_what_is_left_is_a_time(spent, mean, sigma):
    left = one(mean_left, spent, mean, sigma)
    assert 0 <= left < math.inf


def test_one_that_has_just_begun_is_expected_to_last_its_mean():
    assert one(mean_left, 0, MEAN, SIGMA) == pytest.approx(MEAN, rel=1e-3)


def test_one_that_has_lasted_long_is_expected_to_last_longer_still():
    left = [one(mean_left, spent, MEAN, SIGMA) for spent in (3_600, 7_200, 14_400)]
    assert left == sorted(left)


@pytest.mark.parametrize("spent", [60.0, 1_800.0, 7_200.0])
def test_the_mean_is_the_integral_of_the_chance_that_it_lasts(spent):
    steps = np.arange(0.5, 400_000.0)
    lasts = 1 - chance_done(np.array(spent), steps, np.array(MEAN), np.array(SIGMA))
    assert one(mean_left, spent, MEAN, SIGMA) == pytest.approx(float(lasts.sum()), rel=1e-3)


@pytest.mark.parametrize(("spent", "within"), [(600.0, 1_200.0), (3_600.0, 600.0)])
def test_the_chance_is_the_law_cut_off_at_the_time_spent(spent, within):
    expected = 1 - survival(spent + within) / survival(spent)
    assert one(chance_done, spent, within, MEAN, SIGMA) == pytest.approx(expected)


def test_no_time_left_is_no_chance():
    assert one(chance_done, 600, 0, MEAN, SIGMA) == 0
    assert one(chance_done, 600, -60, MEAN, SIGMA) == 0


def test_shapes_broadcast():
    within = np.arange(6.0).reshape(3, 2) * 600
    spent, mean, sigma = np.array([60.0, 1_200.0]), np.full(2, MEAN), np.full(2, SIGMA)
    assert chance_done(spent, within, mean, sigma).shape == (3, 2)
