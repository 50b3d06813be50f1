"""What did the reporters say when we asked them afterwards?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dispatch.domain.samples import Share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dispatch.domain.stories import TicketStory


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many were asked, answered, and said what; `not_said` are answers without a word."""

    asked: int
    answered: Share
    solved: Share
    process: Share
    result: Share
    not_fixed: int
    not_said: int
    refused: int
    silent: int

    def as_json(self) -> dict[str, Any]:
        """Return each share with its n, and what is stated apart."""
        shares = ("answered", "solved", "process", "result")
        counts = ("not_fixed", "not_said", "refused", "silent")
        return (
            {"asked": self.asked}
            | {name: getattr(self, name).as_json() for name in shares}
            | {name: getattr(self, name) for name in counts}
        )


def satisfaction(stories: Iterable[TicketStory]) -> Satisfaction:
    """Count the follow-ups and their answers.

    Formula: asked; answered ÷ asked; solved ÷ answered; satisfied with the process ÷ answered;
    satisfied with the result ÷ answered. Satisfied is a score of 4 or 5. In: every follow-up of
    every ticket that somebody was asked in, on the day and on day 7. Silence is never
    satisfaction: a follow-up without an answer is in asked only, counted apart as refused or
    silent, and "rather not say" is an answer that is neither solved nor satisfied, counted apart.
    A score that was skipped is not satisfied. Out: audit calls, which stand on their own page;
    questions that were called off. Source: metrics.md.
    """
    asked = [answer for story in stories for answer in story.answers]
    answers = [answer for answer in asked if answer.answered_at is not None]
    n = len(answers)
    refused = sum(one.refused for one in asked if one.answered_at is None)
    return Satisfaction(
        asked=len(asked),
        answered=Share(n, len(asked)),
        solved=Share(sum(one.fixed is True for one in answers), n),
        process=Share(sum(one.process_satisfied is True for one in answers), n),
        result=Share(sum(one.result_satisfied is True for one in answers), n),
        not_fixed=sum(one.fixed is False for one in answers),
        not_said=sum(one.fixed is None for one in answers),
        refused=refused,
        silent=len(asked) - n - refused,
    )
