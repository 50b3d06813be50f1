"""Is silence kept apart from satisfaction?"""

from __future__ import annotations

from typing import Any

from dispatch.domain.samples import Share
from dispatch.domain.satisfaction import satisfaction
from dispatch.domain.stories import AnswerStory
from tests.domain.story_samples import after, story


def answer(**facts: Any):
    return AnswerStory(asked_at=after(0), **facts)


def test_silence_is_never_satisfaction():
    found = satisfaction([story(answers=(answer(),))])
    assert (found.asked, found.answered) == (1, Share(0, 1))
    assert found.solved.rate is None
    assert found.process.rate is None
    assert found.result.rate is None


def test_process_and_result_stand_apart():
    said = {"answered_at": after(9)}
    answers = (
        answer(**said, fixed=True, process_satisfied=True, result_satisfied=False),
        answer(**said, fixed=False, process_satisfied=True),
        answer(**said),
        answer(fixed=True, process_satisfied=True, result_satisfied=True),
    )
    found = satisfaction([story(answers=answers[:2]), story(answers=answers[2:])])
    assert (found.answered, found.solved) == (Share(3, 4), Share(1, 3))
    assert (found.process, found.result) == (Share(2, 3), Share(0, 3))


def test_silence_refusal_and_no_word_are_stated_apart():
    said = {"answered_at": after(9)}
    answers = (answer(), answer(refused=True), answer(**said), answer(**said, fixed=False))
    found = satisfaction([story(answers=answers)])
    assert (found.asked, found.answered) == (4, Share(2, 4))
    assert (found.not_fixed, found.not_said, found.refused, found.silent) == (1, 1, 1, 1)


def test_nobody_asked_is_no_data():
    none = {"rate": None, "hits": 0, "n": 0}
    assert satisfaction([story()]).as_json() == {
        "asked": 0,
        "answered": none,
        "solved": none,
        "process": none,
        "result": none,
        "not_fixed": 0,
        "not_said": 0,
        "refused": 0,
        "silent": 0,
    }
