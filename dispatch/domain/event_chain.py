"""Has anybody changed, removed or reordered a ticket's events since they were written?"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

#: What the first event of a chain names as its previous hash.
GENESIS = "0" * 64

#: A phone number is guessed in seconds from an unsalted hash; 16 random characters end that.
SHORTEST_SALT = 16


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """One stored event: what it says, and the two hashes that hold it in its place."""

    content: Mapping[str, Any]
    previous_hash: str
    hash: str


def seal(previous_hash: str, content: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of the previous hash and the content in its canonical form.

    Times must know their zone. Raises `TypeError` for a value that has no canonical form and
    `ValueError` for a time without a zone or a number that is not finite.
    """
    return hashlib.sha256(f"{previous_hash}\n{canonical(content)}".encode()).hexdigest()


def commit_to(text: str, salt: str) -> str:
    """Return a commitment (hex HMAC-SHA-256) to a personal value, to stand in an event.

    The value and its random salt are kept outside the chain; once both are erased the chain still
    verifies and the value cannot be found by guessing. Raises `ValueError` for a short salt.
    """
    if len(salt) < SHORTEST_SALT:
        raise ValueError(f"a salt needs at least {SHORTEST_SALT} characters")
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()


def verify(
    events: Iterable[SealedEvent], *, previous_hash: str = GENESIS, head: str | None = None
) -> int | None:
    """Return the index of the first event that does not hold, or None when all do.

    `head` is a hash kept elsewhere for the newest event; without it a cut-off tail goes unseen.
    When only the head disagrees the index is one past the last event.
    """
    expected = previous_hash
    count = 0
    for event in events:
        if event.previous_hash != expected or seal(expected, event.content) != event.hash:
            return count
        expected = event.hash
        count += 1
    return count if head is not None and head != expected else None


def sealed_content(event: Any) -> dict[str, Any]:
    """Return what the hash of an event covers; personal text only as a commitment.

    `event` has the columns of a stored event as attributes. The ticket is named by the UUID of its
    first event, which is sealed before the row has a number.
    """
    return {
        "uuid": event.uuid,
        "visit": event.visit_id,
        "kind": event.kind,
        "from": event.from_state,
        "to": event.to_state,
        "user": event.user_id,
        "acting_for": event.acting_for_crew_id,
        "source": event.source,
        "recorded_at": event.recorded_at,
        "effective_at": event.effective_at,
        "quality": event.time_quality,
        "reason": event.reason,
        "note": commit_to(event.note, event.note_salt or "") if event.note else None,
        "facts": event.facts,
    }


class Anchor:
    """A keyed digest of every event up to an instant, each built on the one before.

    Whoever holds an old digest elsewhere can tell whether any event before it was changed, taken
    out or put in later, even with every hash recomputed: for that the key is needed.
    """

    def __init__(self, key: bytes, previous_digest: str) -> None:
        self._mac = hmac.new(key, previous_digest.encode(), hashlib.sha256)
        self.events = 0

    def add(self, event_hash: str) -> None:
        """Take in the next event, in the order of their numbers."""
        self._mac.update(f"\n{event_hash}".encode())
        self.events += 1

    @property
    def digest(self) -> str:
        """Return the digest (64 hex digits) of all that was taken in."""
        return self._mac.hexdigest()


def anchor_key(secret: str) -> bytes:
    """Derive the key of the anchors from the installation's secret."""
    return hmac.new(secret.encode(), b"onevisit event anchor", hashlib.sha256).digest()


def canonical(content: Mapping[str, Any]) -> str:
    """Return the one JSON text of a content: sorted keys, no spaces, times in UTC."""
    return _CANONICAL.encode(_plain(content))


_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_AS_IT_IS = frozenset((str, int, bool, type(None)))


def _plain(value: Any) -> Any:
    """Reduce a value to what JSON and both databases give back unchanged."""
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            return _number(value)
        case date() | UUID():
            return _worded(value)
        case Mapping():
            return {
                _key(name): inner if type(inner) in _AS_IT_IS else _plain(inner)
                for name, inner in value.items()
            }
        case list() | tuple():
            return [_plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _number(value: float) -> float | int:
    """Write 3.0 as 3: a database or a browser may give back either for the other."""
    if not math.isfinite(value):
        raise ValueError("a number in an event must be finite")
    return int(value) if value.is_integer() else value


def _worded(value: date | UUID) -> str:
    if not isinstance(value, datetime):
        return str(value)
    if value.utcoffset() is None:
        raise ValueError("a time in an event must know its zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _key(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError("a name in an event must be text")
    return name
