"""Is each position of a batch dated by its age, and is what cannot be left out?"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.place import Point
from dispatch.domain.position_batch import AHEAD, OLDEST, SentPosition, dated_fixes, newest
from dispatch.domain.tracks import Fix

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NINE_HOURS = timedelta(hours=9)


def sent(seconds_ago, lat=28.15, lon=112.95, accuracy=10.0, clock=NOW):
    return SentPosition(clock - timedelta(seconds=seconds_ago), lat, lon, accuracy)


@pytest.mark.parametrize("wrong_by", [timedelta(), NINE_HOURS, -NINE_HOURS])
def test_only_the_age_counts_where_the_phone_says_when_it_sends(wrong_by):
    clock = NOW + wrong_by
    batch = [sent(30, clock=clock), sent(0, clock=clock)]
    found = dated_fixes(batch, sent_at=clock, received_at=NOW)
    assert [fix.at for fix in found] == [NOW - timedelta(seconds=30), NOW]


def test_without_it_the_clock_of_the_phone_counts():
    assert dated_fixes([sent(30)], sent_at=None, received_at=NOW)[0].at == NOW - timedelta(
        seconds=30
    )
    assert dated_fixes([sent(0, clock=NOW + NINE_HOURS)], sent_at=None, received_at=NOW) == []


@pytest.mark.parametrize(("year", "sent_in"), [(2, 9998), (9998, 2), (2, 2026), (2026, 9998)])
def test_an_age_beyond_the_calendar_is_left_out(year, sent_in):
    batch = [sent(0, clock=NOW.replace(year=year)), sent(0, clock=NOW.replace(year=sent_in))]
    found = dated_fixes(batch, sent_at=NOW.replace(year=sent_in), received_at=NOW)
    assert [fix.at for fix in found] == [NOW]


def test_the_order_is_that_of_the_measurement():
    found = dated_fixes([sent(5), sent(60), sent(30)], sent_at=NOW, received_at=NOW)
    assert [fix.at for fix in found] == sorted(fix.at for fix in found)


@pytest.mark.parametrize(
    "odd",
    [
        sent(-61),
        sent(OLDEST.total_seconds() + 1),
        sent(0, lat=math.nan),
        sent(0, lon=math.inf),
        sent(0, lat=91.0),
        sent(0, lat=0.0, lon=0.0),
        sent(0, lat=112.95, lon=28.15),
    ],
)
def test_what_cannot_be_is_left_out_and_stops_nothing(odd):
    assert len(dated_fixes([sent(3), odd], sent_at=NOW, received_at=NOW)) == 1


def test_a_moment_in_the_future_is_now():
    [fix] = dated_fixes([sent(-AHEAD.total_seconds())], sent_at=NOW, received_at=NOW)
    assert fix.at == NOW


@pytest.mark.parametrize("accuracy", [None, 0.0, -3.0, math.nan, math.inf])
def test_an_exactness_that_cannot_be_is_not_known(accuracy):
    [fix] = dated_fixes([sent(0, accuracy=accuracy)], sent_at=NOW, received_at=NOW)
    assert fix.accuracy_metres is None


def test_an_exact_position_goes_before_a_later_vague_one():
    def fix(second, accuracy, *, mocked=False):
        return Fix(NOW + timedelta(seconds=second), Point(28.15, 112.95), accuracy, mocked)

    assert newest([]) is None
    assert newest([fix(0, 9, mocked=True)]) is None
    assert newest([fix(0, 9), fix(1, 2_000)]).accuracy_metres == 9
    assert newest([fix(0, 3_000), fix(1, 2_000)]).accuracy_metres == 2_000
    assert newest([fix(0, 9), fix(1, 8), fix(2, 7, mocked=True)]).accuracy_metres == 8


@given(
    st.lists(
        st.builds(
            SentPosition,
            st.floats(-1e6, 1e6).map(lambda seconds: NOW + timedelta(seconds=seconds)),
            st.floats(),
            st.floats(),
            st.none() | st.floats(),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.none() | st.floats(-1e6, 1e6).map(lambda seconds: NOW + timedelta(seconds=seconds)),
)
def test_nothing_kept_lies_in_the_future_or_more_than_a_day_back(batch, sent_at):
    for fix in dated_fixes(batch, sent_at=sent_at, received_at=NOW):
        assert NOW - OLDEST <= fix.at <= NOW
        assert fix.accuracy_metres is None or fix.accuracy_metres > 0
