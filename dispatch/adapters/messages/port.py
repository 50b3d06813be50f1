"""What does every channel take, and what may it answer?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dispatch.domain.messages import LATER, LONGEST_ANSWER, NEVER, SENT, Outcome
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.sentences import Sentence


@dataclass(frozen=True)
class Message:
    """One message as it leaves the house: `key` is the same for every copy of it.

    `payload` and `secret` are those of a webhook; `at` is the instant of sending.
    """

    key: str
    recipient: str
    text: str
    at: datetime
    subject: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


class Sends(Protocol):
    """Send one message within the time it is given; never raise for what the peer does."""

    def __call__(self, message: Message) -> Outcome:
        """Try once."""


def later(why: Sentence, code: int | None = None, answer: str = "") -> Outcome:
    """Return that it may go better another time."""
    return Outcome(LATER, code, answer[:LONGEST_ANSWER], why)


def never(why: Sentence, code: int | None = None, answer: str = "") -> Outcome:
    """Return that trying again is no use."""
    return Outcome(NEVER, code, answer[:LONGEST_ANSWER], why)


def sent(code: int | None = None, answer: str = "") -> Outcome:
    """Return that the peer took it."""
    return Outcome(SENT, code, answer[:LONGEST_ANSWER])


def no_extra(library: str) -> Outcome:
    """Return what is said when the library of a channel is not installed."""
    return never(
        say(
            "The library %(library)s is not installed. Install onevisit[messages].",
            library=library,
        )
    )
