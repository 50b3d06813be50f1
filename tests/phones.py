"""How does a test hold a crew's phone, tap on it and let it send?"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.field_sync import Sent, take_command
from dispatch.actions.phones import enrol_phone, revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.field_commands import FieldCommand, PhoneClock
from dispatch.domain.permissions import Role
from tests.factories import DESK, make_account

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.field import FieldEntry
    from dispatch.models.people import Device
    from tests.cases import Case


class CrewPhone:
    """The phone of a crew in the hands of one of its people; minutes count from `start`."""

    def __init__(
        self, start: datetime, crew_id: int, name: str = "Ann", called: str = "Phone 1"
    ) -> None:
        """Enrol it; its secret is its name."""
        self.start, self.made, self.secret = start, 0, f"phone of {name}"
        with transaction():
            self.actor = make_account(Role.CREW, start, crew_id=crew_id, name=name)
            self.device: Device = enrol_phone(
                called, actor=self.actor, now=start, secret_hash=self.secret
            )

    def tap(self, kind: str, at: float = 0, **given: Any) -> FieldCommand:
        """Store a command at a minute."""
        self.made += 1
        known = {"ticket": "W000001", "sequence": self.made, "uuid": str(uuid.uuid4())}
        told_at = self.start + timedelta(minutes=at)
        return FieldCommand(
            **(known | {"kind": kind, "told_at": told_at, "offset_seconds": 0.0} | given)
        )

    def send(self, command: FieldCommand, at: float, actor: Actor | None = None) -> FieldEntry:
        """Send a command at a minute, by the person who holds the phone or another."""
        now = self.start + timedelta(minutes=at)
        with transaction():
            sent = Sent(self.secret, actor or self.actor, PhoneClock("s"), now)
            return take_command(command, sent)


def revoked(case: Case) -> CrewPhone:
    """Send the crew W1 to a ticket, and revoke its phone a minute later."""
    case.send(at=1)
    phone = CrewPhone(case.start, case.crews[0].id)
    with transaction():
        revoke_phone(phone.device, "lost", actor=DESK, now=case.minute(2))
    return phone
