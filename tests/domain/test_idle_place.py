"""Does an idle crew wait where it helps the next call most, and move only for a clear gain?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.idle_place import LEAST_GAIN_SECONDS, Move, best_move, better_place

FAR = np.full(2, np.inf)


def test_a_crew_goes_where_the_mean_arrival_falls_most():
    here, places = np.array([600.0, 600.0]), np.array([[100.0, 700.0], [300.0, 100.0]])
    assert better_place(FAR, here, places) == (1, 400.0)


def test_where_another_crew_is_near_one_more_is_worth_little():
    others, here = np.array([60.0, 900.0]), np.array([900.0, 900.0])
    assert better_place(others, here, np.array([[0.0, 900.0], [900.0, 600.0]])) == (1, 150.0)


def test_a_crew_does_not_move_for_next_to_nothing():
    here = np.full(2, 600.0)
    just = here - LEAST_GAIN_SECONDS
    assert better_place(FAR, here, just[None] + 0.1) is None
    assert better_place(FAR, here, just[None]) == (0, LEAST_GAIN_SECONDS)


def test_without_a_place_or_a_point_it_stays():
    assert better_place(FAR, FAR, np.empty((0, 2))) is None
    assert better_place(np.empty(0), np.empty(0), np.empty((3, 0))) is None


def test_a_place_without_a_way_to_any_point_wins_nothing():
    assert better_place(FAR, np.full(2, 60.0), np.full((1, 2), np.inf)) is None
    assert better_place(FAR, FAR, np.full((1, 2), np.inf)) is None


drives = st.lists(st.floats(0, 7_200), min_size=12, max_size=12).map(np.array)


@given(drives, st.integers(0, 3))
def test_no_other_place_would_win_more(seconds, staying):
    others, places = seconds[:3], seconds[3:].reshape(3, 3)
    here = places[staying % 3]
    found = better_place(others, here, places)
    won = [np.minimum(here, others).mean() - np.minimum(place, others).mean() for place in places]
    if found is None:
        assert max(won) < LEAST_GAIN_SECONDS
    else:
        assert found == (int(np.argmax(won)), max(won))


def test_a_place_counts_by_its_weight():
    here, places = np.array([600.0, 600.0]), np.array([[100.0, 600.0], [600.0, 100.0]])
    assert better_place(FAR, here, places, np.array([1.0, 3.0])) == (1, 375.0)


def test_the_crew_that_wins_most_moves_and_says_what_is_won():
    arrives = np.array([[900.0, 900.0], [60.0, 900.0]])
    places, nobody = np.array([[900.0, 100.0]]), np.full(2, np.inf)
    both = np.array([0, 1])
    assert best_move(arrives, both, nobody, places) == Move(0, 0, 480.0, 80.0)
    # Of the second alone the other point would be left behind.
    assert best_move(arrives, both[1:], nobody, places) is None


def test_a_crew_at_work_that_is_soon_there_leaves_little_to_win():
    arrives, places = np.array([[900.0, 900.0]]), np.array([[100.0, 100.0]])
    first, near = np.array([0]), np.array([110.0, 110.0])
    assert best_move(arrives, first, near, places) is None
    assert best_move(arrives, first[:0], np.full(2, np.inf), places) is None
