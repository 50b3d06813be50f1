"""Is the chance that a free crew arrives in time what a plain loop works out?"""

from __future__ import annotations

from math import erf, log, prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dispatch.domain.coverage import (
    RepairTimes,
    Work,
    best_wait,
    chance_of_points,
    chances_in_time,
    expected_coverage,
    losses_by_grid,
    misses_without_each,
    weighted_means,
)

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
NO_WAY = np.nan

chances = arrays.arrays(
    float,
    st.tuples(st.integers(1, 6), st.integers(1, 9)),
    elements=st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1)),
)


def drives(*rows: list[float]):
    return np.array(rows, dtype=float)


def test_an_idle_crew_arrives_in_time_by_the_lognormal_drive():
    found = chances_in_time(drives([20 * MINUTE, 30 * MINUTE, 40 * MINUTE]), np.ones(1), spread=0.3)
    expected = [(1 + erf(log(30 / minutes) / 0.3 / sqrt(2))) / 2 for minutes in (20, 30, 40)]
    assert found[0] == pytest.approx(expected, abs=1e-6)


def test_exact_drives_are_in_time_or_not():
    found = chances_in_time(
        drives([0, 30 * MINUTE, 30 * MINUTE + 4, 3 * HOUR]), np.ones(1), spread=0
    )
    assert found.tolist() == [[1, 1, 0, 0]]


def test_a_place_without_a_way_is_not_reached():
    found = chances_in_time(drives([NO_WAY, np.inf, -5]), np.ones(1))
    assert found.tolist() == [[0, 0, 0]]


def test_a_crew_off_duty_reaches_nothing_and_one_often_busy_half_of_it():
    found = chances_in_time(drives([60], [60], [60]), np.array([0, 0.5, 1]), spread=0)
    assert found.ravel().tolist() == [0, 0.5, 1]


def test_a_crew_at_work_counts_when_it_ends_and_drives_in_time():
    repair = RepairTimes(mean_seconds=2_700, sigma=0.6)
    found = chances_in_time(
        drives([10 * MINUTE]), np.ones(1), work=[Work(elapsed=600)], repair=repair, spread=0
    )
    expected = repair.ends_within(np.array([20 * MINUTE]), 600)
    assert found[0] == pytest.approx(expected, abs=1e-9)
    assert 0 < found[0, 0] < 1


def test_a_crew_on_its_way_to_work_counts_for_less_than_one_that_has_begun():
    work = [Work(arrives_in=600), Work(), None]
    found = chances_in_time(np.full((3, 1), 300.0), np.ones(3), work=work).ravel()
    assert 0 < found[0] < found[1] < found[2]


def test_an_uncertain_drive_after_work_is_averaged_over_its_spread():
    repair, draws = RepairTimes(), np.random.default_rng(3).normal(size=200_000)
    found = chances_in_time(
        drives([10 * MINUTE]), np.ones(1), work=[Work(elapsed=900)], repair=repair, spread=0.3
    )
    left = 30 * MINUTE - 10 * MINUTE * np.exp(0.3 * draws)
    assert found[0, 0] == pytest.approx(repair.ends_within(left, 900).mean(), abs=2e-3)


def test_time_on_site_is_a_lognormal_left_over():
    repair = RepairTimes(mean_seconds=2_700, sigma=0.6)
    draws = np.random.default_rng(1).lognormal(np.log(2_700) - 0.18, 0.6, 400_000)
    assert draws.mean() == pytest.approx(2_700, rel=0.01)
    lasting = draws[draws > 1_800]
    expected = np.mean(lasting <= 3_000)
    assert repair.ends_within(np.array([1_200.0]), 1_800) == pytest.approx(expected, abs=4e-3)


def test_time_on_site_beyond_every_record_still_has_an_answer():
    chance = RepairTimes().ends_within(np.array([0.0, 600.0]), 30 * DAY)
    assert chance[0] == 0
    assert 0 < chance[1] < 0.01


@pytest.mark.parametrize(("mean", "sigma"), [(0, 0.6), (2_700, 0), (np.nan, 0.6), (np.inf, 1)])
def test_a_time_on_site_that_cannot_be_is_refused(mean, sigma):
    with pytest.raises(ValueError, match="positive"):
        RepairTimes(mean, sigma)


@pytest.mark.parametrize(
    ("seconds", "free", "work"),
    [
        (np.zeros(3), np.ones(3), None),
        (np.zeros((2, 3)), np.ones(3), None),
        (np.zeros((1, 3)), np.ones(1), [None, None]),
    ],
)
def test_shapes_that_do_not_fit_are_refused(seconds, free, work):
    with pytest.raises(ValueError, match="crews × points"):
        chances_in_time(seconds, free, work=work)


@pytest.mark.parametrize("free", [-0.1, 1.1, np.nan])
def test_a_chance_of_being_free_is_a_chance(free):
    with pytest.raises(ValueError, match="between 0 and 1"):
        chances_in_time(np.zeros((1, 1)), np.array([free]))


