"""Has every kind of fault its lists, and do an administrator's own ones keep their words?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.checklists import (
    CHECKS,
    MOST_ITEMS,
    SAFETY,
    CheckLists,
    ListItem,
    TickList,
    check_list,
    shipped_item,
    tick_name,
    usual_checklists,
)
from dispatch.domain.errors import Invalid

WORDS = {"en": "Test the air", "zh": "检测空气"}
ITEM = {"key": "own_1", "required": True} | WORDS


def keys(items):
    return [each.key for each in items]


@pytest.mark.parametrize("category", [rule.key for rule in CATEGORIES])
def test_the_shipped_lists_hold_known_items_once(category):
    lists = usual_checklists(category)
    assert set(keys(lists.safety)) <= set(SAFETY)
    assert set(keys(lists.checks)) <= set(CHECKS)
    for items in lists:
        assert len(set(keys(items))) == len(items)
    assert all(each.is_required for each in lists.safety)
    assert not any(each.is_required for each in lists.checks)


def test_a_burst_asks_for_traffic_and_cables_before_the_work():
    assert {"traffic", "cables"} <= set(keys(usual_checklists("burst").safety))
    assert usual_checklists("no_water") == usual_checklists("other")
    assert not set(SAFETY) & set(CHECKS)


def test_every_item_has_words():
    assert str(tick_name("bring", "pumps")) == "Pump with hoses"
    assert tick_name("safety", "gas") == SAFETY["gas"] == ListItem("gas", is_required=True).name
    assert tick_name("check", "clean") == CHECKS["clean"]
    assert str(tick_name("check", "later")) == "later"
    own = tick_name("safety", "gas", WORDS)
    assert (str(own), own.values["item"].chinese) == ("Test the air", "检测空气")


def test_a_tick_names_a_list_and_an_item_of_it():
    assert check_list("safety") is TickList.SAFETY
    with pytest.raises(Invalid) as refused:
        check_list("wish")
    assert set(refused.value.fields) == {"list"}
    assert shipped_item(TickList.SAFETY, "gas") == ListItem("gas", is_required=True)
    assert shipped_item(TickList.CHECK, "gas") is None


text = st.from_regex(r"[A-Za-z检测]{1,20}", fullmatch=True)
items = st.builds(
    ListItem,
    key=st.from_regex(r"[a-z_]{1,9}", fullmatch=True),
    is_required=st.booleans(),
    words=st.tuples(text, text),
)
lists_of_items = st.lists(items, max_size=5, unique_by=lambda each: each.key).map(tuple)


@given(st.builds(CheckLists, lists_of_items, lists_of_items))
def test_own_lists_are_read_back_as_they_were_written(lists):
    assert CheckLists.from_json(lists.as_json()) == lists


@pytest.mark.parametrize(
    ("safety", "named"),
    [
        ([ITEM | {"zh": " "}], "safety.0.zh"),
        ([ITEM | {"en": "x" * 201}], "safety.0.en"),
        ([ITEM | {"en": "a\x07"}], "safety.0.en"),
        ([ITEM | {"required": "yes"}], "safety.0.required"),
        ([ITEM | {"key": "no key"}], "safety.0.key"),
        ([ITEM, ITEM], "safety.1.en"),
        ([ITEM | {"key": f"own_{at}"} for at in range(MOST_ITEMS + 1)], "safety"),
        ({}, "safety"),
    ],
)
def test_a_wrong_list_is_refused_by_name(safety, named):
    with pytest.raises(Invalid) as refused:
        CheckLists.from_json({"safety": safety, "checks": []})
    assert list(refused.value.fields) == [named]
