"""Is a planned visit kept back exactly where a grid would stand below the floor?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.exclusions import Exclusion, left_out_of_times
from dispatch.domain.planned_visits import LEAST_FALL, Without, why_wait
from tests.domain.story_samples import story

HERE = Without((4, 7), ("West", "East"), np.array([0.95, 0.4]), np.array([[0.34, 0.0], [0, 0.2]]))


def test_the_grid_that_would_stand_lowest_is_named():
    assert HERE.hit_hardest(4, 0.8) == ("West", pytest.approx(0.61))
    assert HERE.hit_hardest(4, 0.6) is None


def test_a_grid_below_the_floor_that_the_crew_does_not_touch_is_not_counted():
    assert HERE.hit_hardest(7, 0.8) == ("East", pytest.approx(0.2))
    assert HERE.hit_hardest(9, 0.8) is None
    still = Without((4,), ("West",), np.array([0.1]), np.array([[LEAST_FALL / 2]]))
    assert still.hit_hardest(4, 0.8) is None


CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=5)


@given(CHANCES, st.floats(0, 1), st.data())
def test_what_is_let_go_leaves_every_touched_grid_at_the_floor(before, floor, data):
    falls = [data.draw(st.floats(0, each)) for each in before]
    seen = Without((1,), tuple(map(str, before)), np.array(before), np.array([falls]))
    if seen.hit_hardest(1, floor) is None:
        touched = [b - f for b, f in zip(before, falls, strict=True) if f >= LEAST_FALL]
        assert all(each >= floor for each in touched)


def test_the_sentence_names_crew_grid_and_what_is_left():
    said = str(why_wait("crew 4", ("grid West", 0.619)))
    assert said == "Waits for a quiet hour: if crew 4 goes, grid West falls to 61 %"


@pytest.mark.parametrize("kind", ["planned", "inspection"])
def test_a_planned_visit_is_out_of_every_figure_of_time(kind):
    assert left_out_of_times(story(kind=kind)) is Exclusion.PLANNED
    assert left_out_of_times(story()) is None
