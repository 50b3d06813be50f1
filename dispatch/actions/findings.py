"""How does a leader say what came of looking at a finding?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden
from dispatch.domain.findings import check_mark
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.findings import FindingMark
from dispatch.queries.findings import standing_mark

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.queries.findings import FindingRow


def mark_finding(
    row: FindingRow, mark: str, note: str, *, actor: Actor, now: datetime
) -> FindingMark:
    """Write down what a leader found.

    Raises:
        Invalid: when the mark is not on the list, or an explanation is missing.
        NotAllowed: when the finding is about the asker.
        Forbidden: when somebody has marked it already.
    """
    check_mark(mark, note, is_about_asker=actor.user_id in row.about.user_ids)
    known = standing_mark(row.finding.key)
    if known is not None:
        raise Forbidden(
            say("%(who)s has looked at this already. Take that back first.", who=known.marked_by)
        )
    said = FindingMark(
        finding=row.finding.key,
        mark=mark,
        note=note.strip(),
        marked_at=now,
        marked_by=actor.name,
        user_id=actor.user_id,
    )
    db.session.add(said)
    db.session.flush()
    return said


def undo_mark(row: FindingRow, *, actor: Actor, now: datetime) -> None:
    """Take back what was said about a finding; the row stays, with who took it back.

    Raises:
        Forbidden: when nothing is said about it.
    """
    known = standing_mark(row.finding.key)
    if known is None:
        raise Forbidden(say("Nobody has looked at this yet, so there is nothing to take back."))
    known.undone_at, known.undone_by = now, actor.name
    db.session.flush()
