"""Is what the next visit needs chosen from closed lists, and told in words?"""

from __future__ import annotations

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.next_visit import (
    NEED_NAMES,
    Need,
    check_needs,
    need_name,
    needs_in_words,
    several,
)


def test_every_need_has_a_name():
    assert set(NEED_NAMES) == set(Need)
    assert str(need_name("crew_mains")) == "A crew for: Mains"
    assert str(need_name("helicopter")) == "helicopter"


@pytest.mark.parametrize(
    "given", [["pumps", "valves", "pumps", " "], "pumps, valves,,pumps", "pumps,valves"]
)
def test_a_list_and_a_text_with_commas_mean_the_same(given):
    assert several(given) == ["pumps", "valves"]
    assert several(None) == []


def test_needs_are_parts_and_others():
    assert check_needs(None, "") == {}
    assert check_needs("pumps", ["excavation"]) == {"parts": ["pumps"], "needs": ["excavation"]}
    words = needs_in_words({"parts": ["pumps"], "needs": ["excavation"]})
    assert [str(each) for each in words] == ["Pump with hoses", "Excavation"]
    assert needs_in_words({}) == []


@pytest.mark.parametrize(
    ("parts", "needs", "field"), [("jetpack", "", "parts"), ("", "jetpack", "needs")]
)
def test_what_is_on_no_list_is_named(parts, needs, field):
    with pytest.raises(Invalid) as refused:
        check_needs(parts, needs)
    assert set(refused.value.fields) == {field}
