"""Is a drive stretched as the source says for the places around its ends?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.anchored_travel import AnchoredTimes
from dispatch.domain.travel import StraightLine

ANCHORS = np.array([(28.10, 112.90), (28.10, 113.00), (28.20, 112.90), (28.20, 113.00)])
STRAIGHT = StraightLine(tuple(20.0 + hour for hour in range(24)))
PLACES = st.tuples(st.floats(28.05, 28.25), st.floats(112.85, 113.05))


def times(asked, hour=None):
    return AnchoredTimes(STRAIGHT, ANCHORS, asked, source="osrm", spread=0.15, hour=hour)


def test_between_anchors_it_is_what_was_asked():
    asked = STRAIGHT.seconds(ANCHORS, ANCHORS) * np.array([[1, 2, 3, 4]] * 4)
    found = times(asked).seconds(ANCHORS, ANCHORS)
    assert found == pytest.approx(asked)
    assert times(asked).source == "osrm"
    assert times(asked).spread == 0.15


def test_another_hour_is_as_much_slower_as_our_own_drives():
    asked = STRAIGHT.seconds(ANCHORS, ANCHORS, 8) * 1.5
    found = times(asked, hour=8).seconds(ANCHORS, ANCHORS, 17)
    assert found == pytest.approx(STRAIGHT.seconds(ANCHORS, ANCHORS, 17) * 1.5)


def test_what_has_no_way_is_stretched_as_usual():
    asked = STRAIGHT.seconds(ANCHORS, ANCHORS) * 1.4
    asked[0] = asked[:, 0] = np.nan
    near = ANCHORS[:1] + 0.001
    expected = STRAIGHT.seconds(ANCHORS[:1], near) * 1.4
    assert times(asked).seconds(ANCHORS[:1], near) == pytest.approx(expected)


def test_no_drive_at_all_is_no_source():
    with pytest.raises(ValueError, match="knows no drive"):
        times(np.full((4, 4), np.nan))
    with pytest.raises(ValueError, match="knows no drive"):
        AnchoredTimes(STRAIGHT, ANCHORS[:1], np.zeros((1, 1)), source="osrm", spread=0.1)


@given(PLACES, PLACES, st.integers(0, 23))
def test_a_drive_is_never_absurd(here, there, hour):
    asked = np.full((4, 4), 1e9)
    origins, goals = np.array([here]), np.array([there])
    straight = STRAIGHT.seconds(origins, goals, hour)
    assert (times(asked).seconds(origins, goals, hour) <= straight * 6 + 1e-6).all()


def test_an_unknown_place_has_no_drive():
    asked = STRAIGHT.seconds(ANCHORS, ANCHORS)
    found = times(asked).seconds(np.array([(np.nan, np.nan)]), ANCHORS)
    assert np.isnan(found).all()
