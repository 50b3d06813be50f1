"""How does an administrator decide what everybody may read?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.sessions import take_turns
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.public_page import PublicPageVersion
from dispatch.queries.public_page import public_page

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.public_page import PublicPage


def store_public_page(
    page: PublicPage, *, actor: Actor, now: datetime, seen_version: int
) -> PublicPageVersion:
    """Put a new version of the public page in force.

    Raises:
        Stale: when somebody stored another version since.
    """
    take_turns("public page")
    before, version = public_page()
    if seen_version != version:
        raise Stale(
            say("Somebody changed this text since you opened it. Look at it again."),
            facts={"version": version, "seen_version": seen_version},
        )
    row = PublicPageVersion(
        version=version + 1, page=page.as_json(), created_at=now, created_by=actor.name
    )
    db.session.add(row)
    record_setting("public_page", "public", before.as_json(), page.as_json(), actor=actor, now=now)
    db.session.flush()
    return row
