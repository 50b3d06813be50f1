"""Are percentiles out of buckets as near the exact ones as they are said to be?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.histograms import BUCKETS, WITHIN, buckets_of, histogram, percentiles_of
from dispatch.domain.samples import percentiles_by_group

SECOND = 1_000_000
times = st.one_of(st.integers(0, 100 * SECOND), st.integers(0, 5 * 366 * 86_400 * SECOND))


@given(st.lists(st.tuples(st.integers(0, 3), times), max_size=60))
def test_percentiles_are_within_a_hundredth_and_half_a_second(found):
    codes = np.array([code for code, _ in found], dtype=np.int64)
    spans = np.array([span for _, span in found], dtype=np.int64)
    rough = percentiles_of(histogram(buckets_of(spans), codes, 4))
    exact = percentiles_by_group(spans, codes, 4, SECOND)
    for one, other in zip(rough, exact, strict=True):
        assert (one is None) == (other is None)
        if one and other:
            assert one.n == other.n
            for name in ("p50", "p80", "p90", "p95", "max"):
                wide, true = getattr(one, name), getattr(other, name)
                assert abs(wide - true) <= WITHIN * true + 0.5


def test_histograms_of_parts_add_up_to_that_of_the_whole():
    dice = np.random.default_rng(1)
    spans = dice.integers(0, 86_400 * SECOND, 1_000)
    codes = dice.integers(0, 3, 1_000)
    buckets = buckets_of(spans)
    parts = [histogram(buckets[start::2], codes[start::2], 3) for start in (0, 1)]
    assert (parts[0] + parts[1] == histogram(buckets, codes, 3)).all()


def test_a_time_without_end_is_in_the_last_bucket():
    assert buckets_of(np.array([0, SECOND - 1, 10**18])).tolist() == [0, 0, BUCKETS - 1]


def test_of_nothing_nothing_is_said():
    assert percentiles_of(np.zeros((2, 0), dtype=np.int64)) == [None, None]
    assert percentiles_of(np.zeros((2, BUCKETS), dtype=np.int64)) == [None, None]
