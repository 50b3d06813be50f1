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
    """How many were asked, answered, and said what."""

    asked: int
    answered: Share
    solved: Share
    process: Share
    result: Share

    def as_json(self) -> dict[str, Any]:
        """Return each share with its n."""
        return {"asked": self.asked} | {
            name: getattr(self, name).as_json()
            for name in ("answered", "solved", "process", "result")
        }


def satisfaction(stories: Iterable[TicketStory]) -> Satisfaction:
    """Count the follow-ups and their answers.

    Formula: asked; answered ÷ asked; solved ÷ answered; satisfied with the process ÷ answered;
    satisfied with the result ÷ answered. In: every follow-up of every ticket, on the day and on
    day 7. Silence is never satisfaction: a follow-up without an answer is in asked only, and
    "rather not say" is an answer that is neither solved nor satisfied. Source: metrics.md.
    """
    asked = [answer for story in stories for answer in story.answers]
    answers = [answer for answer in asked if answer.answered_at is not None]
    n = len(answers)
    return Satisfaction(
        asked=len(asked),
        answered=Share(n, len(asked)),
        solved=Share(sum(one.fixed is True for one in answers), n),
        process=Share(sum(one.process_satisfied is True for one in answers), n),
        result=Share(sum(one.result_satisfied is True for one in answers), n),
    )
