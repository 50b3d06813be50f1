"""Does each fact stand in the group that a person would look for it in?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.facts import Keys, fact_of, facts_of
from dispatch.domain.figures import By
from dispatch.queries.fact_groups import grouped_facts, names_in
from tests.domain.story_samples import after, story
from tests.queries.histories import make_places, store
from tests.queries.test_facts import a_closed_leak

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def facts(session):
    make_places()
    rows = (
        (story(category="leak", level=2), Keys(1, 1, 2, None, 3)),
        (story(category="an old word", received_at=after(days=1)), Keys(2, None, None, None)),
    )
    return facts_of(fact_of(*row) for row in rows)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (None, [None]),
        (By.GRID, ["First", None]),
        (By.TEAM, ["Second team", None]),
        (SplitBy.CREW, ["Crew 3", None]),
        (By.LEVEL, [2, None]),
        (SplitBy.DAY, ["mon", "tue"]),
        (By.HOUR, [16]),
        (By.STORM, [False]),
        (By.EVIDENCE, [None]),
    ],
)
def test_groups_have_the_names_of_what_the_facts_have_numbers_for(facts, by, keys):
    found, codes = grouped_facts(facts, by, SHANGHAI, names_in(facts, by))
    assert found == keys
    assert [found[code] for code in codes.tolist()] == [keys[0], keys[-1]]


def test_a_category_that_is_no_longer_on_the_list_keeps_its_word(facts):
    store([a_closed_leak(1), a_closed_leak(2, category="an old word")])
    names = names_in(facts, By.CATEGORY)
    assert grouped_facts(facts, By.CATEGORY, SHANGHAI, names)[0] == ["an old word", "leak"]
