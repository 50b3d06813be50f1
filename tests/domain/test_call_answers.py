"""Do answers become sentences, raise the level, and warn of what is dangerous?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.call_answers import checked_answers, dangers_in, level_asked, told_answers
from dispatch.domain.call_questions import QUESTIONS, UNKNOWN
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.life_safety import Danger
from dispatch.domain.service_policy import Level


def test_answers_to_other_questions_are_left_out():
    given = {"higher": "yes", "electricity": "yes"}
    assert checked_answers("bill", given) == {"higher": "yes"}


@pytest.mark.parametrize(
    "given",
    [
        None,
        ["yes"],
        {"households": "many"},
        {"households": "-1"},
        {"households": "1234567"},
        {"households": "٣"},
        {"households": 3},
        {"care": "perhaps"},
    ],
)
def test_what_is_no_answer_is_refused(given):
    with pytest.raises(Invalid) as refused:
        checked_answers("no_water", given)
    assert list(refused.value.fields) == ["answers"]


def test_answers_are_said_hazards_first_and_the_unknown_not_at_all():
    answers = {"since": "today", "care": UNKNOWN, "households": "12", "road": "yes", "gone": "yes"}
    assert [(str(each.sentence), each.hazard) for each in told_answers(answers)] == [
        ("It stops the traffic.", True),
        ("Since today.", False),
        ("Households without water: 12.", False),
    ]


@pytest.mark.parametrize(
    ("category", "answers", "level"),
    [
        ("riser", {"electricity": "yes"}, Level.EMERGENCY),
        ("riser", {"electricity": "no"}, Level.URGENT),
        ("low_pressure", {"taps": "all"}, Level.STANDARD),
        ("bill", {"turns": "yes"}, Level.STANDARD),
        ("no_water", {"households": "49"}, Level.URGENT),
        ("no_water", {"households": "50"}, Level.EMERGENCY),
        ("no_water", {"households": UNKNOWN}, Level.URGENT),
        ("burst", {"road": "yes"}, Level.EMERGENCY),
        ("riser", {"floor": "99999"}, Level.URGENT),
    ],
)
def test_some_answers_raise_the_level(category, answers, level):
    assert level_asked(category, answers) is level


def test_some_answers_prove_a_danger():
    assert dangers_in({"electricity": "yes", "valve": "yes"}) == (Danger.ELECTRICITY,)
    assert dangers_in({"electricity": "no", "floor": "3"}) == ()


CALLS = st.sampled_from(sorted(QUESTIONS)).flatmap(
    lambda category: st.tuples(
        st.just(category),
        st.fixed_dictionaries(
            {},
            optional={
                question.key: st.sampled_from(
                    [answer.key for answer in question.answers] or ["0", "7", "60", "99999"]
                )
                | st.just(UNKNOWN)
                for question in QUESTIONS[category]
            },
        ),
    )
)


@given(CALLS)
def test_an_answer_never_lowers_the_level_and_a_danger_is_an_emergency(call):
    category, answers = call
    assert checked_answers(category, answers) == answers
    level = level_asked(category, answers)
    assert level <= category_rule(category).level
    assert not dangers_in(answers) or level is Level.EMERGENCY
