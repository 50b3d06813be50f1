"""What do the answers to a call's questions say, and what do they change?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.call_questions import LARGEST_NUMBER, QUESTIONS, UNKNOWN, questions_for
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dispatch.domain.call_questions import Answer, Question
    from dispatch.domain.life_safety import Danger
    from dispatch.domain.service_policy import Level

_BY_KEY = {question.key: question for asked in QUESTIONS.values() for question in asked}


class ToldAnswer(NamedTuple):
    """An answer as a sentence, and whether it warns of a hazard."""

    sentence: Sentence
    hazard: bool


def checked_answers(category: str, given: object) -> dict[str, str]:
    """Return the answers to the questions of a category; those of another one are left out.

    Raises:
        Invalid: naming the field, when an answer is none of those that may be given.
    """
    if not isinstance(given, dict):
        raise _no_answer()
    answers = {}
    for question in questions_for(category):
        told = given.get(question.key)
        if told is None:
            continue
        if not (isinstance(told, str) and _fits(question, told)):
            raise _no_answer()
        answers[question.key] = told
    return answers


def _no_answer() -> Invalid:
    fault = say("Answer with one of the answers that are offered.")
    return Invalid(fault, fields={"answers": fault})


def _fits(question: Question, told: str) -> bool:
    if told == UNKNOWN:
        return True
    if question.answers:
        return told in {answer.key for answer in question.answers}
    return told.isascii() and told.isdigit() and int(told[:6]) <= LARGEST_NUMBER


def told_answers(answers: Mapping[str, str]) -> list[ToldAnswer]:
    """Return stored answers as sentences, hazards first; what nobody knew is left out."""
    told = [
        ToldAnswer(answer.told, answer.hazard)
        if answer
        else ToldAnswer(Sentence(question.counted, {"count": answers[question.key]}), hazard=False)
        for question, answer in _given(answers)
    ]
    return sorted(told, key=lambda each: not each.hazard)


def level_asked(category: str, answers: Mapping[str, str]) -> Level:
    """Return how urgent a fault is by its kind and by the answers; an answer never lowers it."""
    levels = [category_rule(category).level, *_raised(answers)]
    return min(levels)


def dangers_in(answers: Mapping[str, str]) -> tuple[Danger, ...]:
    """Return the dangers to life that answers prove."""
    return tuple(answer.danger for _, answer in _given(answers) if answer and answer.danger)


def _raised(answers: Mapping[str, str]) -> Iterator[Level]:
    for question, answer in _given(answers):
        if answer and answer.raises:
            yield answer.raises
        elif not answer and question.raises and int(answers[question.key]) >= question.many:
            yield question.raises


def _given(answers: Mapping[str, str]) -> Iterator[tuple[Question, Answer | None]]:
    """Pair each question with the answer that was given; a number has none of its own."""
    for key, told in answers.items():
        question = _BY_KEY.get(key)
        if question is None or told == UNKNOWN:
            continue
        if not question.answers:
            yield question, None
        for answer in question.answers:
            if answer.key == told:
                yield question, answer
