"""Is a call in the days and hours asked for, by the clock on the wall?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.part_of_week import DAY_NAMES, DAYS_OF, SINGLE_DAYS, PartOfWeek, part_of_week

CHANGSHA = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")


def at(day: int, hour: int, zone: ZoneInfo = CHANGSHA) -> datetime:
    """Return an hour of a day of March 2026, whose second is a Monday."""
    return datetime(2026, 3, day, hour, 30, tzinfo=zone)


def test_weekday_evenings_end_before_their_last_hour():
    evenings = PartOfWeek(CHANGSHA, "weekdays", 17, 22)
    assert [evenings.holds(at(2, hour)) for hour in (16, 17, 21, 22)] == [False, True, True, False]
    assert evenings.holds(at(6, 18))
    assert not evenings.holds(at(7, 18))


def test_a_night_wraps_around_midnight_and_keeps_its_days():
    nights = PartOfWeek(CHANGSHA, "mon", 22, 6)
    assert [nights.holds(at(2, hour)) for hour in (5, 6, 21, 22)] == [True, False, False, True]
    assert not nights.holds(at(3, 1))


def test_days_and_hours_are_those_of_the_zone():
    monday = PartOfWeek(CHANGSHA, "mon")
    assert monday.holds(at(1, 13, BOSTON))
    assert not monday.holds(at(2, 13, BOSTON))


def test_hours_follow_the_clocks_when_they_change():
    two = PartOfWeek(BOSTON, None, 2, 3)
    one = PartOfWeek(BOSTON, None, 1, 2)
    instants = [datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=BOSTON) for fold in (0, 1)]
    assert [one.holds(instant) for instant in instants] == [True, True]
    assert not any(two.holds(instant) for instant in instants)


def test_the_whole_week_is_no_part_of_it():
    assert part_of_week(CHANGSHA, None, None, None) is None
    assert part_of_week(CHANGSHA, None, 0, 24) is None
    assert part_of_week(CHANGSHA, None, 17, None) == PartOfWeek(CHANGSHA, None, 17, 24)
    assert part_of_week(CHANGSHA, "sun", None, None) == PartOfWeek(CHANGSHA, "sun")


def test_hours_that_begin_where_they_end_are_refused():
    with pytest.raises(Invalid) as refused:
        part_of_week(CHANGSHA, None, 17, 17)
    assert "another hour" in str(refused.value.fields["to_hour"])


def test_every_day_has_a_name_and_the_single_ones_make_a_week():
    assert set(DAY_NAMES) == set(DAYS_OF)
    assert [DAYS_OF[day] for day in SINGLE_DAYS] == [{number} for number in range(7)]
