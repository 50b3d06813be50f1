"""Does a category open its tasks in the order that the utility set?"""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.budgets import Budget
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.task_state import TaskKind
from dispatch.domain.task_templates import (
    DEFAULT_TASKS,
    SUGGESTED_TASKS,
    TaskRule,
    TaskTemplates,
)

K = TaskKind
RULES = st.builds(
    TaskRule,
    st.sampled_from(["", "Roads North", "市政"]),
    st.none() | st.integers(1, 500).map(lambda n: Budget(minutes=n)),
    st.sampled_from([None, "mains"]),
    st.booleans(),
)
TEMPLATES = st.builds(
    TaskTemplates,
    st.dictionaries(st.sampled_from(list(TaskKind)), RULES),
    st.dictionaries(
        st.sampled_from(["burst", "leak"]),
        st.dictionaries(st.sampled_from(list(TaskKind)), st.integers(1, 9)),
    ),
)


@given(TEMPLATES)
def test_any_templates_are_read_as_they_were_written(templates):
    assert TaskTemplates.from_json(json.loads(json.dumps(templates.as_json()))) == templates


@given(TEMPLATES)
def test_a_task_stands_after_all_that_it_waits_for(templates):
    seen = set()
    for planned in templates.of_category("burst"):
        assert set(planned.after) <= seen
        assert planned.kind not in seen
        seen.add(planned.kind)


def test_one_step_runs_side_by_side_and_the_next_waits_for_all_of_it():
    found = {each.kind: each for each in SUGGESTED_TASKS.of_category("burst")}
    assert found[K.VALVE_CLOSING].after == found[K.TRAFFIC_PERMIT].after == ()
    assert set(found[K.EXCAVATION].after) == {K.VALVE_CLOSING, K.TRAFFIC_PERMIT}
    assert K.EXCAVATION in found[K.REINSTATEMENT].after
    assert K.DISINFECTION not in found[K.REINSTATEMENT].after


def test_nothing_is_opened_unless_the_utility_says_so():
    assert DEFAULT_TASKS.of_category("burst") == []
    assert DEFAULT_TASKS.rule_of(K.EXCAVATION).allowed == Budget(minutes=240)
    assert TaskTemplates().rule_of(K.EXCAVATION) == TaskRule()


def test_what_is_suggested_is_for_categories_that_there_are():
    assert [category_rule(key).key for key in SUGGESTED_TASKS.steps] == ["burst", "road_flooding"]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("kinds", [], "kinds"),
        ("kinds.painting", {}, "kinds.painting"),
        ("kinds.excavation.department", 3, "kinds.excavation.department"),
        ("kinds.excavation.department", "x" * 81, "kinds.excavation.department"),
        ("kinds.excavation.department", "a\nb", "kinds.excavation.department"),
        ("kinds.excavation.before_crew", 1, "kinds.excavation.before_crew"),
        ("kinds.excavation.allowed", {"minutes": 0}, "kinds.excavation.allowed.minutes"),
        ("steps", [], "steps"),
        ("steps.a b", {}, "steps.a b"),
        ("steps.burst", None, "steps.burst"),
        ("steps.burst.painting", 1, "steps.burst.painting"),
        ("steps.burst.excavation", 0, "steps.burst.excavation"),
        ("steps.burst.excavation", 10, "steps.burst.excavation"),
    ],
)
def test_wrong_templates_are_refused_with_the_field_named(path, value, named):
    stored = copy.deepcopy(SUGGESTED_TASKS.as_json())
    *parents, last = path.split(".")
    place = stored
    for name in parents:
        place = place[name]
    place[last] = value
    with pytest.raises(Invalid) as refused:
        TaskTemplates.from_json(stored)
    assert list(refused.value.fields) == [named]
