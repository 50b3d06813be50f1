"""Which figures can an event have moved, and which not?"""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.domain.figure_looks import Change, Reading, Said, Watched, can_move, changes
from dispatch.domain.ticket_state import EventKind

ARRIVALS = {Watched.CIRCLE, Watched.CIRCLE_ADJUSTED, Watched.RESPONSE_P90, Watched.BROKEN}
HANDS = {Watched.SEVERAL_TEAMS, Watched.SEVERAL_CREWS}
OF_ALL = HANDS | {Watched.HOLDS, Watched.RETURNED}
REPEATS = {Watched.REPEAT_7, Watched.REPEAT_30, Watched.REPEAT_90}
CLOSED = REPEATS | {Watched.FIRST_TIME_FIX}
EVERY = set(Watched) - {Watched.SOLVED}
TIMES = EVERY - OF_ALL


def moved(kind, **facts: Any):
    said = Said(kind=kind, **facts)
    return {figure for figure in Watched if can_move(figure, said)}


def test_only_what_was_kept_and_differs_in_value_or_n_has_changed():
    before = {"circle": [0.831, 59], "repair": [1.0, 4], "solved": [None, 0]}
    now = {
        Watched.CIRCLE: Reading(0.829, 58),
        Watched.REPAIR: Reading(1.0, 5),
        Watched.SOLVED: Reading(None, 0),
        Watched.CALL_BACK: Reading(0.5, 2),
    }
    assert changes(before, now) == {
        Watched.CIRCLE: Change(Reading(0.831, 59), Reading(0.829, 58)),
        Watched.REPAIR: Change(Reading(1.0, 4), Reading(1.0, 5)),
    }


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("received", EVERY),
        ("arrived", ARRIVALS | {Watched.FIRST_TIME_FIX}),
        ("completed", CLOSED | {Watched.REPAIR, Watched.CALL_BACK}),
        ("dispatched", set()),
    ],
)
def test_a_corrected_time_moves_the_figures_that_look_at_its_step(step, expected):
    assert moved(EventKind.TIME_CORRECTED, step=step) == expected


def test_what_ends_a_ticket_without_work_moves_all_times_and_its_parent_none():
    assert moved(EventKind.MARKED_DUPLICATE, to_state="duplicate") == TIMES
    assert moved(EventKind.REOPENED, from_state="cancelled", to_state="accepted") == TIMES
    assert moved(EventKind.SEPARATED) == set()


def test_a_second_crew_or_an_ordinary_end_moves_no_arrival():
    ended = {"has_arrived": True, "has_completed": True, "is_closed": True}
    assert moved(EventKind.ARRIVED, is_first_arrival=True) == ARRIVALS | HANDS
    assert moved(EventKind.ARRIVED, **ended) == {Watched.FIRST_TIME_FIX} | HANDS
    assert moved(EventKind.CLOSED, **ended) == CLOSED
    assert moved(EventKind.CLOSED, has_completed=True) == ARRIVALS - {Watched.RESPONSE_P90}
    assert moved(EventKind.REOPENED, from_state="closed", to_state="accepted", **ended) == (
        CLOSED | {Watched.REPAIR, Watched.CALL_BACK}
    )


def test_a_hold_moves_only_what_takes_it_off():
    before = {"is_before_arrival": True}
    assert moved(EventKind.HELD, **before) == {Watched.CIRCLE_ADJUSTED, Watched.HOLDS}
    assert moved(EventKind.RELEASED, **before) == {Watched.CIRCLE_ADJUSTED}
    assert moved(EventKind.HELD) == {Watched.HOLDS}


def test_hands_and_returns_are_moved_by_who_took_on_and_who_gave_back():
    assert moved(EventKind.ACKNOWLEDGED) == HANDS
    assert moved(EventKind.RETURNED) == {Watched.RETURNED}
    assert moved(EventKind.DISPATCHED) == set()


def test_a_difference_is_known_where_both_values_are():
    assert Change(Reading(0.25, 4), Reading(0.75, 4)).difference == 0.5
    assert Change(Reading(None, 0), Reading(0.75, 4)).difference is None
    assert Change(Reading(0.75, 4), Reading(None, 0)).difference is None


def test_what_brings_a_ticket_into_the_view_moves_everything_and_a_note_nothing():
    assert moved(EventKind.LEVEL_CHANGED, has_moved=True) == set(Watched)
    assert moved(EventKind.NOTE_ADDED) == set()
    assert moved(EventKind.FOLLOW_UP_ANSWERED) == {Watched.SOLVED}


def test_minutes_that_are_rounded_have_not_changed_within_their_rounding():
    kept = {"response_p90": Reading(1391.0, 59).as_json()}
    assert changes(kept, {Watched.RESPONSE_P90: Reading(1378.7, 59, 0.01)}) == {}
    assert changes(kept, {Watched.RESPONSE_P90: Reading(1370.0, 59, 0.01)})
    assert changes(kept, {Watched.RESPONSE_P90: Reading(1378.7, 58, 0.01)})
    assert changes(kept, {Watched.RESPONSE_P90: Reading(1390.9, 59)})
    rounded = {"response_p90": Reading(1378.7, 59, 0.01).as_json()}
    assert changes(rounded, {Watched.RESPONSE_P90: Reading(1391.0, 59)}) == {}
