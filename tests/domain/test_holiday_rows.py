"""Is a list of days off read as it is meant, and refused where it cannot be meant?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.holiday_rows import YearDays, read_holiday_file, with_year, year_not_known
from dispatch.domain.working_hours import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CSV = "date,kind,name\n2026-10-01,holiday,国庆节\n2026-10-10,working_day,\n"


def read(text, year=2026):
    return read_holiday_file(text.encode(), "days.csv", year)


def test_a_table_names_holidays_and_the_weekends_worked_for_them():
    found = read(CSV)
    assert found.holidays == {date(2026, 10, 1): "国庆节"}
    assert found.working == {date(2026, 10, 10): ""}
    assert read_holiday_file(json.dumps(found.as_json()).encode(), "again", 2026) == found


def test_a_table_needs_no_names():
    assert read("kind,date\nholiday,2026-01-01\n").holidays == {date(2026, 1, 1): ""}


def test_json_may_say_is_off_day():
    days = [{"date": "2026-10-01", "isOffDay": True, "name": "国庆节"}]
    days.append({"date": "2026-10-10", "isOffDay": False})
    found = read(json.dumps(days))
    assert set(found.holidays) == {date(2026, 10, 1)}
    assert set(found.working) == {date(2026, 10, 10)}


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("date,kind\n2025-10-01,holiday\n", 2, "date"),
        ("date,kind\n2026-10-01,holiday\n2026-10-01,working_day\n", 3, "date"),
        ("date,kind\n2026-10-01,holiday\n\n2026-02-30,holiday\n", 4, "date"),
        ("date,kind\n2026-10-01,perhaps\n", 2, "kind"),
        ("date\n2026-10-01\n", 1, "kind"),
        ("date,kind\n", None, None),
        ('{"year": 2025, "days": [{"date": "2026-01-01", "kind": "holiday"}]}', None, "year"),
        ('{"days": {}}', None, "days"),
        ('{"days": [7]}', None, "days.1"),
        ('[{"date": "2026-01-01", "kind": "holiday"}, {"kind": "holiday"}]', None, "days.2.date"),
        ('[{"date": "2026-01-01", "kind": ["holiday"]}]', None, "days.1.kind"),
        ("[\n{]", 2, None),
    ],
)
def test_a_fault_names_its_line_and_its_field(text, line, field):
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.facts["refused"][0] == {"line": line, "field": field, "feature": None}


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(Invalid, match="UTF-8"):
        read_holiday_file(b"[\xff]", "days.json", 2026)


def test_a_year_cannot_have_more_days_than_a_year():
    rows = "".join("2026-10-01,holiday\n" for _ in range(367))
    with pytest.raises(Invalid, match="at most 366"):
        read(f"date,kind\n{rows}")


def test_a_year_replaces_its_own_days_and_no_others():
    calendar = WorkCalendar(
        SHANGHAI,
        holidays=frozenset({date(2025, 10, 1), date(2026, 1, 1)}),
        working_weekends=frozenset({date(2026, 1, 4)}),
    )
    changed = with_year(calendar, read(CSV))
    assert changed.holidays == {date(2025, 10, 1), date(2026, 10, 1)}
    assert changed.working_weekends == {date(2026, 10, 10)}


@pytest.mark.parametrize(
    ("month", "holidays", "worked", "missing"),
    [
        (10, (), (), None),
        (11, (), (), 2027),
        (12, (date(2026, 1, 1),), (), 2027),
        (12, (date(2027, 1, 1),), (), None),
        (12, (date(2027, 1, 1),), (date(2026, 10, 10),), 2027),
        (12, (date(2027, 1, 1),), (date(2026, 10, 10), date(2027, 2, 14)), None),
    ],
)
def test_from_november_on_next_year_should_be_known(month, holidays, worked, missing):
    calendar = WorkCalendar(
        SHANGHAI, holidays=frozenset(holidays), working_weekends=frozenset(worked)
    )
    assert year_not_known(calendar, datetime(2026, month, 20, tzinfo=UTC)) == missing


def test_the_year_of_the_utility_counts_not_that_of_greenwich():
    days = YearDays(2027, {date(2027, 1, 1): ""}, {})
    calendar = with_year(WorkCalendar(SHANGHAI), days)
    assert year_not_known(calendar, datetime(2026, 12, 31, 15, tzinfo=UTC)) is None
    assert year_not_known(WorkCalendar(SHANGHAI), datetime(2026, 10, 31, 17, tzinfo=UTC)) == 2027
