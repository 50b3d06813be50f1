"""Are the hours of very many instants those that a clock shows at each?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.microseconds import micros
from dispatch.domain.part_of_week import DAYS_OF, PartOfWeek
from dispatch.domain.wall_clock import falls_into, local_hours, local_weekdays

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        (BERLIN, datetime(2025, 1, 1, tzinfo=UTC)),
        (ZoneInfo("Asia/Shanghai"), datetime(2025, 1, 1, tzinfo=UTC)),
        (ZoneInfo("Asia/Kathmandu"), datetime(2025, 1, 1, tzinfo=UTC)),
        (ZoneInfo("Australia/Lord_Howe"), datetime(2025, 1, 1, tzinfo=UTC)),
        (ZoneInfo("Pacific/Apia"), datetime(2011, 1, 1, tzinfo=UTC)),
        (ZoneInfo("America/Santiago"), datetime(1969, 1, 1, tzinfo=UTC)),
    ],
    ids=lambda given: str(given)[:20],
)
@given(st.lists(st.integers(0, 2 * 365 * 1440), max_size=40))
def test_hours_are_those_on_the_wall(zone, begin, minutes):
    instants = [begin + timedelta(minutes=one) for one in minutes]
    shown = [at.astimezone(zone) for at in instants]
    assert local_hours(micros(instants), zone).tolist() == [at.hour for at in shown]
    assert local_weekdays(micros(instants), zone).tolist() == [at.weekday() for at in shown]


def test_both_hours_of_one_name_are_the_same_when_clocks_go_back():
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    times = [first + timedelta(hours=hour) for hour in range(-1, 3)]
    assert local_hours(micros(times), BERLIN).tolist() == [1, 2, 2, 3]


@given(
    st.lists(st.integers(0, 2 * 365 * 1440), max_size=40),
    st.sampled_from([None, *DAYS_OF]),
    st.integers(0, 23),
    st.integers(1, 24),
)
def test_a_part_of_the_week_holds_the_same_instants_at_once(minutes, days, first, last):
    part = PartOfWeek(BERLIN, days, first, last)
    instants = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=one) for one in minutes]
    expected = [part.holds(at) for at in instants]
    assert falls_into(micros(instants), part).tolist() == expected
