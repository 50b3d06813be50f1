"""Is each list the one that was in force then?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.checklists import store_checklist
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.checklists import CheckLists, ListItem, TickList, usual_checklists
from dispatch.domain.errors import NotFound
from dispatch.queries.checklists import (
    checklist_history,
    checklist_in_force,
    checklists_for,
    checklists_in_force,
    list_item,
)
from tests.factories import DESK

MINUTE = timedelta(minutes=1)
AIR = ListItem("own_1", is_required=True, words=("Test the air", "检测空气"))
OLD, NEW = CheckLists((AIR,), ()), CheckLists((AIR._replace(words=("Other", "其他")),), ())


@pytest.fixture
def changed(session, now):
    with transaction():
        for minutes, lists in ((1, OLD), (2, NEW)):
            store_checklist("burst", lists, "why", actor=DESK, now=now + minutes * MINUTE)


def test_the_instant_says_which_lists_count(changed, now):
    found = [checklists_for("burst", now + minutes * MINUTE) for minutes in (0, 1, 1.5, 2, 9)]
    assert found == [usual_checklists("burst"), OLD, OLD, NEW, NEW]
    assert checklists_for("leak", now + 9 * MINUTE) == usual_checklists("leak")


def test_an_item_reads_as_it_did_then_else_as_any_list_has_it(changed, now):
    for minutes, words in ((1, OLD), (3, NEW), (0, NEW)):
        found = list_item("burst", TickList.SAFETY, "own_1", now + minutes * MINUTE)
        assert found == words.safety[0], minutes
    shipped = list_item("burst", TickList.SAFETY, "gas", now)
    assert shipped == ListItem("gas", is_required=True)
    assert list_item("burst", TickList.CHECK, "own_1", now) is None


def test_the_newest_version_is_in_force_and_all_are_kept(changed, now):
    rows = {row.category.key: row for row in checklists_in_force()}
    assert list(rows) == [rule.key for rule in CATEGORIES]
    assert (rows["burst"].version, rows["burst"].lists) == (2, NEW)
    assert (rows["leak"].version, rows["leak"].since) == (0, None)
    assert checklist_in_force("burst") == rows["burst"]
    assert [row.version for row in checklist_history("burst")] == [2, 1]
    with pytest.raises(NotFound):
        checklist_in_force("moon")
