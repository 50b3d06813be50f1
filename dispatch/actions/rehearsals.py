"""How is a rehearsal asked for, begun, followed, ended and kept?"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from dispatch.actions.background import Queue
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, TooMany
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.rehearsals import Rehearsal
from dispatch.queries.rehearsals import grid_shapes, team_names

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.rehearsal_wish import Wish

MOST_WAITING = 20
KEPT_DAYS = timedelta(days=7)
"""A rehearsal that nobody keeps is forgotten after this."""

LONGEST_NAME = 100
QUEUE = Queue(Rehearsal, say("Its process ended before it was done, twice. Rehearse fewer days."))


def ask_for_rehearsal(
    wish: Wish, *, actor: Actor, now: datetime, name: str | None = None
) -> Rehearsal:
    """Put a rehearsal in the queue; it holds the tickets that its asker sees.

    Raises:
        Invalid: for a wish that cannot be rehearsed.
        TooMany: when too many wait already.
    """
    wish.check()
    _check_names(wish, actor)
    waiting = QUEUE.waiting()
    if waiting >= MOST_WAITING:
        raise TooMany(say("%(count)s rehearsals wait already. Cancel one, or wait.", count=waiting))
    row = Rehearsal(
        key=secrets.token_urlsafe(12),
        name=(name or "").strip()[:LONGEST_NAME] or None,
        team_id=actor.scope.team_id,
        user_id=actor.user_id,
        created_by=actor.name,
        created_at=now,
        options=wish.as_json(),
        state="queued",
        progress=0.0,
        kept=False,
        tries=0,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _check_names(wish: Wish, actor: Actor) -> None:
    known = {team for team, _chinese in team_names(actor.scope)}
    named = {"base_team": wish.base_team} if wish.base_team else {}
    named |= {"extra_team": wish.extra_team} if wish.extra_crews else {}
    for number, block in enumerate(wish.more_crews, 2):
        named |= {f"extra_team_{number}": block.team} if block.crews else {}
    for field, team in named.items():
        if team not in known:
            fault = say("There is no team “%(team)s”.", team=team)
            raise Invalid(fault, fields={field: fault})
    if wish.base_team and wish.base_grid not in grid_shapes():
        fault = say("There is no grid “%(grid)s”.", grid=wish.base_grid)
        raise Invalid(fault, fields={"base_grid": fault})


def finish_rehearsal(rehearsal_id: int, result: dict[str, Any], now: datetime) -> None:
    """Write what came of a run, unless it was cancelled meanwhile."""
    QUEUE.finish(rehearsal_id, now, result=result)


def cancel_rehearsal(row: Rehearsal, *, actor: Actor, now: datetime) -> None:
    """Cancel a rehearsal that waits or runs.

    Raises:
        NotAllowed: when it is somebody else's.
        Forbidden: when it is over.
    """
    _check_owner(row, actor)
    if row.state not in {"queued", "running"}:
        raise Forbidden(say("This rehearsal is over: there is nothing to cancel."))
    row.state, row.finished_at = "cancelled", now


def keep_rehearsal(row: Rehearsal, name: str, *, kept: bool, actor: Actor) -> None:
    """Keep a rehearsal under a name, or let it be forgotten after a week.

    Raises:
        NotAllowed: when it is somebody else's.
    """
    _check_owner(row, actor)
    row.name = name.strip()[:LONGEST_NAME] or None
    row.kept = kept


def delete_rehearsal(row: Rehearsal, *, actor: Actor) -> None:
    """Delete a rehearsal; one that runs is stopped by that.

    Raises:
        NotAllowed: when it is somebody else's.
    """
    _check_owner(row, actor)
    db.session.delete(row)


def forget_old_rehearsals(now: datetime) -> int:
    """Delete the rehearsals of over a week ago that nobody keeps; return how many."""
    done = db.session.execute(
        delete(Rehearsal).where(~Rehearsal.kept, Rehearsal.finished_at < now - KEPT_DAYS),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(done, "rowcount", 0))


def may_change(row: Rehearsal, actor: Actor) -> bool:
    """Tell whether somebody may cancel, keep or delete it: its asker, or an administrator."""
    is_own = row.user_id is not None and row.user_id == actor.user_id
    return actor.can(Permission.REHEARSE) and (is_own or actor.can(Permission.ADMINISTER))


def _check_owner(row: Rehearsal, actor: Actor) -> None:
    if not may_change(row, actor):
        raise NotAllowed(
            say("Only %(name)s or an administrator may change this.", name=row.created_by)
        )
