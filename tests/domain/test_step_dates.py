"""Is each step of a request expected on the day that a calendar on the wall would give?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.budgets import Budget
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.domain.step_dates import StepStanding, step_dates
from dispatch.domain.task_state import TaskKind, TaskState

K, S = TaskKind, TaskState
CALENDAR = replace(
    DEFAULT_POLICY.calendar, holidays=frozenset(date(2026, 10, day) for day in range(1, 8))
)
POLICY = replace(DEFAULT_POLICY, calendar=CALENDAR)
NOW = datetime(2026, 9, 29, 2, tzinfo=UTC)


def step(number, kind, state=S.WAITING, days=None, *, ready_at=None, due_at=None, ended_at=None):
    return StepStanding(
        id=number,
        kind=kind,
        state=state,
        waits_for=(number - 1,) if number > 1 else (),
        budget=Budget(working_days=days) if days else None,
        ready_at=ready_at,
        due_at=due_at,
        ended_at=ended_at,
    )


def end_of(day):
    """Return half past five in the afternoon in Shanghai."""
    return datetime(2026, *day, 9, 30, tzinfo=UTC)


def test_each_step_follows_the_one_before_and_says_why_it_takes_so_long():
    steps = [
        step(1, K.ACCEPTANCE, S.DONE, 1, ready_at=NOW, ended_at=NOW),
        step(2, K.SURVEY, S.OPEN, 2, ready_at=NOW, due_at=end_of((10, 8))),
        step(3, K.QUOTE, days=1),
    ]
    found = step_dates(steps, POLICY, NOW)
    assert [found[each].expected_at for each in (1, 2, 3)] == [
        NOW,
        end_of((10, 8)),
        end_of((10, 9)),
    ]
    assert found[1].promise is None
    assert str(found[2].promise) == "2 working days; 1 to 7 October are holidays"
    assert str(found[3].promise) == "1 working day"


def test_nothing_can_be_dated_after_a_step_of_the_customer():
    steps = [step(1, K.PAYMENT, S.OPEN, ready_at=NOW), step(2, K.CONSTRUCTION, days=10)]
    found = step_dates(steps, POLICY, NOW)
    assert [found[each].expected_at for each in (1, 2)] == [None, None]


def test_a_step_that_is_late_is_expected_at_once_and_so_are_those_after_it():
    steps = [
        step(1, K.SURVEY, S.OPEN, 1, ready_at=NOW - timedelta(days=9), due_at=NOW - timedelta(1)),
        step(2, K.QUOTE, days=1),
    ]
    found = step_dates(steps, POLICY, NOW)
    assert found[1].expected_at == NOW
    assert found[2].expected_at == end_of((9, 30))


def test_a_step_without_a_time_takes_none_and_minutes_have_no_calendar():
    steps = [
        step(1, K.ACCEPTANCE, S.OPEN, ready_at=NOW),
        replace(step(2, K.REPLY), budget=Budget(minutes=30)),
    ]
    found = step_dates(steps, POLICY, NOW)
    assert found[1].expected_at == NOW
    assert found[2].expected_at == NOW + timedelta(minutes=30) - timedelta(microseconds=1)
    assert found[2].promise is None


@pytest.mark.parametrize("waits_for", [(), (7,)])
def test_a_step_that_waits_for_nothing_known_begins_now(waits_for):
    alone = replace(step(1, K.REPLY, days=1), waits_for=waits_for)
    assert step_dates([alone], POLICY, NOW)[1].expected_at == end_of((9, 30))


@given(
    days=st.lists(st.integers(1, 8), min_size=1, max_size=5),
    off=st.frozensets(st.dates(date(2026, 9, 29), date(2026, 11, 30)), max_size=15),
)
def test_expected_days_are_worked_rise_and_never_come_sooner_by_a_holiday(days, off):
    steps = [step(number, K.REPLY, days=n) for number, n in enumerate(days, start=1)]
    plain = step_dates(steps, POLICY, NOW)
    calendar = replace(CALENDAR, holidays=CALENDAR.holidays | off)
    found = step_dates(steps, replace(POLICY, calendar=calendar), NOW)
    ends = [found[each.id].expected_at for each in steps]
    assert all(calendar.is_working_day(at.astimezone(calendar.zone).date()) for at in ends)
    assert ends == sorted(set(ends))
    assert all(found[each.id].expected_at >= plain[each.id].expected_at for each in steps)
