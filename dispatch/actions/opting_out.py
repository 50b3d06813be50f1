"""Who wants no messages, and which browsers want pushes?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.phone_numbers import plain_phone
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.messages import OptOut, PushSubscription

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_ENDPOINT = 1000
LONGEST_KEY = 200


def set_wanted(phone: str, *, wanted: bool, now: datetime) -> None:
    """Switch the messages to a number on or off; twice is no fault."""
    number = plain_phone(phone)
    row = db.session.get(OptOut, number)
    if wanted and row is not None:
        db.session.delete(row)
    if not wanted and row is None:
        db.session.add(OptOut(phone=number, at=now))


def subscribe(user_id: int, endpoint: str, keys: dict[str, Any], *, now: datetime) -> None:
    """Keep a browser that wants pushes; the same one again belongs to whoever came last.

    Raises:
        Invalid: naming the endpoint or the keys.
    """
    if not (endpoint.startswith("https://") and len(endpoint) <= LONGEST_ENDPOINT):
        fault = say("This is no address of a push service.")
        raise Invalid(fault, fields={"endpoint": fault})
    chosen = {name: keys.get(name) for name in ("p256dh", "auth")}
    if not all(isinstance(key, str) and 0 < len(key) <= LONGEST_KEY for key in chosen.values()):
        fault = say("The keys of the subscription are missing.")
        raise Invalid(fault, fields={"keys": fault})
    row = db.session.query(PushSubscription).filter_by(endpoint=endpoint).one_or_none()
    if row is None:
        row = PushSubscription(endpoint=endpoint, created_at=now)
        db.session.add(row)
    row.user_id, row.keys = user_id, chosen
    db.session.flush()
