"""Which phones has the visitor's crew, and what did the one send that it lost?"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.field_sync import Sent, take_command
from dispatch.actions.phones import enrol_phone, new_phone_secret, note_seen, revoke_phone
from dispatch.domain.field_commands import FieldCommand, PhoneClock
from dispatch.domain.kept_secrets import secret_hash
from dispatch.queries.crew_day import crew_day

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.cli.demo_cities import City
    from dispatch.domain.permissions import Actor

APP = "1.0"
LOOKED_BACK = timedelta(days=7)
LOST = timedelta(hours=30)
CAME = timedelta(minutes=50)


def hand_out_phones(city: City, steward: Actor, now: datetime) -> None:
    """Give the crew of the visitor two phones; the second was lost, revoked, and sends once more.

    What it sends is about a ticket that the crew had before; without one it sends nothing.
    """
    day = crew_day(steward.crew_id, day_began_at=now - LOOKED_BACK, now=now)
    begun = now - LOOKED_BACK
    names = city.phone.names
    first, second = (_enrolled(name, steward, begun) for name in names)
    note_seen(first[0], steward, waiting=0, app=APP, now=now - CAME / 5)
    note_seen(second[0], steward, waiting=None, app=APP, now=now - LOST)
    lost_at = now - LOST + timedelta(hours=1)
    revoke_phone(second[0], city.phone.lost, actor=city.dispatcher, now=lost_at)
    old = [each for each in day.done if each.ended_at and each.ended_at < lost_at]
    if not old:
        return
    sent = Sent(second[1], steward, PhoneClock("lost", offset_seconds=0.0), now - CAME)
    taps: list[tuple[str, dict[str, Any]]] = [
        ("note", {"note": city.phone.note}),
        ("reading", {"reading": "pressure", "value": 3.2, "unit": "bar", "when": "after"}),
    ]
    for nth, (kind, args) in enumerate(taps, start=1):
        told_at = (old[0].ended_at or now) + timedelta(minutes=nth)
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{second[1]}{nth}"))
        take_command(
            FieldCommand(
                uuid=name,
                sequence=nth,
                ticket=old[0].number,
                kind=kind,
                args=args,
                told_at=told_at,
                offset_seconds=0.0,
                person=steward.user_id,
            ),
            sent,
        )


def _enrolled(name: str, steward: Actor, now: datetime) -> tuple[Any, str]:
    hashed = secret_hash(new_phone_secret())
    return enrol_phone(name, actor=steward, now=now, secret_hash=hashed), hashed
