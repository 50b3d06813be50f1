"""Does the bring list learn from enough visits and from no fewer, and say why?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.bring_list import MOST_LINES, Experience, PastVisit, PlacePast, bring_list
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.site_kit import KIT, usual_kit

NOWHERE = PlacePast()


def visits(count: int, *items: str, pipe_mm: int | None = 100) -> list[PastVisit]:
    """Return visits that all used the same."""
    return [PastVisit(pipe_mm, frozenset(items))] * count


def reasons(category, pipe_mm, past):
    return {
        line.item: str(line.reason)
        for line in bring_list(category, pipe_mm, Experience(past), NOWHERE)
    }


def test_at_the_start_the_list_holds_what_is_usual():
    lines = bring_list("burst", 200, Experience(), NOWHERE)
    assert [line.item for line in lines] == list(usual_kit("burst", 200))
    assert {str(line.reason) for line in lines} == {"Usual for “Burst main”"}


def test_a_line_says_how_many_visits_at_this_pipe_used_it():
    past = visits(3, "saddles", "clamps_150") + visits(5, "clamps_150")
    said = reasons("burst", 100, past)
    assert said["saddles"] == "3 of 8 visits for “Burst main” at DN100 used it"
    assert said["clamps_150"] == "8 of 8 visits for “Burst main” at DN100 used it"


def test_what_every_visit_used_stands_before_what_some_did():
    past = visits(3, "saddles", "clamps_150") + visits(5, "clamps_150")
    items = [line.item for line in bring_list("burst", 100, Experience(past), NOWHERE)]
    assert items[0] == "clamps_150"
    assert items.index("saddles") > items.index("signs")


def test_few_visits_at_the_size_of_the_pipe_are_counted_with_all_others():
    past = visits(4, "saddles") + visits(6, "sleeves", pipe_mm=300)
    said = reasons("burst", 100, past)
    assert said["sleeves"] == "6 of 10 visits for “Burst main” used it"
    assert "sleeves" not in reasons("burst", 100, [*past, *visits(1, "saddles")])


@pytest.mark.parametrize(("used", "of", "listed"), [(1, 1, False), (2, 5, True), (2, 20, False)])
def test_an_odd_use_adds_nothing(used, of, listed):
    past = visits(used, "saddles") + visits(of - used, "clamps_150")
    assert ("saddles" in reasons("burst", 100, past)) is listed


@pytest.mark.parametrize(("without", "listed"), [(9, True), (10, False)])
def test_what_is_usual_leaves_the_list_when_nobody_uses_it(without, listed):
    said = reasons("burst", 100, visits(without, "clamps_150"))
    assert ("asphalt" in said) is listed
    assert "valve_key" in said


def test_clamps_come_in_the_size_of_the_pipe_whatever_was_used():
    past = visits(6, "clamps_300", pipe_mm=300)
    said = reasons("burst", 100, past)
    assert said["clamps_150"] == "6 of 6 visits for “Burst main” used it"
    assert "clamps_300" not in said


def test_what_failed_here_comes_first():
    here = PlacePast(["hydrants", "nonsense"], ["meters", "hydrants"], ["plugs", "meters"])
    lines = bring_list("burst", 100, Experience(), here)
    assert [(line.item, line.is_urgent) for line in lines[:3]] == [
        ("hydrants", True), ("meters", True), ("plugs", False),
    ]  # fmt: skip
    assert [str(line.reason) for line in lines[:3]] == [
        "The last visit failed for want of it",
        "An earlier visit here failed for want of it",
        "It was used at this place before",
    ]


@given(
    st.sampled_from([rule.key for rule in CATEGORIES]),
    st.none() | st.sampled_from([50, 100, 300, 1000]),
    st.lists(
        st.builds(
            PastVisit,
            st.none() | st.sampled_from([100, 300]),
            st.frozensets(st.sampled_from([*KIT, "gone"]), min_size=1, max_size=6),
        ),
        max_size=30,
    ),
    st.lists(st.sampled_from([*KIT, "gone"]), max_size=5),
)
def test_a_list_is_short_known_and_the_same_in_any_order(category, pipe_mm, past, lacked):
    here = PlacePast(lacked_last=lacked)
    lines = bring_list(category, pipe_mm, Experience(past), here)
    items = [line.item for line in lines]
    assert len(set(items)) == len(items) <= MOST_LINES
    assert set(items) <= set(KIT)
    assert lines == bring_list(category, pipe_mm, Experience(past[::-1]), here)
    known = [item for item in dict.fromkeys(lacked) if item in KIT]
    assert items[: len(known)] == known


def test_the_list_for_a_category_that_is_no_longer_listed_is_learned_alone():
    past = Experience([PastVisit(100, frozenset({"air_valves"}))] * 3)
    [line] = bring_list("meteor", 100, past, PlacePast())
    assert line.item == "air_valves"
    assert str(line.reason) == "3 of 3 visits for “meteor” used it"
