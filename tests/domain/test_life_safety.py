"""Are dangers to life found in words and answers, and is it kept what was done about each?"""

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.life_safety import (
    DANGERS,
    RESCUE_NAMES,
    Danger,
    Rescue,
    checked_acts,
    danger_rule,
    dangers_said,
    read_rescue_numbers,
    safety_sentences,
    standing,
    tellings,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("My son is TRAPPED in the cellar", (Danger.TRAPPED,)),
        ("地下室有人被困，闻到煤气味", (Danger.TRAPPED, Danger.GAS)),
        ("a car fell into a sinkhole", (Danger.SINKHOLE,)),
        ("electrical sparks, a man is bleeding", (Danger.ELECTRICITY, Danger.INJURED)),
        ("entrapped air in the pipe", ()),
        ("水表漏水", ()),
        ("", ()),
    ],
)
def test_words_point_to_dangers(text, found):
    assert dangers_said(text) == found


def test_every_danger_has_words_a_rescue_and_advice():
    assert [rule.key for rule in DANGERS] == list(Danger)
    assert set(RESCUE_NAMES) == set(Rescue)
    for rule in DANGERS:
        assert rule.words
        assert all(word == word.lower() for word in rule.words)
        assert danger_rule(rule.key) is rule


def test_a_word_can_be_dismissed_and_an_answer_cannot():
    acts = {"trapped": "dismissed", "gas": "dismissed", "injured": "told", "sinkhole": "told"}
    found = tellings([Danger.TRAPPED, Danger.INJURED], [Danger.GAS], acts)
    assert found == {"trapped": "untold", "gas": "dismissed", "injured": "told"}
    assert [rule.key for rule in standing(found)] == [Danger.TRAPPED, Danger.INJURED]


def test_it_is_said_whether_the_caller_was_told():
    sentences = safety_sentences({"gas": "told", "trapped": "untold", "injured": "dismissed"})
    assert [str(each) for each in sentences] == [
        "Somebody is trapped: the caller was not told to ring the fire brigade.",
        "Smell of gas: the caller was told to ring the fire brigade.",
    ]


def test_acts_are_those_on_known_dangers():
    assert checked_acts({"gas": "told"}) == {"gas": "told"}
    assert checked_acts({}) == {}


@pytest.mark.parametrize("given", [None, [], {"fire": "told"}, {"gas": "maybe"}, {"gas": 1}])
def test_other_acts_are_refused(given):
    with pytest.raises(Invalid) as refused:
        checked_acts(given)
    assert list(refused.value.fields) == ["dangers"]


def test_the_numbers_of_rescue_are_three():
    found = read_rescue_numbers("110, 119,120")
    assert found == {Rescue.POLICE: "110", Rescue.FIRE: "119", Rescue.AMBULANCE: "120"}


@pytest.mark.parametrize("text", ["", "112", "110,119,", "110,119,120,112", "one,two,three"])
def test_other_numbers_of_rescue_are_refused(text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        read_rescue_numbers(text)
