"""How does a manager learn on any page of the circle that an export in the background has ended?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import session
from flask_babel import ngettext

from dispatch.access import current_actor, current_time
from dispatch.domain.permissions import Permission
from dispatch.queries.exports import ExportNotice, export_notice

SEEN = "exports_seen"
TOLD_FOR = timedelta(days=1)
"""Whoever has not looked at the exports since signing in is told of those of the last day."""


def export_news() -> dict[str, Any] | None:
    """Say what is new of the asker's exports; None for who may not export.

    `going` counts those that are made, `words` says what there is, "" for nothing. What the page
    of the exports showed in this session is not new.
    """
    actor = current_actor()
    if not actor.can(Permission.EXPORT):
        return None
    seen = session.get(SEEN)
    since = current_time() - TOLD_FOR
    found = export_notice(actor, max(since, datetime.fromisoformat(seen)) if seen else since)
    return {"going": found.going, "words": _words(found)}


def take_as_seen() -> None:
    """Remember that the asker has looked at the exports now."""
    session[SEEN] = current_time().isoformat()


def _words(found: ExportNotice) -> str:
    if found.ended:
        return str(ngettext("%(num)s export has ended", "%(num)s exports have ended", found.ended))
    if found.going:
        return str(ngettext("%(num)s export is made", "%(num)s exports are made", found.going))
    return ""
