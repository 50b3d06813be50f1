"""Are the values of figures written so that nobody reads too much into them?"""

from __future__ import annotations

import pytest

from dispatch.domain.attainment import Attainment
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.flow import AGE_BANDS, OLDEST_BAND
from dispatch.domain.samples import Share
from dispatch.domain.visit_state import Cause
from dispatch.queries.figures import GroupFigures
from dispatch.web import circle_words as words
from tests.domain.story_samples import after, story

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def page(app):
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (None, "–"),
        (1.0, "100.0 %"),
        (0.99996, "99.9 %"),
        (0.0, "0.0 %"),
        (0.00004, "0.1 %"),
        (0.9344, "93.4 %"),
    ],
)
def test_only_all_of_them_is_100_percent(page, rate, shown):
    assert words.percent(rate) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (0, "0 s"),
        (45.4, "45 s"),
        (90, "1.5 min"),
        (3 * 3600, "3.0 h"),
        (3 * 86400, "3.0 d"),
        (2000 * 86400, "2,000.0 d"),
    ],
)
def test_a_duration_is_written_in_the_unit_that_suits_it(page, seconds, shown):
    assert words.spell(seconds) == shown


def test_minutes_and_counts_have_separators(page):
    assert words.minutes(1799) == "30.0"
    assert words.minutes(None) == "–"
    assert words.whole(121245) == "121,245"


def test_a_change_is_in_points_and_unknown_when_one_side_is(page):
    assert words.change(0.95, 0.921) == 2.9
    assert words.change(0.95, None) is None
    assert words.change(None, 0.95) is None


def test_every_cause_category_and_age_band_has_a_name(page):
    assert {words.cause_name(cause) for cause in (*Cause, "not_recorded")}
    assert words.category_name("burst") == "Burst main"
    assert words.category_name("abolished") == "abolished"
    assert all(words.category_name(rule.key) for rule in CATEGORIES)
    assert set(words.AGE_BAND_NAMES) == {*(name for name, _ in AGE_BANDS), OLDEST_BAND}


def test_a_group_is_named_in_the_readers_language(app):
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert words.group_name("West", {"West": "西区"}) == "西区"
        assert words.group_name("East", {"West": "西区"}) == "East"
    with app.test_request_context():
        assert words.group_name("West", {"West": "西区"}) == "West"
        assert words.group_name(7, {}) == "07:00"
        assert words.group_name(None, {}) == "none"


def test_a_group_of_a_split_is_named_by_its_kind(page):
    assert words.split_name(1, "level", {}) == "Level 1"
    assert words.split_name("burst", "category", {}) == "Burst main"
    assert words.split_name("fri", "day", {}) == "Friday"
    assert words.split_name(7, "hour", {}) == "07:00"
    assert words.split_name(None, "day", {}) == "none"
    assert words.split_name("West", "team", {"team": {"West": "西区队"}}) == "West"
    assert words.clock_hours((9, 17)) == "09:00 to 17:00"


def test_a_cell_is_hotter_the_more_was_broken_and_has_no_heat_when_small(page):
    assert [words.heat(Share(hits, 20)) for hits in (0, 1, 2, 4, 8, 9)] == [0, 0, 1, 2, 3, 4]
    assert words.heat(Share(19, 19)) is None
    assert words.heat(Share(0, 0)) is None


def test_the_bar_of_the_promise_is_full_and_empty_without_tickets(page):
    bars = words.shares(Attainment(met=6, late=3, open_overdue=1))
    assert bars == [("good", 0.0, 60.0), ("warn", 60.0, 30.0), ("danger", 90.0, 10.0)]
    assert {width for _, _, width in words.shares(Attainment())} == {0.0}


def test_a_team_with_one_ticket_is_neither_first_nor_last_but_unranked(page):
    rows = [
        GroupFigures(name, 0, Attainment(met=met, late=late), Attainment(), {}, None)
        for name, met, late in (("few", 1, 0), ("good", 30, 0), ("poor", 10, 20), ("none", 0, 0))
    ]
    assert [row.key for row in words.worst_first(rows)] == ["poor", "good", "few", "none"]


def test_a_broken_promise_says_for_how_long(page):
    late = story(arrive_due_at=after(30), repair_due_at=after(60))
    assert words.overdue_by(late, after(40)) == "10.0 min"
    reached = story(arrive_due_at=after(30), arrived_at=after(35), repair_due_at=after(60))
    assert words.overdue_by(reached, after(70)) == "10.0 min"
    assert words.overdue_by(late, after(1)) == "–"
