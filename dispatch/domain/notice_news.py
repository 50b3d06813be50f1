"""What does somebody who subscribed to a place still have to hear of an interruption?"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.messages import Channel
from dispatch.domain.phone_numbers import checked_phone
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_MAIL = 254
"""Characters of an e-mail address. Source: RFC 5321 with erratum 1690."""

_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
# The country code of China or the 0 of a distant call before one of its mobile numbers.
_MOBILE = re.compile(r"(?:\+?(?:00)?86)?0?(1[3-9][0-9]{9})")


class NewsStep(StrEnum):
    """What a message to a subscriber is about; the names are those of its texts."""

    CONFIRM = "notice_confirm"
    TOLD = "notice_told"
    CHANGED = "notice_changed"
    OVER = "notice_over"


NEWS_NAMES: dict[NewsStep, Sentence] = {
    NewsStep.CONFIRM: say("subscription to be confirmed"),
    NewsStep.TOLD: say("interruption announced"),
    NewsStep.CHANGED: say("interruption changed"),
    NewsStep.OVER: say("interruption over before its time"),
}


@dataclass(frozen=True)
class Heard:
    """The last news that somebody got of an interruption, with its facts."""

    step: NewsStep
    facts: Mapping[str, Any]


def owed(heard: Heard | None, facts: Mapping[str, Any] | None) -> NewsStep | None:
    """Return what somebody must be told, None when they know how things stand.

    `facts` are those of the interruption as it is announced now, None when it has ended or does
    not touch the place (any more).
    """
    believes_it = heard is not None and heard.step is not NewsStep.OVER
    if facts is None:
        return NewsStep.OVER if believes_it else None
    if heard is None:
        return NewsStep.TOLD
    is_known = believes_it and heard.facts == facts
    return None if is_known else NewsStep.CHANGED


def read_recipient(text: str) -> tuple[Channel, str]:
    """Return by which channel a mobile number or e-mail address is reached, and its one spelling.

    A Chinese mobile number loses its country code, an e-mail address its capital letters, so that
    limits that count people count each once.

    Raises:
        Invalid: on the field `recipient`, when it is neither.
    """
    given = text.strip()
    if "@" not in given:
        number = checked_phone(given, "recipient")
        mobile = _MOBILE.fullmatch(number)
        return Channel.SMS, mobile[1] if mobile else number
    if len(given) > LONGEST_MAIL or not _MAIL.fullmatch(given):
        fault = say("This is no e-mail address.")
        raise Invalid(fault, fields={"recipient": fault})
    return Channel.EMAIL, given.lower()


def recipient_key(recipient: str) -> str:
    """Return what names somebody in the keys of their messages, without telling who it is.

    `recipient` is spelt as `read_recipient` returns it.
    """
    return hashlib.sha256(recipient.encode()).hexdigest()[:32]
