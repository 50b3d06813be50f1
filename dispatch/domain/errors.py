"""Why was something refused, where, and how can it be mended?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dispatch.domain.sentences import Sentence


class Refused(Exception):  # noqa: N818  it is an answer to a person, not a fault
    """The request cannot be carried out; nothing was changed.

    `sentence` says what and why in the reader's language, `fields` maps a field name to its own
    sentence, `facts` holds values that a program may use (for example the current version).
    """

    def __init__(
        self,
        sentence: Sentence,
        *,
        fields: dict[str, Sentence] | None = None,
        facts: dict[str, object] | None = None,
    ) -> None:
        """Keep the sentence, the field sentences and the facts."""
        super().__init__(str(sentence))
        self.sentence = sentence
        self.fields = fields or {}
        self.facts = facts or {}


class Invalid(Refused):
    """The input itself is wrong (422)."""


class NotAllowed(Refused):
    """The person may not do this (403)."""


class NotSignedIn(Refused):
    """Nobody is signed in, or the session has ended (401)."""


class NotFound(Refused):
    """There is no such object, or it is not the asker's to see (404)."""


class Forbidden(Refused):
    """The state table does not allow this step now (409)."""


class Stale(Refused):
    """Somebody changed the object since the asker saw it (409)."""


class Reused(Refused):
    """The idempotency key was used before with another body (422)."""


class TooMany(Refused):
    """Too many tries in a short time (429)."""
