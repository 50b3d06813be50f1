"""Which devices of a person are told by push?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.messages import PushSubscription

if TYPE_CHECKING:
    from collections.abc import Sequence


def devices_of(user_id: int) -> Sequence[PushSubscription]:
    """Return the devices of a person, the one used last first."""
    return db.session.scalars(
        select(PushSubscription)
        .where(PushSubscription.user_id == user_id)
        .order_by(PushSubscription.last_used_at.desc(), PushSubscription.id.desc())
    ).all()


def device_at(endpoint: str) -> PushSubscription | None:
    """Return the device that a push service knows by this address."""
    return db.session.scalars(
        select(PushSubscription).where(PushSubscription.endpoint == endpoint)
    ).one_or_none()
