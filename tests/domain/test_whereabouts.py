"""Does a position count for less the older it is, and never for more?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.whereabouts import drift_seconds, with_drift

ages = st.floats(0, 20_000)
drives = st.floats(0, 7_200)


@pytest.mark.parametrize(
    ("age", "drift"),
    [(None, 0), (0, 0), (300, 0), (1_200, 300), (3_900, 600), (7_200, 830.66), (90_000, 830.66)],
)
def test_a_crew_drifts_a_leg_an_hour_after_five_minutes(age, drift):
    assert drift_seconds(age) == pytest.approx(drift, abs=0.01)


@given(ages, ages, drives)
def test_a_drive_from_an_older_position_is_never_shorter(one, other, drive):
    younger, older = sorted((one, other))
    assert drive <= with_drift(drive, drift_seconds(younger)) <= with_drift(
        drive, drift_seconds(older)
    )  # fmt: skip


@given(st.lists(st.tuples(drives, ages), min_size=1, max_size=8))
def test_arrays_and_numbers_agree(pairs):
    seconds = np.array([drive for drive, _ in pairs])
    drifts = np.array([drift_seconds(age) for _, age in pairs])
    one_by_one = [with_drift(float(s), float(d)) for s, d in zip(seconds, drifts, strict=True)]
    assert with_drift(seconds, drifts).tolist() == pytest.approx(one_by_one)


def test_without_any_drift_the_drives_stay_as_they_are():
    seconds = np.array([[1.0, np.nan]])
    assert with_drift(seconds, np.zeros(2)) is seconds
