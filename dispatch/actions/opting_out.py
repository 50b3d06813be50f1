"""Who wants no messages?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.domain.phone_numbers import plain_phone
from dispatch.models.base import db
from dispatch.models.messages import OptOut

if TYPE_CHECKING:
    from datetime import datetime


def set_wanted(phone: str, *, wanted: bool, now: datetime) -> None:
    """Switch the messages to a number on or off; twice is no fault."""
    number = plain_phone(phone)
    row = db.session.get(OptOut, number)
    if wanted and row is not None:
        db.session.delete(row)
    if not wanted and row is None:
        db.session.add(OptOut(phone=number, at=now))
