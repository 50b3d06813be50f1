"""Which exports has a person asked for, how far are they, and whose files are still needed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from dispatch.domain.errors import NotAllowed, NotFound
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.exports import Export
from dispatch.models.people import User
from dispatch.queries.sessions import actor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor

MOST_LISTED = 50
ENDED = ("done", "failed")


@dataclass(frozen=True, slots=True)
class ExportNotice:
    """How many exports of a person wait or are made, and how many have ended, well or not."""

    going: int
    ended: int


def exports_for(actor: Actor) -> Sequence[Export]:
    """Return the exports of a person, the newest first."""
    return db.session.scalars(
        select(Export)
        .where(Export.user_id == actor.user_id)
        .order_by(Export.id.desc())
        .limit(MOST_LISTED)
    ).all()


def export_notice(actor: Actor, since: datetime) -> ExportNotice:
    """Count the exports of a person that are not done, and those that ended after an instant."""
    has_ended = and_(Export.state.in_(ENDED), Export.finished_at > since)
    is_going = Export.state.in_(("queued", "running"))
    asked = select(func.count().filter(is_going), func.count().filter(has_ended)).where(
        Export.user_id == actor.user_id, or_(is_going, has_ended)
    )
    going, ended = db.session.execute(asked).one()
    return ExportNotice(going, ended)


def export_for(key: str, actor: Actor, *, for_change: bool = False) -> Export:
    """Return one export by its address, locked where it is about to change.

    Raises:
        NotFound: when there is none, it is somebody else's, or it holds what its asker no longer
            sees.
    """
    asked = select(Export).where(Export.key == key, Export.user_id == actor.user_id)
    row = db.session.scalar(asked.with_for_update() if for_change else asked)
    is_seen = row is not None and (
        actor.scope.everything or row.state != "done" or row.team_id == actor.scope.team_id
    )
    if row is None or not is_seen:
        raise NotFound(say("There is no such export. Files are kept for a week."))
    return row


def any_export_waiting() -> bool:
    """Tell whether an export waits to be begun."""
    asked = select(Export.id).where(Export.state == "queued").limit(1)
    return db.session.scalar(asked) is not None


def exports_ahead(row: Export) -> int:
    """Return how many exports, of anybody, are made before one that waits."""
    asked = select(func.count()).where(Export.state.in_(("queued", "running")), Export.id < row.id)
    return db.session.scalars(asked).one()


def asker_of(row: Export) -> Actor:
    """Return who asked for an export as they are now.

    Raises:
        NotAllowed: when they may no longer export the figures.
    """
    user = db.session.get_one(User, row.user_id)
    actor = actor_of(user)
    if not user.active or not (actor.can(Permission.EXPORT) and actor.can(Permission.SEE_FIGURES)):
        raise NotAllowed(say("%(name)s may no longer export figures.", name=row.created_by))
    return actor


def files_needed(keys: Iterable[str]) -> set[str]:
    """Return those keys whose files are there to be saved, or are being made."""
    asked = select(Export.key).where(
        Export.key.in_(list(keys)), Export.state.in_(("running", "done"))
    )
    return set(db.session.scalars(asked))