@given(chances)
def test_a_place_is_reached_unless_every_crew_misses_it(each):
    expected = [1 - prod(1 - each[:, point]) for point in range(each.shape[1])]
    assert chance_of_points(each) == pytest.approx(expected)


@given(chances)
def test_without_a_crew_the_others_decide(each):
    expected = [
        [prod(np.delete(1 - each, crew, axis=0)[:, point]) for point in range(each.shape[1])]
        for crew in range(len(each))
    ]
    assert misses_without_each(each) == pytest.approx(np.array(expected))


@given(chances)
def test_one_more_crew_never_lowers_the_chance(each):
    fewer, all_of_them = chance_of_points(each[1:]), chance_of_points(each)
    assert (all_of_them >= fewer - 1e-12).all()


def test_nobody_reaches_anything_without_crews():
    nobody = np.zeros((0, 3))
    assert chance_of_points(nobody).tolist() == [0, 0, 0]
    assert misses_without_each(nobody).shape == (0, 3)
    assert losses_by_grid(nobody, np.ones(3), np.array([0, 0, 1]), 2).shape == (0, 2)


def test_many_points_are_worked_out_in_pieces():
    each = np.random.default_rng(2).random((3, 9_000))
    first = misses_without_each(each)[0]
    assert first == pytest.approx((1 - each[1]) * (1 - each[2]))


def test_a_grid_is_the_mean_of_its_points_by_demand():
    values, weights = np.array([1.0, 0.0, 0.5, 0.7]), np.array([3.0, 1.0, 0.0, 0.0])
    found = weighted_means(values, weights, np.array([0, 0, 1, 1]), 3)
    assert found[:2] == pytest.approx([0.75, 0.6])
    assert np.isnan(found[2])


def test_the_loss_of_a_grid_is_what_the_other_crews_do_not_reach():
    each = np.array([[0.9, 0.9, 0.0], [0.4, 0.0, 1.0]])
    found = losses_by_grid(each, np.ones(3), np.array([0, 0, 1]), 2)
    assert found == pytest.approx(np.array([[(0.54 + 0.9) / 2, 0], [0.04 / 2, 1]]))


def test_the_whole_is_weighted_by_demand():
    assert expected_coverage(np.array([1.0, 0.5]), np.array([3.0, 1.0])) == pytest.approx(0.875)
    assert expected_coverage(np.array([1.0, 0.5]), np.zeros(2)) == pytest.approx(0.75)
    assert expected_coverage(np.zeros(0), np.zeros(0)) is None


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_a_demand_that_cannot_be_is_refused(weight):
    with pytest.raises(ValueError, match="not negative"):
        expected_coverage(np.ones(1), np.array([weight]))


def test_an_idle_crew_waits_where_it_adds_most():
    # Crew 0 works in the west; crew 1 idles beside it, and nobody is in the east.
    each = np.array([[0.8, 0.0], [0.9, 0.0]])
    places = drives([60, NO_WAY], [NO_WAY, 60])
    found = best_wait(each, np.array([1]), places, np.array([1.0, 1.0]), spread=0)
    assert (found.crew, found.place) == (1, 1)
    assert (found.before, found.after) == pytest.approx((0.49, 0.9))


@given(chances, st.data())
def test_the_best_wait_is_the_best_of_all_moves(each, data):
    places = data.draw(
        arrays.arrays(float, (3, each.shape[1]), elements=st.sampled_from([60.0, 1_700.0, NO_WAY]))
    )
    weights = np.arange(1.0, each.shape[1] + 1)
    idle = np.arange(len(each))
    there = chances_in_time(places, np.ones(3))
    before = expected_coverage(chance_of_points(each), weights)
    moved = []
    for crew in idle:
        for place in range(3):
            after = each.copy()
            after[crew] = there[place]
            moved.append(expected_coverage(chance_of_points(after), weights))
    found = best_wait(each, idle, places, weights)
    assert (found.after if found else before) == pytest.approx(max(before, *moved))


def test_a_crew_that_stands_best_stays():
    each = np.array([[1.0, 1.0]])
    assert best_wait(each, np.array([0]), drives([60, 60]), np.zeros(2)) is None


@pytest.mark.parametrize(("idle", "places", "points"), [([], 1, 2), ([0], 0, 2), ([0], 1, 0)])
def test_without_crews_places_or_points_nobody_moves(idle, places, points):
    each = np.full((1, points), 0.5)
    rows = np.array(idle, dtype=np.intp)
    assert best_wait(each, rows, np.zeros((places, points)), np.ones(points)) is None


def test_a_city_without_grids_has_no_means():
    nowhere = np.zeros(0, dtype=np.intp)
    assert weighted_means(np.zeros(0), np.zeros(0), nowhere, 0).shape == (0,)
    assert losses_by_grid(np.zeros((2, 0)), np.zeros(0), nowhere, 0).shape == (2, 0)
