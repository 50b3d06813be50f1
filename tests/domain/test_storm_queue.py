"""Which place has a ticket in the queue of a storm, and which hour is told?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.storm_queue import (
    STEP,
    WINDOW,
    Outlook,
    outlook,
    position_of,
    seconds_until_served,
    turn_of,
)

MINUTE = 60.0
CYCLE = {"drive": 10 * MINUTE, "work": 40 * MINUTE}


def turn(number, now, *, level=2, vulnerable=False, age=0):
    at = now - timedelta(minutes=age)
    return turn_of(level, vulnerable=vulnerable, received_at=at, ticket_id=number)


def test_level_then_need_then_age_decide_the_turn(now):
    waiting = [
        turn(1, now, age=50),
        turn(2, now, vulnerable=True),
        turn(3, now, level=1),
        turn(4, now, age=60),
    ]
    assert [each.ticket_id for each in sorted(waiting)] == [3, 2, 4, 1]
    assert [position_of(each, waiting) for each in waiting] == [4, 2, 1, 3]
    assert position_of(turn(9, now, level=3), waiting) == 5


def test_the_crews_take_the_tickets_one_after_the_other():
    free_in = [0.0, 30 * MINUTE]
    arrivals = [seconds_until_served(place, free_in, **CYCLE) for place in (1, 2, 3, 4)]
    assert [at / MINUTE for at in arrivals] == [10, 40, 60, 90]


def test_nobody_on_duty_is_no_time(now):
    found = outlook(3, 7, seconds_until_served(3, [], **CYCLE), now)
    assert found == Outlook(3, 7, None, None)
    assert not found.keeps(now + timedelta(days=1))


def test_the_hour_begins_at_the_half_hour_before(now):
    found = outlook(2, 5, 100 * MINUTE, now)
    assert found.from_at == now + timedelta(minutes=90)
    assert found.to_at == found.from_at + WINDOW
    assert outlook(1, 5, 10 * MINUTE, now).from_at == now


def test_the_usual_promise_is_kept_only_when_the_whole_hour_lies_before_it(now):
    found = outlook(1, 1, 0.0, now)
    assert found.keeps(found.to_at)
    assert not found.keeps(found.to_at - timedelta(seconds=1))
    assert not found.keeps(None)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=20), st.integers(1, 60))
def test_who_is_later_in_the_queue_is_never_served_before(free_in, place):
    this, following = (seconds_until_served(at, free_in, **CYCLE) for at in (place, place + 1))
    assert this <= following


@given(st.integers(0, 10**6))
def test_the_expected_instant_lies_in_the_hour_that_is_told(seconds):
    begun = datetime(2026, 3, 2, 9, 47, 11, tzinfo=UTC)
    found = outlook(1, 1, float(seconds), begun)
    at = begun + timedelta(seconds=seconds)
    assert found.from_at <= at < found.to_at
    assert at - found.from_at < STEP
