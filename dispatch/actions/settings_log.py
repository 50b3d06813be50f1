"""How is a change of the installation's settings written down?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent
from dispatch.queries.administration import last_change, settings_version

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

LONGEST_KEY = 64


def check_setting_seen(subject: str, seen_version: int | None) -> None:
    """Refuse a change by somebody who saw older settings; None means the caller did not look.

    Raises:
        Stale: saying who changed them and when.
    """
    if seen_version is None:
        return
    if db.engine.dialect.name == "postgresql":
        # Two who saw the same would both find it unchanged; SQLite has one writer.
        table = {"rota": "rota_entry", "ladder": "ladder_step"}[subject]
        db.session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
    refuse_stale(settings_version(subject), seen_version, last_change(subject))


def refuse_stale(version: int, seen_version: int | None, last: SettingsEvent | None) -> None:
    """Refuse a change where another version was seen; `last` is the newest change.

    Raises:
        Stale: saying who changed it and when.
    """
    if seen_version is None or seen_version == version:
        return
    facts: dict[str, object] = {
        "version": version,
        "seen_version": seen_version,
        "changed_by": last.actor if last else None,
        "changed_at": last.at.isoformat() if last else None,
    }
    if last is None:
        raise Stale(say("This was changed since you opened it. Look at it again."), facts=facts)
    raise Stale(
        say(
            "%(who)s changed this at %(when)s, after you opened it. Look at it again before you "
            "change it.",
            who=last.actor,
            when=last.at,
        ),
        facts=facts,
    )


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
