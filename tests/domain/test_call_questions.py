"""Has every kind of fault its few questions, each answered with one key?"""

import pytest

from dispatch.domain.call_questions import QUESTIONS, questions_for
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import Invalid


def test_every_category_asks_two_to_five_questions_once():
    assert set(QUESTIONS) == {rule.key for rule in CATEGORIES}
    for asked in QUESTIONS.values():
        assert 2 <= len(asked) <= 5
        assert len({question.key for question in asked}) == len(asked)


def test_one_key_means_one_question():
    every = {id(question): question for asked in QUESTIONS.values() for question in asked}
    assert len({question.key for question in every.values()}) == len(every)


def test_a_question_offers_answers_or_counts():
    for asked in QUESTIONS.values():
        for question in asked:
            assert bool(question.answers) != bool(question.counted)
            assert len(question.answers) <= 8
            assert len({answer.key for answer in question.answers}) == len(question.answers)
            assert not question.counted or "%(count)s" in question.counted


def test_the_questions_of_a_category_are_found():
    assert [question.key for question in questions_for("bill")] == ["higher", "turns"]
    with pytest.raises(Invalid):
        questions_for("meteor")
