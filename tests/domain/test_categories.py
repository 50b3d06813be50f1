"""Has every kind of fault one level, one known skill and one name?"""

import pytest

from dispatch.domain.categories import (
    CATEGORIES,
    SKILL_NAMES,
    SKILLS,
    category_name,
    category_rule,
    is_listed,
)
from dispatch.domain.errors import Invalid
from dispatch.domain.service_policy import Level


def test_keys_and_names_are_unique_and_skills_are_known():
    assert len({rule.key for rule in CATEGORIES}) == len(CATEGORIES)
    assert len({str(rule.name) for rule in CATEGORIES}) == len(CATEGORIES)
    assert {rule.skill for rule in CATEGORIES} == set(SKILLS) == set(SKILL_NAMES)


@pytest.mark.parametrize(
    ("level", "keys"),
    [
        (Level.EMERGENCY, {"burst", "hydrant", "road_flooding", "cover_missing"}),
        (Level.URGENT, {"leak", "meter_leak", "riser", "tank", "no_water"}),
        (Level.ENQUIRY, {"bill", "advice", "installation"}),
    ],
)
def test_the_examples_of_the_policy_table_have_their_level(level, keys):
    assert {rule.key for rule in CATEGORIES if rule.level is level} == keys


def test_a_category_is_found_by_its_key():
    assert category_rule("discoloured_water").level is Level.STANDARD


def test_an_unknown_category_is_refused_with_the_field_named():
    with pytest.raises(Invalid, match="meteor") as refused:
        category_rule("meteor")
    assert list(refused.value.fields) == ["category"]


def test_a_category_that_is_no_longer_listed_stands_for_itself():
    assert is_listed("burst")
    assert not is_listed("meteor")
    assert category_name("burst") == category_rule("burst").name
    assert str(category_name("meteor")) == "meteor"
