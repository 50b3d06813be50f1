"""Do promises in working time fall due when an office would say so?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.working_hours import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")
# The National Day week of 2025 with its two make-up days, as the State Council announced it.
GOLDEN_WEEK = WorkCalendar(
    zone=SHANGHAI,
    holidays=frozenset(date(2025, 10, day) for day in range(1, 9)),
    working_weekends=frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
)
WITH_LUNCH = WorkCalendar(zone=BOSTON, hours=((8 * 60, 12 * 60), (13 * 60, 17 * 60)))
ROUND_THE_CLOCK = WorkCalendar(zone=BOSTON, hours=((0, 24 * 60),), weekdays=frozenset(range(1, 8)))
INSTANTS = st.datetimes(
    min_value=datetime(2015, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
    max_value=datetime(2016, 12, 31),  # noqa: DTZ001  Hypothesis adds the zone
    timezones=st.sampled_from([UTC, BOSTON, SHANGHAI]),
)


def china(month, day, hour, minute=0):
    return datetime(2025, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (china(9, 24, 10), china(9, 24, 17, 30)),
        (china(9, 24, 5), china(9, 24, 17, 30)),
        (china(9, 24, 17, 30), china(9, 25, 17, 30)),
        (china(9, 24, 20), china(9, 25, 17, 30)),
        (china(9, 26, 20), china(9, 28, 17, 30)),
        (china(9, 30, 18), china(10, 9, 17, 30)),
    ],
    ids=["in hours", "before", "at the close", "evening", "make-up Sunday", "over the holiday"],
)
def test_the_same_working_day_ends_with_the_day_or_with_the_next(received, due):
    assert GOLDEN_WEEK.end_of_working_day(received) == due


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        (china(9, 22, 10), 3, china(9, 25, 17, 30)),
        (china(9, 25, 10), 3, china(9, 29, 17, 30)),
        (china(9, 30, 10), 3, china(10, 11, 17, 30)),
        (china(9, 20, 10), 1, china(9, 23, 17, 30)),
    ],
    ids=["plain", "make-up Sunday counts", "holiday and make-up Saturday", "from a weekend"],
)
def test_working_days_skip_holidays_and_count_make_up_days(received, days, due):
    assert GOLDEN_WEEK.add_working_days(received, days) == due


def test_lunch_is_not_worked_and_a_call_at_lunch_is_still_today():
    noon = datetime(2015, 6, 1, 12, 30, tzinfo=BOSTON)
    assert WITH_LUNCH.end_of_working_day(noon) == datetime(2015, 6, 1, 17, tzinfo=BOSTON)
    assert WITH_LUNCH.working_minutes_between(noon, noon + timedelta(hours=1)) == 30


def test_working_minutes_keep_their_fraction():
    at = datetime(2015, 6, 1, 9, tzinfo=BOSTON)
    assert WITH_LUNCH.working_minutes_between(at, at + timedelta(seconds=90)) == 1.5


def test_time_off_is_not_worked():
    friday = datetime(2015, 6, 5, 16, 30, tzinfo=BOSTON)
    monday = datetime(2015, 6, 8, 8, 15, tzinfo=BOSTON)
    assert WITH_LUNCH.working_minutes_between(friday, monday) == 45
    assert WITH_LUNCH.working_minutes_between(monday, friday) == 0


@pytest.mark.parametrize(("day", "hours"), [((3, 8), 23), ((11, 1), 25), ((6, 1), 24)])
def test_a_day_of_a_clock_change_has_its_true_length(day, hours):
    midnight = datetime(2015, *day, tzinfo=BOSTON)
    next_midnight = (midnight + timedelta(days=1)).replace(hour=0)
    assert ROUND_THE_CLOCK.working_minutes_between(midnight, next_midnight) == hours * 60


def test_the_close_keeps_its_local_hour_across_the_change():
    friday = datetime(2015, 3, 6, 10, tzinfo=BOSTON)
    due = WITH_LUNCH.add_working_days(friday, 1)
    assert due == datetime(2015, 3, 9, 21, tzinfo=UTC)
    assert WITH_LUNCH.end_of_working_day(friday) == datetime(2015, 3, 6, 22, tzinfo=UTC)


def test_a_close_that_the_clock_skips_moves_forward():
    early = WorkCalendar(zone=BOSTON, hours=((0, 150),), weekdays=frozenset(range(1, 8)))
    night = datetime(2015, 3, 8, 0, 30, tzinfo=BOSTON)
    assert early.end_of_working_day(night) == datetime(2015, 3, 8, 7, 30, tzinfo=UTC)


@given(INSTANTS, st.integers(0, 12))
def test_a_due_instant_lies_after_its_start_and_adds_up(start, n):
    due = WITH_LUNCH.add_working_days(start, n)
    assert due > start
    assert WITH_LUNCH.add_working_days(start, n + 1) == WITH_LUNCH.add_working_days(
        due - timedelta(seconds=1), 1
    )


@given(INSTANTS, INSTANTS, INSTANTS)
def test_working_minutes_add_up_and_never_exceed_the_time_passed(a, b, c):
    first, middle, last = sorted((a, b, c), key=lambda at: at.astimezone(UTC))
    whole = WITH_LUNCH.working_minutes_between(first, last)
    parts = WITH_LUNCH.working_minutes_between(first, middle) + WITH_LUNCH.working_minutes_between(
        middle, last
    )
    assert whole == pytest.approx(parts)
    passed = last.astimezone(UTC) - first.astimezone(UTC)
    assert 0 <= whole <= passed / timedelta(minutes=1)
    assert ROUND_THE_CLOCK.working_minutes_between(first, last) == pytest.approx(
        passed / timedelta(minutes=1)
    )


def test_working_days_are_not_taken_back():
    with pytest.raises(ValueError, match="negative"):
        GOLDEN_WEEK.add_working_days(china(9, 24, 10), -1)


@pytest.mark.parametrize("calendar", [GOLDEN_WEEK, WITH_LUNCH, ROUND_THE_CLOCK])
def test_a_calendar_is_read_as_it_was_written(calendar):
    assert WorkCalendar.from_json(calendar.as_json()) == calendar


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("zone", "Asia/Nowhere", "zone"),
        ("zone", "../etc/passwd", "zone"),
        ("zone", "", "zone"),
        ("zone", "America", "zone"),
        ("zone", "a\x00b", "zone"),
        ("zone", 8, "zone"),
        ("hours", [], "hours"),
        ("hours", [["17:30", "08:30"]], "hours"),
        ("hours", [["08:00", "12:00"], ["11:00", "17:00"]], "hours"),
        ("hours", [["08:00"]], "hours.0"),
        ("hours", [["08:00", "26:00"]], "hours.0.1"),
        ("hours", ["08:00"], "hours.0"),
        ("weekdays", [], "weekdays"),
        ("weekdays", [0], "weekdays.0"),
        ("weekdays", [1, 1.5], "weekdays.1"),
        ("holidays", ["2025-13-01"], "holidays.0"),
        ("working_weekends", ["2025-10-01"], "working_weekends"),
        ("holiday", [], "holiday"),
    ],
)
def test_a_wrong_calendar_is_refused_with_the_field_named(field, value, named):
    with pytest.raises(Invalid) as refused:
        WorkCalendar.from_json({**GOLDEN_WEEK.as_json(), field: value}, "calendar")
    assert list(refused.value.fields) == [f"calendar.{named}"]


def test_a_gap_in_a_calendar_is_refused():
    stored = GOLDEN_WEEK.as_json()
    del stored["holidays"]
    with pytest.raises(Invalid) as refused:
        WorkCalendar.from_json(stored)
    assert list(refused.value.fields) == ["holidays"]


def test_a_weekday_that_does_not_exist_is_refused():
    with pytest.raises(Invalid, match="Monday 1 to Sunday 7"):
        WorkCalendar(zone=SHANGHAI, weekdays=frozenset({0}))


DAYS_OFF = st.frozensets(st.dates(date(2015, 1, 1), date(2017, 1, 31)), max_size=12)


@given(start=INSTANTS, n=st.integers(0, 12), off=DAYS_OFF)
def test_a_due_date_is_the_end_of_a_day_that_is_worked(start, n, off):
    calendar = WorkCalendar(SHANGHAI, holidays=off)
    due = calendar.add_working_days(start, n)
    local = due.astimezone(SHANGHAI)
    assert calendar.is_working_day(local.date())
    assert (local.hour, local.minute) == (17, 30)
    assert due > start
    assert calendar.working_minutes_between(due - timedelta(minutes=1), due) == 1


@given(start=INSTANTS, n=st.integers(0, 12), off=DAYS_OFF, more=DAYS_OFF)
def test_another_holiday_never_brings_a_due_date_forward(start, n, off, more):
    few = WorkCalendar(SHANGHAI, holidays=off)
    many = WorkCalendar(SHANGHAI, holidays=off | more)
    assert many.add_working_days(start, n) >= few.add_working_days(start, n)


@given(start=INSTANTS, n=st.integers(0, 12), off=DAYS_OFF, worked=DAYS_OFF)
def test_a_make_up_weekend_counts_and_never_delays(start, n, off, worked):
    weekends = frozenset(day for day in worked - off if day.isoweekday() > 5)
    without = WorkCalendar(SHANGHAI, holidays=off)
    made_up = WorkCalendar(SHANGHAI, holidays=off, working_weekends=weekends)
    due, later = (each.add_working_days(start, n) for each in (made_up, without))
    assert due <= later
    counted_from = made_up.add_working_days(start, 0).astimezone(SHANGHAI).date()
    last = due.astimezone(SHANGHAI).date()
    days = (
        counted_from + timedelta(days=each) for each in range(1, (last - counted_from).days + 1)
    )
    assert sum(made_up.is_working_day(day) for day in days) == n
