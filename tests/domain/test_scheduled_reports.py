"""Is a report due once for each week or month, and does it say what it stands on?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.broken_promises import SplitBy, broken_promises
from dispatch.domain.samples import Share
from dispatch.domain.scheduled_reports import (
    Every,
    Summary,
    due_of,
    last_due,
    last_whole,
    missed,
    next_due_at,
    standing_lines,
    summary_lines,
    summary_of,
)
from dispatch.domain.stages import Stage

ZONE = ZoneInfo("Asia/Shanghai")
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def days(period):
    return str(period.first), str(period.last)


@pytest.mark.parametrize(
    ("every", "day", "first", "last"),
    [
        (Every.WEEK, date(2026, 3, 2), "2026-02-23", "2026-03-01"),
        (Every.WEEK, date(2026, 3, 8), "2026-02-23", "2026-03-01"),
        (Every.MONTH, date(2026, 3, 1), "2026-02-01", "2026-02-28"),
        (Every.MONTH, date(2026, 1, 31), "2025-12-01", "2025-12-31"),
    ],
)
def test_the_last_whole_week_or_month_has_ended(every, day, first, last):
    assert days(last_whole(every, day, ZONE)) == (first, last)


def test_it_is_due_at_seven_on_the_day_after():
    before = datetime(2026, 3, 2, 6, 59, tzinfo=ZONE)
    assert days(last_due(Every.WEEK, before, ZONE)) == ("2026-02-16", "2026-02-22")
    assert next_due_at(Every.WEEK, before, ZONE) == before + timedelta(minutes=1)
    at = before + timedelta(minutes=1)
    assert days(last_due(Every.WEEK, at, ZONE)) == ("2026-02-23", "2026-03-01")
    assert next_due_at(Every.WEEK, at, ZONE) == at + timedelta(days=7)


@given(now=moments, every=st.sampled_from(Every), zone=st.sampled_from(["UTC", "Europe/Berlin"]))
def test_due_times_follow_each_other_without_gap_or_overlap(now, every, zone):
    zone = ZoneInfo(zone)
    newest, following = last_due(every, now, zone), next_due_at(every, now, zone)
    assert due_of(newest) <= now < following
    assert last_due(every, following, zone).first == newest.until
    assert missed(every, due_of(newest), newest) == []


def test_what_passed_while_nothing_ran_is_named_and_not_sent():
    due_at = datetime(2026, 2, 9, 7, tzinfo=ZONE)
    now = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    newest = last_due(Every.WEEK, now, ZONE)
    gone = missed(Every.WEEK, due_at, newest)
    assert [str(each.first) for each in gone] == ["2026-02-02", "2026-02-09", "2026-02-16"]
    late, *rest = map(str, standing_lines(newest, gone, now))
    assert late.startswith("This report comes late")
    assert len(rest) == 3
    assert standing_lines(newest, [], due_of(newest)) == []


def test_a_summary_says_each_number_with_its_n():
    found = Summary(
        kept=Share(45, 50), before=Share(3, 4), worst_stage=Stage.TRAVEL, worst_share=0.625,
        worst_grid="West", grid_broken=Share(5, 25),
    )  # fmt: skip
    assert list(map(str, summary_lines(found, 7))) == [
        (
            "The promise of 30 minutes was kept: 90.0 % of n = 50. The 7 days before: 75.0 % of "
            "n = 4, too few to judge."
        ),
        (
            "Most time was lost in the stage “Travel”: 62.5 % of what late tickets took longer "
            "than usual."
        ),
        "Worst grid: West, where 5 of 25 promises were broken.",
    ]
    [line] = summary_lines(Summary(kept=Share(0, 0), before=Share(0, 0)), 28)
    assert str(line).count("no data") == 2


def test_an_empty_city_has_no_worst_grid():
    now = datetime(2026, 3, 2, tzinfo=UTC)
    broken = broken_promises([], SplitBy.GRID, ZONE, now)
    found = summary_of(Share(0, 0), Share(0, 0), broken)
    assert (found.worst_stage, found.worst_grid, found.grid_broken) == (None, None, None)
