"""When does the board expect a crew at its stops, and when is it done?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.board import LONGEST_DRIVE, Course, Stop, courses

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MEAN = timedelta(minutes=45)


def minutes(count):
    return NOW + timedelta(minutes=count)


def stop(sent=-20, arrived=None, ended=None, eta=None):
    at = [None if each is None else minutes(each) for each in (arrived, ended, eta)]
    return Stop(
        sent_at=minutes(sent), arrived_at=at[0], ended_at=at[1], eta_at=at[2],
        mean_seconds=MEAN.total_seconds(), sigma=0.6,
    )  # fmt: skip


def test_what_is_over_stays_as_it_was():
    over = [stop(arrived=-10, ended=-5), stop(sent=-4, ended=-2)]
    assert courses(over, NOW) == [Course(minutes(-10), minutes(-5)), Course(None, minutes(-2))]


def test_a_crew_on_the_way_arrives_as_estimated_and_stays_the_mean():
    assert courses([stop(eta=12)], NOW) == [Course(minutes(12), minutes(12) + MEAN, NOW)]


def test_without_an_estimate_the_longest_drive_counts():
    [found] = courses([stop(sent=-5)], NOW)
    assert found.arrives_at == minutes(-5) + LONGEST_DRIVE


def test_an_estimate_that_has_passed_is_now_at_the_earliest():
    [found] = courses([stop(eta=-3)], NOW)
    assert found.arrives_at == NOW


def test_a_repair_that_has_lasted_for_hours_is_expected_to_last_longer_than_a_fresh_one():
    [fresh], [old] = courses([stop(arrived=-1)], NOW), courses([stop(arrived=-600)], NOW)
    assert fresh.ends_at < old.ends_at
    assert fresh.ends_at == pytest.approx(minutes(44), abs=timedelta(minutes=2))


def test_the_next_drive_begins_when_the_crew_is_free():
    working, second, third = courses([stop(arrived=-1), stop(eta=20), stop(eta=10)], NOW)
    assert third.drives_at == working.ends_at
    assert third.arrives_at == working.ends_at + timedelta(minutes=30)
    assert second.drives_at == third.ends_at
    assert second.arrives_at == third.ends_at + timedelta(minutes=40)


@given(st.lists(st.integers(-60, 120), min_size=1, max_size=6))
def test_no_two_expected_stays_overlap(etas):
    found = sorted(courses([stop(eta=eta) for eta in etas], NOW), key=lambda each: each.arrives_at)
    assert all(one.ends_at <= other.arrives_at for one, other in pairwise(found))
    assert found[0].arrives_at >= NOW
