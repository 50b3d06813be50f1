"""Do percentiles and shares say what they stand on?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.samples import (
    MINIMUM_SAMPLE,
    Percentiles,
    Share,
    median,
    percentiles,
    percentiles_by_group,
    shown_percent,
)


def test_no_values_are_no_data():
    assert percentiles([]) is None
    assert percentiles([math.nan]) is None
    assert median([math.nan]) is None
    assert Share(0, 0).rate is None


@pytest.mark.parametrize(
    ("hits", "n", "shown"),
    [(2999, 3000, 99.9), (1, 3000, 0.1), (0, 9, 0.0), (9, 9, 100.0), (1, 3, 33.3)],
)
def test_a_hundred_per_cent_and_none_are_shown_only_where_they_are_exact(hits, n, shown):
    assert shown_percent(hits / n) == shown


def test_one_value_is_every_percentile():
    assert percentiles([7.0]) == Percentiles(7.0, 7.0, 7.0, 7.0, 7.0, 1)


def test_between_two_ranks_the_percentile_lies_on_a_straight_line():
    assert percentiles([0.0, 10.0]) == Percentiles(5.0, 8.0, 9.0, 9.5, 10.0, 2)


@given(st.lists(st.integers(0, 10**7), min_size=1))
def test_percentiles_agree_with_pandas(values):
    ours, theirs = percentiles(values), pd.Series(values, dtype="float64")
    found = [ours.p50, ours.p80, ours.p90, ours.p95, ours.max]
    assert found == pytest.approx(theirs.quantile([0.5, 0.8, 0.9, 0.95, 1.0]).tolist())
    assert ours.n == len(values)
    assert median([*values, math.nan]) == ours.p50


def test_a_small_sample_is_greyed():
    assert percentiles(range(MINIMUM_SAMPLE - 1)).greyed
    assert not percentiles(range(MINIMUM_SAMPLE)).greyed
    assert Share(1, 19).greyed
    assert not Share(1, 20).greyed


def test_minutes_are_seconds_over_sixty_and_not_rounded():
    minutes = percentiles([1799.0]).as_minutes()
    assert minutes == dict.fromkeys(("p50", "p80", "p90", "p95", "max"), 1799 / 60) | {"n": 1}


def test_there_is_no_bare_mean():
    assert not {name for name in dir(Percentiles) if "mean" in name or "average" in name}


def test_a_share_keeps_its_counts():
    assert Share(3, 4).as_json() == {"rate": 0.75, "hits": 3, "n": 4}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2**40)), max_size=60))
def test_percentiles_of_groups_are_those_of_each_group_alone(pairs):
    codes = np.array([code for code, _ in pairs], dtype=np.int64)
    values = np.array([value for _, value in pairs], dtype=np.int64)
    expected = [percentiles(values[codes == code] / 1e6) for code in range(6)]
    assert percentiles_by_group(values, codes, 6, 1e6) == expected


def test_values_too_long_to_share_a_number_with_their_group_are_sorted_too():
    values = np.array([2**62, 3, 2**62 - 5, 1], dtype=np.int64)
    codes = np.array([2, 0, 2, 0], dtype=np.int64)
    expected = [percentiles(values[codes == code] / 1.0) for code in range(3)]
    assert percentiles_by_group(values, codes, 3, 1.0) == expected


def test_the_interval_of_a_share_is_wilsons():
    assert Share(0, 0).between is None
    low, high = Share(8, 10).between
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert Share(0, 20).between == (0.0, pytest.approx(0.1611, abs=1e-4))
    assert Share(20, 20).between == (pytest.approx(0.8389, abs=1e-4), 1.0)


@given(st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_stays_among_shares(counts):
    share = Share(*counts)
    low, high = share.between
    assert 0 <= low <= share.rate <= high <= 1
