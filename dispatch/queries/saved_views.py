"""Which saved views may a person use?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.saved_views import SavedView

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from dispatch.domain.permissions import Actor


def view_rows(actor: Actor, page: str = "desk") -> list[dict[str, Any]]:
    """Return the person's own views of a page and those that are shared with them, by name."""
    found = db.session.execute(
        select(SavedView, User.name)
        .join(User, User.id == SavedView.user_id)
        .where(_usable(actor), SavedView.page == page, SavedView.deleted_at.is_(None))
        .order_by(SavedView.name, SavedView.id)
    )
    return [shown_view(row, owner, actor) for row, owner in found]


def deleted_views(actor: Actor, page: str) -> list[dict[str, Any]]:
    """Return the person's own views of a page that are kept after a deletion, the latest first."""
    found = db.session.scalars(
        select(SavedView)
        .where(
            SavedView.user_id == (actor.user_id or 0),
            SavedView.page == page,
            SavedView.deleted_at.is_not(None),
        )
        .order_by(SavedView.deleted_at.desc(), SavedView.id.desc())
    )
    return [shown_view(row, None, actor) for row in found]


def shown_view(row: SavedView, owner: str | None, actor: Actor) -> dict[str, Any]:
    """Return a view as a person sees it; the owner's name only where it is somebody else's."""
    is_mine = row.user_id == actor.user_id
    return {
        "id": row.id,
        "version": row.version,
        "name": row.name,
        "shared": row.shared,
        "mine": is_mine,
        "owner": None if is_mine else owner,
        "filters": row.filters,
        "deleted": row.deleted_at is not None,
    }


def view_for_change(view_id: int, actor: Actor) -> SavedView:
    """Return a view that the person can see, deleted ones included.

    Raises:
        NotFound: when there is none, or it is not theirs to see.
    """
    row = db.session.scalars(
        select(SavedView).where(SavedView.id == view_id, _usable(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(say("There is no such view, or it is not yours to see."))
    return row


def own_views(user_id: int) -> list[SavedView]:
    """Return every view of a person, deleted ones included, the oldest first."""
    mine = select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.id)
    return list(db.session.scalars(mine))


def _usable(actor: Actor) -> ColumnElement[bool]:
    mine = SavedView.user_id == (actor.user_id or 0)
    if actor.scope.everything:
        return or_(mine, SavedView.shared)
    theirs = or_(SavedView.team_id.is_(None), SavedView.team_id == actor.team_id)
    return or_(mine, and_(SavedView.shared, theirs))
