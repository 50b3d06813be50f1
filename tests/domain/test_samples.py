"""Do percentiles and shares say what they stand on?"""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.samples import MINIMUM_SAMPLE, Percentiles, Share, percentiles


def test_no_values_are_no_data():
    assert percentiles([]) is None
    assert percentiles([math.nan]) is None
    assert Share(0, 0).rate is None


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
