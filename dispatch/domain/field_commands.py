"""Which commands does a crew's phone keep while it is offline, and what can become of each?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.offline_time import effective_time

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.offline_time import EffectiveTime
    from dispatch.domain.place import Point

MOST_COMMANDS = 50
"""So many commands go in one request."""


class FieldOutcome(StrEnum):
    """What the server made of a command; only one of these takes it off the phone."""

    APPLIED = "applied"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    HELD = "held"


TRANSITIONS = frozenset(
    {
        "acknowledge",
        "set-off",
        "arrive",
        "start",
        "restore",
        "complete",
        "cannot-complete",
        "decline",
        "return",
        "hand-over",
        "take-back",
        "take-over",
        "refuse-hand-over",
    }
)
"""Steps that the table of states decides on; one that comes too late is superseded."""

RELIEVING = frozenset({"take-over", "refuse-hand-over"})
"""Steps of the crew that is asked to take a ticket over, which it has no visit on yet."""

FACTS = frozenset({"note", "reading", "parts", "tick", "needs", "code", "time-left"})
"""What is only added, and so is never too late."""


PHOTO = "photo"
"""What a photo is called among what is held for the desk."""

ROUND_STEPS = frozenset({"round-done", "round-nobody-home", "round-fault", "round-undo"})
"""What is tapped on a round; `args` name the `stop`, which a find on the way has none of."""


@dataclass(frozen=True)
class PhoneClock:
    """What a phone's clocks say as it sends: its own time, and milliseconds within its session.

    `offset_seconds` is server minus phone, as the server measures it on receipt.
    """

    session: str
    mono_ms: float | None = None
    offset_seconds: float | None = None


@dataclass(frozen=True)
class FieldCommand:
    """One tap as the phone stored it before it said that it was saved.

    `sequence` is gap-free on the phone. `told_at` is the phone's time of the tap, `mono_ms` the
    milliseconds of its page session by then, `offset_seconds` the server's time minus the phone's
    as last measured before the tap. `base_version` is the version of the ticket that was seen.
    `seen` is the last event of the story that the page held.
    `mocked` is set where the phone says that a program made up the position.
    `person` is the account that was signed in on the phone at the tap.
    """

    uuid: str
    sequence: int
    ticket: str
    kind: str
    args: dict[str, Any] = field(default_factory=dict)
    base_version: int | None = None
    seen: int | None = None
    told_at: datetime | None = None
    mono_ms: float | None = None
    session: str = ""
    offset_seconds: float | None = None
    position: Point | None = None
    accuracy_metres: float | None = None
    mocked: bool = False
    person: int | None = None

    def happened(
        self, clock: PhoneClock, *, received_at: datetime, offered_at: datetime | None
    ) -> EffectiveTime:
        """Work out when the tap was made, between the offer of the ticket and the receipt."""
        offset = self.offset_seconds
        return effective_time(
            device_time=self.told_at,
            mono_event_ms=self.mono_ms,
            mono_now_ms=clock.mono_ms,
            received_at=received_at,
            offered_at=offered_at,
            last_offset_seconds=clock.offset_seconds if offset is None else offset,
            same_session=bool(self.session) and self.session == clock.session,
        )
