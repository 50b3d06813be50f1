"""How is a change of the installation's settings written down?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.models.base import db
from dispatch.models.people import SettingsEvent

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

LONGEST_KEY = 64


def record_setting(
    subject: str,
    key: str,
    was: dict[str, Any] | None,
    now_is: dict[str, Any] | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write one line of the settings' story; never put a secret into `was` or `now_is`."""
    db.session.add(
        SettingsEvent(
            at=now,
            user_id=actor.user_id,
            actor=actor.name,
            subject=subject,
            subject_key=key[:LONGEST_KEY],
            was=was,
            now=now_is,
        )
    )
