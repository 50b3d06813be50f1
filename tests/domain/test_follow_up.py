"""Are reporters asked when it is due, on a scale that holds, and audit calls drawn by no person?"""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.asking import DEFAULT_ASKING, AskingRules
from dispatch.domain.errors import Invalid
from dispatch.domain.follow_up import (
    FIXED_NAMES,
    ROUND_NAMES,
    Fixed,
    Round,
    audit_draw,
    check_fixed,
    check_score,
    is_asked,
    is_satisfied,
    moments,
    week_of,
    week_span,
)

ZONE = ZoneInfo("Asia/Shanghai")
NUMBERS = st.lists(st.integers(1, 10**6).map("W{:06d}".format), max_size=60, unique=True)


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("completed", "which", "due", "call"),
    [
        (at(2, 10), Round.SAME_DAY, at(2, 11), at(2, 13)),
        (at(2, 17, 30), Round.SAME_DAY, at(2, 18, 30), at(3, 9)),
        (at(2, 19, 30), Round.SAME_DAY, at(3, 9), at(3, 11)),
        (at(2, 3), Round.SAME_DAY, at(2, 9), at(2, 11)),
        (at(2, 10), Round.DAY_7, at(9, 10), at(9, 12)),
        (at(2, 23), Round.DAY_7, at(10, 9), at(10, 11)),
    ],
)
def test_a_repair_is_asked_about_in_time_and_at_decent_hours(completed, which, due, call):
    found = moments(DEFAULT_ASKING, which, completed, ZONE)
    assert (found.due_at, found.call_at) == (due, call)
    assert found.late_at == due + timedelta(days=1)


def test_levels_and_categories_say_who_is_asked():
    rules = AskingRules(later_levels=(1,), left_out=("leak",))
    assert is_asked(rules, Round.SAME_DAY, level=3, category="burst")
    assert not is_asked(rules, Round.SAME_DAY, level=4, category="burst")
    assert not is_asked(rules, Round.SAME_DAY, level=1, category="leak")
    assert not is_asked(rules, Round.DAY_7, level=2, category="burst")


@pytest.mark.parametrize("score", [0, 6, -1, 2.5, True, "5"])
def test_a_score_off_the_scale_is_refused(score):
    with pytest.raises(Invalid) as refused:
        check_score("process", score)
    assert list(refused.value.fields) == ["process"]


def test_scores_may_be_skipped_and_satisfied_begins_at_four():
    for score in (None, 1, 5):
        check_score("process", score)
    assert [is_satisfied(score) for score in (None, 1, 3, 4, 5)] == [None, False, False, True, True]


@pytest.mark.parametrize("answer", [None, "", "maybe"])
def test_an_answer_is_one_of_three(answer):
    with pytest.raises(Invalid):
        check_fixed(answer)
    for known in Fixed:
        check_fixed(str(known))


def test_a_week_is_the_utilitys_own():
    sunday = at(8, 23, 59)
    assert week_of(sunday, ZONE) == "2026-W10"
    assert week_of(sunday + timedelta(minutes=1), ZONE) == "2026-W11"
    assert week_span("2026-W10", ZONE) == (at(2, 0), at(9, 0))
    assert week_span("2026-W53", ZONE)[1] == datetime(2027, 1, 4, tzinfo=ZONE)


@given(NUMBERS, st.integers(0, 100), st.integers(0, 5))
def test_a_draw_has_its_share_whatever_order_the_tickets_come_in(numbers, percent, least):
    given_so = {"seed": "2026-W10/ab", "team": "West", "percent": percent, "least": least}
    drawn = audit_draw(numbers, **given_so)
    assert drawn == audit_draw(reversed(numbers), **given_so)
    wanted = max(math.ceil(len(numbers) * percent / 100), least)
    assert len(drawn) == min(len(numbers), wanted)
    assert set(drawn) <= set(numbers)


def test_each_ticket_is_drawn_about_as_often_as_any_other():
    numbers = [f"W{n:06d}" for n in range(20)]
    drawn = Counter(
        number
        for week in range(500)
        for number in audit_draw(numbers, seed=f"s{week}", team="West", percent=10, least=1)
    )
    assert sum(drawn.values()) == 1000
    assert 25 <= min(drawn.values()) <= max(drawn.values()) <= 80


def test_everything_that_is_shown_has_a_name():
    assert set(ROUND_NAMES) == set(Round)
    assert set(FIXED_NAMES) == set(Fixed)
