"""Do two days of the utility name the stretch of time that its people mean?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.periods import Period, last_days, period_between, read_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def test_a_day_begins_at_midnight_where_the_utility_is():
    period = period_between("2026-03-02", "2026-03-03", SHANGHAI)
    assert period.from_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert period.to_at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert (period.days, period.last) == (1, date(2026, 3, 2))


def test_the_day_on_which_clocks_go_forward_has_23_hours():
    period = period_between("2015-03-08", "2015-03-09", NEW_YORK)
    assert (period.to_at - period.from_at).total_seconds() == 23 * 3600


def test_the_period_before_is_as_long_and_touches_this_one():
    period = period_between("2026-03-08", "2026-03-15", SHANGHAI)
    assert period.before == Period(date(2026, 3, 1), date(2026, 3, 8), SHANGHAI)
    assert period.before.to_at == period.from_at


def test_an_empty_period_is_allowed():
    assert period_between("2026-03-08", "2026-03-08", SHANGHAI).days == 0


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(
        Invalid, match=r"ends .2015-01-01. before it starts .2015-01-02."
    ) as refusal:
        period_between("2015-01-02", "2015-01-01", SHANGHAI)
    assert set(refusal.value.fields) == {"to"}


@pytest.mark.parametrize("text", ["", "yesterday", "2015-02-30", "01/02/2015", "2015-1-1"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(Invalid, match="is not a day") as refusal:
        read_day(text, "from")
    assert set(refusal.value.fields) == {"from"}


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "1969-12-31"])
def test_a_day_out_of_reach_is_refused(text):
    with pytest.raises(Invalid, match="out of reach"):
        read_day(text, "to")


def test_the_last_day_that_people_name_is_in_the_range():
    today = date(2026, 3, 8)
    week = last_days("", "", today=today, days=7, zone=SHANGHAI)
    assert (week.first, week.last) == (date(2026, 3, 2), today)
    one = last_days("2026-03-01", "2026-03-01", today=today, days=7, zone=SHANGHAI)
    assert one.days == 1
    with pytest.raises(Invalid):
        last_days("2026-03-09", "", today=today, days=7, zone=SHANGHAI)
