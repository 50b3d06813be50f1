"""Do the seconds between two instants survive a clock change?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.instants import as_utc, clock_words, seconds_between

BOSTON = ZoneInfo("America/New_York")


def test_the_night_of_the_spring_change_is_an_hour_shorter_than_the_clock_says():
    before = datetime(2015, 3, 8, 1, 30, tzinfo=BOSTON)
    after = datetime(2015, 3, 8, 3, 30, tzinfo=BOSTON)
    assert (after - before).total_seconds() == 7200
    assert seconds_between(before, after) == 3600
    assert seconds_between(after, before) == -3600


def test_the_repeated_hour_of_autumn_names_two_instants():
    first = datetime(2015, 11, 1, 1, 30, tzinfo=BOSTON)
    assert seconds_between(first, first.replace(fold=1)) == 3600


def test_a_time_without_a_zone_names_no_instant():
    with pytest.raises(ValueError, match="no time zone"):
        as_utc(datetime(2026, 1, 1, 8))  # noqa: DTZ001  the missing zone is the test


def test_an_instant_in_utc_stays_itself():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert as_utc(at) == at


@pytest.mark.parametrize(
    ("at", "english", "chinese"),
    [
        (datetime(2026, 3, 3, 1, 45, 12, tzinfo=UTC), "20:45", "20:45"),
        (datetime(2026, 3, 3, 5, 0, 59, tzinfo=UTC), "3 Mar 00:00", "3月3日 00:00"),
        (datetime(2026, 3, 2, 4, 59, tzinfo=UTC), "1 Mar 23:59", "3月1日 23:59"),
        (datetime(2025, 3, 2, 22, 0, tzinfo=UTC), "2025-03-02 17:00", "2025-03-02 17:00"),
    ],
)
def test_a_time_of_today_needs_no_day(at: datetime, english: str, chinese: str):
    now = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert clock_words(at, BOSTON, now, in_chinese=False) == english
    assert clock_words(at, BOSTON, now, in_chinese=True) == chinese


@pytest.mark.parametrize("in_chinese", [False, True])
def test_a_time_is_dated_when_nobody_knows_what_day_it_is(*, in_chinese: bool):
    at = datetime(2026, 3, 2, 17, 45, tzinfo=UTC)
    assert clock_words(at, BOSTON, None, in_chinese=in_chinese) == "2026-03-02 12:45"
