"""Is a round a short way past every stop, and does each stop end once?"""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.place import Point
from dispatch.domain.rounds import (
    MOST_DAYS_AHEAD,
    MOST_STOPS,
    STOP_NAMES,
    UNDOABLE,
    VISITED,
    StopState,
    check_day,
    check_may_end,
    check_may_undo,
    check_stops,
    check_waits,
    route_metres,
    route_order,
    stop_named,
)

TODAY = date(2026, 3, 2)
BASE = Point(28.15, 112.95)
places = st.lists(
    st.one_of(st.none(), st.builds(Point, st.floats(28.1, 28.2), st.floats(112.9, 113.0))),
    max_size=12,
)


def test_every_state_has_a_name():
    assert set(STOP_NAMES) == set(StopState)
    assert set(StopState) - {StopState.WAITING, StopState.TAKEN_OFF} == VISITED


def test_stops_on_one_road_are_taken_as_they_lie():
    east = [Point(28.15, 112.95 + step / 100) for step in (3, 1, 4, 2)]
    assert route_order(BASE, east) == [1, 3, 0, 2]
    assert route_order(None, []) == []


def test_what_has_no_place_comes_last_in_the_order_given():
    assert route_order(BASE, [None, Point(28.16, 112.95), None]) == [1, 0, 2]


@given(places, st.one_of(st.none(), st.just(BASE)))
def test_every_stop_is_on_the_way_once_and_no_turned_stretch_is_shorter(found, start):
    order = route_order(start, found)
    assert sorted(order) == list(range(len(found)))
    way = [point for index in order if (point := found[index]) is not None]
    length = route_metres(start, way)
    for first in range(len(way)):
        for last in range(first + 2, len(way) + 1):
            turned = way[:first] + way[first:last][::-1] + way[last:]
            assert route_metres(start, turned) >= length - 1e-3


@given(st.lists(st.builds(Point, st.floats(28.1, 28.2), st.floats(112.9, 113.0)), max_size=6))
def test_the_way_is_near_the_shortest(found):
    way = [found[index] for index in route_order(BASE, found)]
    best = min((route_metres(BASE, each) for each in permutations(found)), default=0.0)
    assert route_metres(BASE, way) <= best * 1.5 + 1e-3


def test_a_way_is_as_long_as_its_legs():
    north = Point(28.16, 112.95)
    assert math.isclose(route_metres(BASE, [north, BASE]), 2 * route_metres(BASE, [north]))
    assert route_metres(None, [north]) == 0


def test_a_round_is_for_a_day_that_can_be_planned():
    check_day(TODAY, TODAY)
    check_day(TODAY + timedelta(days=MOST_DAYS_AHEAD), TODAY)
    for days in (-1, MOST_DAYS_AHEAD + 1):
        with pytest.raises(Invalid) as caught:
            check_day(TODAY + timedelta(days=days), TODAY)
        assert list(caught.value.fields) == ["day"]


def test_a_round_has_some_stops_and_not_too_many():
    check_stops(MOST_STOPS - 1, 1)
    for known, new in ((3, 0), (MOST_STOPS, 1)):
        with pytest.raises(Invalid):
            check_stops(known, new)


@pytest.mark.parametrize("state", [*sorted(VISITED), StopState.TAKEN_OFF])
def test_a_stop_ends_once(state):
    check_waits("waiting")
    with pytest.raises(Forbidden, match=str(STOP_NAMES[state])):
        check_waits(state)


def test_a_stop_ends_once_also_when_it_was_taken_off_meanwhile():
    for state in (StopState.WAITING, StopState.TAKEN_OFF):
        check_may_end(state)
    for state in VISITED:
        with pytest.raises(Forbidden):
            check_may_end(state)


def test_only_a_tap_of_the_day_that_made_no_ticket_is_taken_back():
    for state in StopState:
        if state in UNDOABLE:
            check_may_undo(state, tied_to=None, is_its_day=True)
        else:
            with pytest.raises(Forbidden, match="nothing to undo"):
                check_may_undo(state, tied_to=None, is_its_day=True)
    with pytest.raises(Forbidden, match="own day"):
        check_may_undo(StopState.DONE, tied_to=None, is_its_day=False)
    with pytest.raises(Forbidden, match="W000002"):
        check_may_undo(StopState.DONE, tied_to="W000002", is_its_day=True)


@given(st.one_of(st.none(), st.integers(), st.text(), st.floats(), st.lists(st.integers())))
def test_a_tap_names_a_stop_or_none_at_all(named):
    found = stop_named({"stop": named})
    assert (found is None) == (named is None)
    assert found is None or 0 <= found < 2**63
    assert stop_named({"stop": "12"}) == stop_named({"stop": 12}) == 12
