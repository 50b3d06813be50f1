"""Is a crew kept back exactly when it lacks the vehicle or the part, or works elsewhere?"""

from __future__ import annotations

import pytest

from dispatch.domain.categories import CATEGORIES, CLAMPS, category_rule
from dispatch.domain.crew_fit import (
    PARTS,
    VEHICLES,
    Area,
    Kit,
    kit_for,
    missing_part,
    not_recorded,
    outside_area,
    why_missing_part,
    why_outside,
    why_wrong_vehicle,
    wrong_vehicle,
)

NORTH = Area("Blue Pipe", frozenset({1, 2}), ("North",))


def test_categories_ask_for_known_vehicles_and_parts():
    assert {rule.vehicle for rule in CATEGORIES} - {None} <= set(VEHICLES)
    assert {part for rule in CATEGORIES for part in rule.parts} <= {CLAMPS, *PARTS}
    assert "clamps" not in PARTS


@pytest.mark.parametrize(
    ("category", "pipe_mm", "kit"),
    [
        ("burst", None, Kit("truck", ("clamps_150",))),
        ("burst", 150, Kit("truck", ("clamps_150",))),
        ("burst", 151, Kit("truck", ("clamps_300",))),
        ("burst", 399, Kit("truck", ("clamps_600",))),
        ("burst", 400, Kit("excavator", ("clamps_600",))),
        ("burst", 1_200, Kit("excavator", ("clamps_600",))),
        ("leak", 500, Kit(None, ("clamps_600",))),
        ("hydrant", None, Kit("truck", ("hydrants",))),
        ("bill", 100, Kit()),
    ],
)
def test_the_kit_follows_the_fault_and_the_width_of_the_pipe(category, pipe_mm, kit):
    assert kit_for(category_rule(category), pipe_mm) == kit


@pytest.mark.parametrize(
    ("needed", "vehicle", "is_wrong"),
    [
        (None, "bike", False),
        ("van", None, False),
        ("van", "truck", False),
        ("van", "bike", True),
        ("truck", "excavator", False),
        ("truck", "van", True),
        ("excavator", "truck", True),
        ("tanker", "tanker", False),
        ("tanker", "truck", True),
        ("truck", "a class of tomorrow", True),
    ],
)
def test_a_larger_vehicle_does_what_a_smaller_one_does(needed, vehicle, is_wrong):
    assert wrong_vehicle(Kit(needed), vehicle) == is_wrong
    assert (why_wrong_vehicle(Kit(needed), "Crew 7", vehicle) is not None) == is_wrong


def test_the_vehicle_that_is_needed_and_the_one_there_is_are_named():
    said = why_wrong_vehicle(Kit("excavator"), "Crew 7", "van")
    assert str(said) == "Needs an excavator; Crew 7 has a van"
    said = why_wrong_vehicle(Kit("truck"), "Crew 7", "tram")
    assert str(said) == "Needs a truck; Crew 7 has tram"


@pytest.mark.parametrize(
    ("parts", "carries", "missing"),
    [
        ((), set(), None),
        (("valves",), None, None),
        (("valves",), {"valves"}, None),
        (("valves", "meters"), {"valves"}, "meters"),
        (("clamps_150",), {"clamps_600"}, None),
        (("clamps_600",), {"clamps_300", "valves"}, "clamps_600"),
        (("valves",), set(), "valves"),
    ],
)
def test_clamps_for_wider_pipes_come_with_those_for_narrower_ones(parts, carries, missing):
    kit = Kit(None, parts)
    assert missing_part(kit, carries) == missing
    assert (why_missing_part(kit, "Crew 7", carries) is None) == (missing is None)


def test_the_part_that_is_missing_is_named():
    said = why_missing_part(Kit(None, ("clamps_300",)), "Crew 7", frozenset({"meters"}))
    assert str(said) == "Needs clamps up to DN300; Crew 7 carries none"


@pytest.mark.parametrize(
    ("area", "grid_id", "owner", "is_outside"),
    [
        (None, None, None, False),
        (NORTH, 2, 9, False),
        (NORTH, 3, 1, True),
        (NORTH, None, 1, True),
        (Area("Blue Pipe"), 3, 1, False),
        (Area("Blue Pipe"), 3, 9, True),
        (Area("Blue Pipe"), None, 1, False),
        (Area("Blue Pipe"), None, None, True),
    ],
)
def test_a_contractor_works_in_its_grids_alone(area, grid_id, owner, is_outside):
    assert outside_area(area, 1, grid_id=grid_id, owning_team_id=owner) == is_outside


@pytest.mark.parametrize(
    ("area", "sentence"),
    [
        (NORTH, "Blue Pipe works only in North"),
        (Area(None, frozenset({1}), ("North",)), "This crew works only in North"),
        (Area("Blue Pipe"), "Blue Pipe works only in the grids of its own team"),
        (Area(), "Works only in the grids of its own team"),
        (
            Area("Blue Pipe", frozenset(), ("A", "B", "C", "D", "E")),
            "Blue Pipe works only in A, B, C and 2 more",
        ),
        (
            Area(None, frozenset(), tuple("ABCD")),
            "This crew works only in A, B, C and 1 more",
        ),
    ],
)
def test_the_area_is_named(area, sentence):
    assert str(why_outside(area)) == sentence


def test_only_what_is_needed_and_not_recorded_is_said():
    assert not_recorded(Kit(), None, None) == ()
    assert not_recorded(Kit("truck", ("valves",)), "van", frozenset()) == ()
    assert len(not_recorded(Kit("truck", ("valves",)), None, None)) == 2
