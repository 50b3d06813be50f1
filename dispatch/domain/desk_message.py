"""What does the desk write to many reporters, and who reads it in which language?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.phone_numbers import phone_key
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_DESK_TEXT = 500
TAKE_BACK = timedelta(seconds=30)
"""So long a message waits before it goes out, so that it can be taken back."""


@dataclass(frozen=True)
class DeskMessage:
    """Texts by language, under a key that makes them reach each reporter once.

    `fallback` is the language of those who named none.
    """

    key: str
    texts: Mapping[str, str]
    fallback: str

    def language_for(self, wanted: str | None) -> str:
        """Return the language in which somebody reads it: their own where it is written in it."""
        for each in (wanted or self.fallback, self.fallback):
            if each in self.texts:
                return each
        return min(self.texts)

    @property
    def effects(self) -> str:
        """Return how the effect keys of all its rows begin."""
        return f"{EventKind.REPORTERS_TOLD}/{self.key}/"

    def effect_key(self, phone: str) -> str:
        """Return the effect key of one reporter, which holds no telephone number."""
        name = phone_key(phone) or phone
        return self.effects + hashlib.sha256(f"{self.key}/{name}".encode()).hexdigest()[:32]


def desk_message(key: str, texts: Mapping[str, str], fallback: str) -> DeskMessage:
    """Return a message whose texts are neither empty nor too long; empty languages are left out.

    Raises:
        Invalid: on the field `texts`.
    """
    written = {language: text.strip() for language, text in texts.items() if text.strip()}
    if not written:
        fault = say("Write the message in at least one language.")
        raise Invalid(fault, fields={"texts": fault})
    if any(len(text) > LONGEST_DESK_TEXT for text in written.values()):
        fault = say("A message has at most %(most)s characters.", most=LONGEST_DESK_TEXT)
        raise Invalid(fault, fields={"texts": fault})
    return DeskMessage(key, written, fallback)
