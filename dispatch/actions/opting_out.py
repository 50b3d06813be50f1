"""Who wants no messages?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from dispatch.domain.phone_numbers import plain_phone, spellings
from dispatch.models.base import db
from dispatch.models.messages import OptOut
from dispatch.queries.messages import is_unwanted

if TYPE_CHECKING:
    from datetime import datetime


def set_wanted(phone: str, *, wanted: bool, now: datetime) -> None:
    """Switch the messages to a number on or off, however it is spelt; twice is no fault."""
    if wanted:
        db.session.execute(delete(OptOut).where(OptOut.phone.in_(spellings(phone))))
    elif not is_unwanted(phone):
        db.session.add(OptOut(phone=plain_phone(phone), at=now))
