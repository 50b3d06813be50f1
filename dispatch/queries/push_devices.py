"""Which devices of a person are told by push?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.messages import PushSubscription
from dispatch.models.people import User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row


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


def crew_with_devices(crew_id: int) -> Sequence[Row[int, str | None]]:
    """Return id and language of the people of a crew who have a device that takes pushes."""
    return db.session.execute(
        select(User.id, User.language)
        .where(
            User.crew_id == crew_id,
            User.role == Role.CREW,
            User.active,
            exists().where(PushSubscription.user_id == User.id),
        )
        .order_by(User.id)
    ).all()
