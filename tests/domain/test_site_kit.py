"""Is every part and tool named once, and is a count of parts a count?"""

from __future__ import annotations

import pytest

from dispatch.domain.categories import CATEGORIES, CLAMPS
from dispatch.domain.crew_fit import PARTS
from dispatch.domain.errors import Invalid
from dispatch.domain.site_kit import (
    KIT,
    check_item,
    check_part,
    in_size,
    item_name,
    usual_kit,
    without_size,
)


def test_what_a_vehicle_carries_has_the_same_key_here():
    assert set(PARTS) <= set(KIT)
    assert len({str(each.name) for each in KIT.values()}) == len(KIT)


@pytest.mark.parametrize("category", [rule.key for rule in CATEGORIES])
@pytest.mark.parametrize("pipe_mm", [None, 100, 1000])
def test_what_is_usual_stands_on_the_list_once(category, pipe_mm):
    usual = usual_kit(category, pipe_mm)
    assert set(usual) <= set(KIT)
    assert len(set(usual)) == len(usual)


def test_nothing_is_usual_for_a_category_that_is_no_longer_listed():
    assert usual_kit("meteor", 200) == ()


def test_clamps_are_counted_as_one_and_taken_in_the_size_of_the_pipe():
    assert usual_kit("burst", 200)[0] == "clamps_300"
    assert without_size("clamps_300") == without_size("clamps_600") == CLAMPS
    assert without_size("pumps") == "pumps"
    sizes = [in_size(CLAMPS, pipe) for pipe in (None, 150, 151, 900)]
    assert sizes == ["clamps_150", "clamps_150", "clamps_300", "clamps_600"]
    assert in_size("pumps", 100) == "pumps"


def test_an_item_of_a_newer_version_stands_for_itself():
    assert str(item_name("jetpack")) == "jetpack"
    assert str(item_name("pumps")) == "Pump with hoses"
    assert check_item("pumps") == "pumps"
    with pytest.raises(Invalid) as refused:
        check_item("jetpack", field="parts")
    assert set(refused.value.fields) == {"parts"}


@pytest.mark.parametrize(("count", "kept"), [("2", 2), (" 0 ", 0), (999, 999)])
def test_a_count_is_a_whole_number(count, kept):
    assert check_part("meters", count) == ("meters", kept)


@pytest.mark.parametrize("count", ["", "-1", "1.5", "٣", "1000", "9" * 40, None, True, [1]])
def test_what_is_no_count_is_named(count):
    with pytest.raises(Invalid) as refused:
        check_part("meters", count)
    assert set(refused.value.fields) == {"count"}


@pytest.mark.parametrize("item", ["pumps", "", "nonsense"])
def test_only_parts_are_used_up(item):
    with pytest.raises(Invalid) as refused:
        check_part(item, 1)
    assert set(refused.value.fields) == {"item"}
