"""Has every kind of fault its lists, and is only what stands on a list ticked?"""

from __future__ import annotations

import pytest

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.checklists import (
    CHECKS,
    SAFETY,
    TickList,
    check_tick,
    checklists_for,
    tick_name,
)
from dispatch.domain.errors import Invalid


@pytest.mark.parametrize("category", [rule.key for rule in CATEGORIES])
def test_the_lists_hold_known_items_once(category):
    lists = checklists_for(category)
    assert set(lists.safety) <= set(SAFETY)
    assert set(lists.checks) <= set(CHECKS)
    assert len(set(lists.safety)) == len(lists.safety)
    assert len(set(lists.checks)) == len(lists.checks)


def test_a_burst_asks_for_traffic_and_cables_before_the_work():
    assert {"traffic", "cables"} <= set(checklists_for("burst").safety)
    assert checklists_for("no_water") == checklists_for("other")


def test_every_item_has_words():
    assert str(tick_name("bring", "pumps")) == "Pump with hoses"
    assert tick_name("safety", "gas") == SAFETY["gas"]
    assert tick_name("check", "clean") == CHECKS["clean"]
    assert str(tick_name("check", "later")) == "later"


def test_a_tick_names_a_list_and_an_item_of_it():
    assert check_tick("safety", "gas") == (TickList.SAFETY, "gas")
    for name, item, field in (("wish", "gas", "list"), ("check", "gas", "item")):
        with pytest.raises(Invalid) as refused:
            check_tick(name, item)
        assert set(refused.value.fields) == {field}
