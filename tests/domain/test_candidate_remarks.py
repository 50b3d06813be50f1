"""Is everything said of a crew that a dispatcher weighs, in the order of its weight?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.domain.candidate_remarks import remarks, whole_minutes
from dispatch.domain.crew_fit import Kit
from dispatch.domain.travel import Leg
from tests.crews import CREW, NEED, NOW

LEG = Leg(5000, 660, "road_graph", 0.25)


def words(need=NEED, crew=CREW, leg=LEG, spare=None, chance=None):
    return [str(each) for each in remarks(need, crew, leg, spare, chance)]


def test_all_that_speaks_for_and_against_is_said_in_order():
    need = replace(
        NEED, kit=Kit("truck", ("valves",)), last_crew_id=1, last_visit_at=NOW - timedelta(days=1)
    )
    crew = replace(
        CREW, home_team=False, neighbour_team=True, visits_this_shift=4, mean_visits=2.0,
        position_age_seconds=1_200,
    )  # fmt: skip
    assert words(need, crew, spare=90.0, chance=0.875) == [
        "Neighbouring team",
        "11 min away, arrives 1 min before the promise",
        "Drive by the road map, give or take 3 min",
        "Chance to be in time: 88 of 100",
        "Has the skill Mains",
        "Its vehicle is not recorded; a truck is needed",
        "What it carries is not recorded; needed: valves",
        "Knows this household: last there on 2026-01-04 08:00:00+00:00",
        "Visits this shift: 4; the crews on duty have 2.0 in the mean",
        "On shift until 2026-01-05 14:00:00+00:00",
        "Position is 20 min old; it may be 5 min of driving from there by now",
    ]


def test_a_skill_is_named_where_it_is_asked_for_and_there():
    assert not any("skill" in text for text in words(replace(NEED, skill=None)))
    assert not any("skill" in text for text in words(crew=replace(CREW, skills=frozenset())))
    diver = replace(CREW, skills=frozenset({"diving"}))
    assert "Has the skill diving" in words(replace(NEED, skill="diving"), diver)


def test_a_crew_off_shift_has_no_end_of_shift():
    said = words(crew=replace(CREW, on_shift=False))
    assert not any("On shift" in text for text in said)


def test_a_crew_without_a_place_says_nothing_of_its_position():
    said = words(crew=replace(CREW, position=None, position_age_seconds=900), leg=None)
    assert not any("away" in text or "osition" in text for text in said)


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (59.9, 0), (60, 1), (119, 1)])
def test_minutes_are_counted_in_full(seconds, minutes):
    assert whole_minutes(seconds) == minutes
