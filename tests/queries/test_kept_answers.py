"""Is an answer given again only while it is young and for the same question?"""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from dispatch.queries.kept_answers import LARGE, OLDEST, KeptAnswers, kept_when_large

SECOND = timedelta(seconds=1)


@pytest.fixture
def ask(session):
    kept, made = KeptAnswers(10 * SECOND), count(1)
    return lambda question, at: kept.get(question, at, lambda: next(made))


def test_a_young_answer_is_given_again(ask, now):
    assert [ask("a", now), ask("a", now + 9 * SECOND), ask("a", now + 10 * SECOND)] == [1, 1, 2]


def test_another_question_has_another_answer(ask, now):
    assert [ask("a", now), ask("b", now), ask("a", now)] == [1, 2, 1]


def test_an_answer_from_the_future_is_not_used(ask, now):
    assert [ask("a", now), ask("a", now - SECOND)] == [1, 2]


def test_the_oldest_question_makes_room(ask, now):
    for question in "abcde":
        ask(question, now)
    assert [ask("e", now), ask("a", now)] == [5, 6]


@pytest.mark.parametrize(("size", "times"), [(LARGE - 1, 3), (LARGE, 1)])
def test_only_a_large_answer_is_kept_for_a_minute(session, now, size, times):
    made = count(1)

    @kept_when_large(lambda found: found[0])
    def ask(what, *, more=0, now):
        return size, next(made)

    ask("a", now=now)
    ask("a", now=now + OLDEST - SECOND)
    assert ask("a", now=now + OLDEST - SECOND) == (size, times)
    assert ask("a", now=now + OLDEST) == (size, times + 1)
    assert ask("a", more=1, now=now) == (size, times + 2)
    assert ask("b", now=now) == (size, times + 3)
