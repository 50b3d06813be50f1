"""Does a notice explain what lies in its area, time and categories, and nothing else?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.notices import (
    Notice,
    NoticeKind,
    NoticeState,
    NoticeTimes,
    affected,
    check_complete,
    check_extension,
    check_times,
    covering,
    covers,
    is_life_safety,
    metres_to,
    overlap,
    words_for_caller,
)
from dispatch.domain.place import Point
from dispatch.domain.sentences import LocalName

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOX = shapely.box(112.90, 28.10, 113.00, 28.20)
INSIDE, OUTSIDE = Point(28.15, 112.95), Point(28.15, 113.05)


def times(begins: int = -1, ends: int = 2, **more: datetime | None) -> NoticeTimes:
    told = {"published_at": NOW - 2 * HOUR} | more
    return NoticeTimes(begins_at=NOW + begins * HOUR, ends_at=NOW + ends * HOUR, **told)


def notice(number: int = 1, *, when: NoticeTimes | None = None, ticket: int | None = None):
    return Notice(
        id=number,
        kind=NoticeKind.BURST,
        area=LocalName("Furong Road", "芙蓉路"),
        categories=frozenset({"no_water", "burst"}),
        shape=BOX,
        times=when or times(),
        ticket_id=ticket,
    )


@pytest.mark.parametrize(
    ("when", "state"),
    [
        (times(published_at=None), NoticeState.DRAFT),
        (times(begins=1), NoticeState.COMING),
        (times(), NoticeState.IN_FORCE),
        (times(begins=0), NoticeState.IN_FORCE),
        (times(ends=0), NoticeState.ENDED),
        (times(ended_at=NOW), NoticeState.ENDED),
        (times(published_at=None, ended_at=NOW), NoticeState.ENDED),
    ],
)
def test_the_state_follows_from_the_times(when, state):
    assert when.state(NOW) is state


@pytest.mark.parametrize(
    ("point", "category", "at", "explains"),
    [
        (INSIDE, "no_water", NOW, True),
        (INSIDE, None, NOW, True),
        (INSIDE, "meter_leak", NOW, False),
        (OUTSIDE, "no_water", NOW, False),
        (INSIDE, "no_water", NOW + 2 * HOUR, False),
        (INSIDE, "no_water", NOW - 2 * HOUR, False),
    ],
)
def test_place_category_and_time_decide_together(point, category, at, explains):
    assert covers(notice(), point, category, at) is explains


def test_a_notice_with_a_ticket_comes_first_then_the_longest():
    found = covering(
        [notice(1), notice(2, when=times(ends=5)), notice(3, ticket=7), notice(4)],
        INSIDE, "no_water", NOW,
    )  # fmt: skip
    assert [each.id for each in found] == [3, 2, 1, 4]


@given(st.integers(-200, 200), st.integers(-24 * 40, 24 * 40))
def test_times_that_pass_make_a_notice_that_is_not_over(begins, ends):
    begins_at, ends_at = NOW + begins * HOUR, NOW + ends * HOUR
    try:
        check_times(begins_at, ends_at, NOW)
    except Invalid:
        return
    told = NoticeTimes(begins_at=begins_at, ends_at=ends_at, published_at=NOW)
    assert told.state(NOW) in {NoticeState.COMING, NoticeState.IN_FORCE}
    assert ends_at - max(begins_at, NOW) <= timedelta(days=30)


@pytest.mark.parametrize(
    ("begins", "ends", "wrong"),
    [
        (-24 * 8, 1, {"begins_at"}),
        (1, 1, {"ends_at"}),
        (-2, -1, {"ends_at"}),
        (0, 24 * 31, {"ends_at"}),
        (-24 * 8, -24 * 8, {"begins_at", "ends_at"}),
    ],
)
def test_each_wrong_time_is_named(begins, ends, wrong):
    with pytest.raises(Invalid) as refused:
        check_times(NOW + begins * HOUR, NOW + ends * HOUR, NOW)
    assert set(refused.value.fields) == wrong


def test_a_beginning_that_is_known_may_be_long_ago():
    long_ago = NOW - timedelta(days=20)
    check_times(long_ago, NOW + HOUR, NOW, begun=long_ago)


def test_both_languages_and_a_category_are_needed_to_publish():
    texts = {"area": "Furong Road", "area_zh": "芙蓉路", "text": " ", "text_zh": ""}
    with pytest.raises(Invalid) as refused:
        check_complete(texts, [])
    assert set(refused.value.fields) == {"text", "text_zh", "categories"}
    check_complete(dict.fromkeys(texts, "x"), ["no_water"])


@pytest.mark.parametrize(
    ("when", "until", "refusal"),
    [
        (times(published_at=None), 5, Forbidden),
        (times(ends=0), 5, Forbidden),
        (times(ends=2), 2, Invalid),
        (times(ends=2), 24 * 31, Invalid),
    ],
)
def test_only_a_later_end_of_a_published_one_is_an_extension(when, until, refusal):
    with pytest.raises(refusal):
        check_extension(when, NOW + until * HOUR, NOW)


def test_a_later_end_is_taken():
    check_extension(times(ends=2), NOW + 3 * HOUR, NOW)


@pytest.mark.parametrize(
    ("dangers", "text", "level", "is_danger"),
    [
        ({}, "no water since eight", 2, False),
        ({}, "no water, sparks from the fuse box", None, True),
        ({"electricity": "dismissed"}, "sparks from the fuse box", None, False),
        ({"trapped": "told"}, "", None, True),
        ({}, "", 1, True),
    ],
)
def test_a_danger_that_nobody_dismissed_is_never_answered(dangers, text, level, is_danger):
    assert is_life_safety(dangers, text, level) is is_danger


def test_distance_is_nothing_inside_and_metres_outside():
    assert metres_to(notice(), INSIDE) == 0
    assert metres_to(notice(), Point(28.15, 113.001)) == pytest.approx(98, abs=2)


def test_places_in_the_area_are_counted():
    assert affected(BOX, []) == 0
    assert affected(BOX, [(28.15, 112.95), (28.2, 113.0), (28.15, 113.05)]) == 2


def test_the_caller_hears_the_end_and_who_works_on_it():
    plain, with_ticket = (str(words_for_caller(notice(), each)) for each in (None, "W000007"))
    assert "Furong Road (burst main)" in plain
    assert "Nobody needs to come" in plain
    assert "A crew works on it as W000007." in with_ticket


def test_areas_that_only_share_a_border_do_not_overlap():
    west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    assert not overlap(west, east)
    assert not overlap(west, shapely.box(0.9999999, 0, 2, 1))
    assert overlap(west, shapely.box(0.4, 0.4, 0.41, 0.41))
