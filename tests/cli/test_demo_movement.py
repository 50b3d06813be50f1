"""Do simulated crews move like crews: in order, at a credible pace, along the way?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.cli.demo_movement import (
    ARRIVED_METRES,
    Lapse,
    Step,
    advance,
    drive_time,
    habits_of,
    next_step,
    prompt,
    tempted,
)
from dispatch.domain.place import Point, metres_between
from dispatch.queries.under_way import Trip

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BASE, GOAL = Point(42.30, -71.10), Point(42.33, -71.05)
TRIP = Trip(
    visit_id=1,
    ticket_id=1,
    crew_id=1,
    crew="Harbor 1",
    state="dispatched",
    category="burst",
    is_restored=False,
    is_held=False,
    dispatched_at=NOW,
    acknowledged_at=None,
    en_route_at=None,
    arrived_at=None,
    working_at=None,
    goal=GOAL,
    place=BASE,
)
HABITS = replace(habits_of(1, work_minutes=30), declines=False, failure=None, acknowledge=60.0)
seeds = st.integers(0, 1_000_000)
points = st.builds(Point, st.floats(42.2, 42.4), st.floats(-71.2, -71.0))


def test_a_crew_acknowledges_after_its_own_time():
    assert next_step(TRIP, HABITS, 1.0) == (Step.ACKNOWLEDGE, NOW + timedelta(seconds=60))


def test_speed_shortens_every_wait():
    assert next_step(TRIP, HABITS, 30.0) == (Step.ACKNOWLEDGE, NOW + timedelta(seconds=2))


def test_a_crew_that_declines_does_so_instead():
    following = next_step(TRIP, replace(HABITS, declines=True), 1.0)
    assert following is not None
    assert following.step is Step.DECLINE


@pytest.mark.parametrize(
    ("state", "column", "step"),
    [
        ("acknowledged", "acknowledged_at", Step.SET_OFF),
        ("arrived", "arrived_at", Step.START),
        ("working", "working_at", Step.RESTORE),
    ],
)
def test_each_step_counts_from_the_one_before(state, column, step):
    begun = NOW + timedelta(minutes=5)
    following = next_step(replace(TRIP, state=state, **{column: begun}), HABITS, 1.0)
    assert following is not None
    assert following.step is step
    assert following.at > begun


def test_on_the_road_the_place_decides():
    assert next_step(replace(TRIP, state="en_route", en_route_at=NOW), HABITS, 1.0) is None


def test_water_is_back_before_the_work_is_done():
    working = replace(TRIP, state="working", working_at=NOW)
    restored = next_step(working, HABITS, 1.0)
    done = next_step(replace(working, is_restored=True), HABITS, 1.0)
    assert restored is not None
    assert done is not None
    assert (restored.step, done.step) == (Step.RESTORE, Step.COMPLETE)
    assert restored.at < done.at


def test_a_visit_that_fails_restores_nothing():
    failing = next(
        habits for seed in range(999) if (habits := habits_of(seed, work_minutes=30)).failure
    )
    following = next_step(replace(TRIP, state="working", working_at=NOW), failing, 1.0)
    assert following is not None
    assert following.step is Step.CANNOT_COMPLETE


@given(seeds)
def test_habits_are_drawn_once_and_are_credible(seed):
    habits = habits_of(seed, work_minutes=30)
    assert habits == habits_of(seed, work_minutes=30)
    assert 25 <= habits.acknowledge <= 600
    assert 0.6 <= habits.traffic <= 2.5
    assert 0 < habits.work <= 4 * 30 * 60


@given(seeds)
def test_on_a_visitors_ticket_a_crew_sets_off_promptly_and_else_as_ever(seed):
    habits = habits_of(seed, work_minutes=5)
    prompter = prompt(habits)
    assert not prompter.declines
    assert prompter.acknowledge + prompter.turnout <= 80
    before = {"declines": habits.declines, "acknowledge": habits.acknowledge}
    assert replace(prompter, **before, turnout=habits.turnout) == habits


def test_most_visits_go_well():
    drawn = [habits_of(seed, work_minutes=30) for seed in range(2_000)]
    assert 0.02 < sum(habits.declines for habits in drawn) / 2_000 < 0.06
    assert 0.04 < sum(habits.failure is not None for habits in drawn) / 2_000 < 0.10


def test_the_drive_takes_what_the_planner_expects():
    calm = replace(HABITS, traffic=1.0)
    metres = metres_between(BASE, GOAL)
    assert drive_time(TRIP, calm).total_seconds() == pytest.approx(metres * 1.3 / (32 / 3.6))
    assert drive_time(replace(TRIP, goal=None), calm) == timedelta()


@given(points, points, st.floats(0, 40_000))
def test_a_crew_comes_nearer_and_never_passes_its_goal(place, goal, metres):
    before, moved = metres_between(place, goal), advance(place, goal, metres)
    after = metres_between(moved, goal)
    assert after <= before + 0.01
    if before > ARRIVED_METRES and metres < before:
        assert after == pytest.approx(before - metres, rel=0.01, abs=1)
    else:
        assert moved == goal


def test_few_visits_have_a_lapse_and_always_the_same():
    drawn = [tempted(HABITS, seed) for seed in range(2_000)]
    lapses = [each.lapse for each in drawn if each.lapse]
    assert set(lapses) == set(Lapse)
    assert 20 < len(lapses) < 90
    assert drawn == [tempted(HABITS, seed) for seed in range(2_000)]
    assert {each.work for each in drawn if each.lapse is Lapse.HURRIES} == {45.0}
