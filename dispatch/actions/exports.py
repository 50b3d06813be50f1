"""How is a large file of the circle asked for, cancelled, tried again and forgotten?"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from dispatch.actions.background import Queue
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Forbidden, TooMany
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.exports import Export

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

MOST_WAITING = 5
"""Exports that one person may wait for at once."""

SAME_QUESTION = timedelta(seconds=10)
"""Who asks for the same file again so soon has clicked twice."""

KEPT_DAYS = timedelta(days=7)
"""A file and its line on the page go after this."""

QUEUE = Queue(Export, say("Its process ended before it was done, twice. Ask for fewer days."))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a view: which one, the view's query and address, the language of its words."""

    file: str
    query: dict[str, str]
    address: str
    language: str

    @property
    def digest(self) -> str:
        """Return what tells the same wish by."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def ask_for_export(wanted: Wanted, tickets: int, *, actor: Actor, now: datetime) -> Export:
    """Put a file in the queue, and write down who asked for what; a second click finds the first.

    Raises:
        TooMany: when its asker waits for too many already.
    """
    mine = db.session.scalars(
        select(Export).where(Export.user_id == actor.user_id).order_by(Export.id.desc())
    ).all()
    going = [row for row in mine if row.state in {"queued", "running"}]
    recent = [row for row in mine if row.state == "done" and row.created_at > now - SAME_QUESTION]
    for row in (*going, *recent):
        if row.digest == wanted.digest:
            return row
    if len(going) >= MOST_WAITING:
        raise TooMany(
            say("You wait for %(count)s exports already. Cancel one, or wait.", count=len(going))
        )
    row = Export(
        key=secrets.token_urlsafe(12),
        user_id=actor.user_id,
        created_by=actor.name,
        created_at=now,
        tickets=tickets,
        digest=wanted.digest,
        **asdict(wanted),
    )
    db.session.add(row)
    db.session.flush()
    told = {"tickets": tickets} | wanted.query
    record_setting("export", wanted.file, None, told, actor=actor, now=now)
    return row


def finish_export(row_id: int, name: str, tickets: int, size: int, *, now: datetime) -> None:
    """Write down the file that was made: its name when saved, its tickets, its bytes."""
    QUEUE.finish(row_id, now, name=name, tickets=tickets, bytes=size, expires_at=now + KEPT_DAYS)


def note_whose(row_id: int, actor: Actor) -> None:
    """Write down whose tickets a file holds that is begun: those that its asker sees now."""
    db.session.get_one(Export, row_id).team_id = actor.scope.team_id


def cancel_export(row: Export, *, now: datetime) -> None:
    """Cancel an export that waits or runs.

    Raises:
        Forbidden: when it is over.
    """
    if row.state not in {"queued", "running"}:
        raise Forbidden(say("This export is over: there is nothing to cancel."))
    row.state, row.finished_at = "cancelled", now


def retry_export(row: Export) -> None:
    """Let an export that failed or was cancelled wait again.

    Raises:
        Forbidden: when it is neither.
    """
    if row.state not in {"failed", "cancelled"}:
        raise Forbidden(say("This export neither failed nor was it cancelled."))
    row.state, row.progress, row.tries = "queued", 0.0, 0
    row.fault = row.finished_at = None


def forget_old_exports(now: datetime) -> int:
    """Delete the exports that ended over a week ago; return how many."""
    done = db.session.execute(
        delete(Export).where(Export.finished_at < now - KEPT_DAYS),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(done, "rowcount", 0))
