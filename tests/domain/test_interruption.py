"""Are households without water counted for as long as they had none?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.domain.interruption import Interruption, household_minutes
from tests.domain.story_samples import after


def test_households_times_minutes_up_to_now():
    ended = Interruption(40, after(0), after(90))
    lasting = Interruption(3, after(60))
    planned = Interruption(500, after(200), after(300))
    backward = Interruption(7, after(50), after(40))
    assert household_minutes([ended, lasting, planned, backward], after(100)) == 3600 + 120


def test_an_interruption_that_ends_later_counts_up_to_now():
    assert household_minutes([Interruption(2, after(0), after(90))], after(10)) == 20


def test_no_interruption_is_no_data():
    assert household_minutes([], after(0)) is None
    assert household_minutes([Interruption(5, after(1))], after(0)) is None


def test_the_change_of_clocks_adds_no_hour():
    boston = ZoneInfo("America/New_York")
    night = Interruption(
        1,
        datetime(2015, 3, 8, 1, 50, tzinfo=boston),
        datetime(2015, 3, 8, 3, 10, tzinfo=boston),
    )
    assert household_minutes([night], datetime(2015, 3, 9, tzinfo=boston)) == 20
