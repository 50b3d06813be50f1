"""How is a view of the desk or the circle kept, changed, shared, deleted and brought back?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid, NotAllowed, NotFound, Stale
from dispatch.domain.permissions import Permission, Role
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.saved_views import SavedView
from dispatch.queries.saved_views import own_views, view_for_change

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor

MOST_VIEWS = 50
KEPT_DELETED = timedelta(days=30)


def add_view(
    name: str,
    filters: dict[str, Any],
    *,
    shared: bool,
    actor: Actor,
    now: datetime,
    page: str = "desk",
) -> SavedView:
    """Keep the filters of a page under a name.

    Raises:
        Invalid: naming the name when the person has it already, or has fifty views.
        NotAllowed: when it is to be shared by somebody who may not.
    """
    _check_sharing(actor, shared=shared)
    mine = [each for each in own_views(actor.user_id or 0) if each.deleted_at is None]
    if len(mine) >= MOST_VIEWS:
        fault = say("You have %(most)s views already. Delete one first.", most=MOST_VIEWS)
        raise Invalid(fault, fields={"name": fault})
    _check_name(name, page, mine)
    row = SavedView(user_id=actor.user_id, page=page, name=name, shared=shared, filters=filters)
    row.team_id, row.changed_at = _team_of(actor), now
    db.session.add(row)
    db.session.flush()
    return row


def change_view(
    view_id: int, wanted: dict[str, Any], *, actor: Actor, now: datetime, seen_version: int
) -> SavedView:
    """Give a view the wanted `name`, `filters` and `shared`.

    Raises:
        NotFound: when there is none to see, it was deleted, or it is a view of the circle.
        NotAllowed: when it is somebody else's, or is to be shared by somebody who may not.
        Invalid: naming the name when its owner has it already.
        Stale: when somebody changed it since.
    """
    row = _own(view_id, actor, seen_version)
    if row.page != "desk":
        raise NotFound(say("There is no such view, or it is not yours to see."))
    _check_standing(row)
    _check_sharing(actor, shared=wanted["shared"])
    _check_name(wanted["name"], row.page, _others(row))
    row.name, row.filters, row.shared = wanted["name"], wanted["filters"], wanted["shared"]
    row.changed_at = now
    db.session.flush()
    return row


def rename_view(
    view_id: int, name: str, *, actor: Actor, now: datetime, seen_version: int
) -> SavedView:
    """Give a view another name, and leave the rest of it as it is.

    Raises:
        NotFound: when there is none to see, or it was deleted.
        NotAllowed: when it is somebody else's.
        Invalid: naming the name when its owner has it already.
        Stale: when somebody changed it since.
    """
    row = _own(view_id, actor, seen_version)
    _check_standing(row)
    _check_name(name, row.page, _others(row))
    row.name, row.changed_at = name, now
    db.session.flush()
    return row


def delete_view(view_id: int, *, actor: Actor, now: datetime, seen_version: int) -> SavedView:
    """Take a view off every list; the owner's views deleted over thirty days ago are forgotten.

    Raises:
        NotFound: when there is none to see.
        NotAllowed: when it is somebody else's.
        Stale: when somebody changed it since.
    """
    row = _own(view_id, actor, seen_version)
    for old in own_views(row.user_id):
        if old is not row and old.deleted_at and now - old.deleted_at > KEPT_DELETED:
            db.session.delete(old)
    row.deleted_at = row.changed_at = now
    db.session.flush()
    return row


def restore_view(view_id: int, *, actor: Actor, now: datetime, seen_version: int) -> SavedView:
    """Undo a deletion.

    Raises:
        NotFound: when there is none to see.
        NotAllowed: when it is somebody else's.
        Invalid: naming the name when the owner has given it to another view since.
        Stale: when somebody changed it since.
    """
    row = _own(view_id, actor, seen_version)
    _check_name(row.name, row.page, _others(row))
    row.deleted_at, row.changed_at = None, now
    db.session.flush()
    return row


def _own(view_id: int, actor: Actor, seen_version: int) -> SavedView:
    row = view_for_change(view_id, actor)
    if row.user_id != actor.user_id and not (row.shared and actor.can(Permission.ADMINISTER)):
        raise NotAllowed(say("Only the person who made this view may change it."))
    if row.version != seen_version:
        raise Stale(
            say("Somebody changed this view since you opened it. Look at it again."),
            facts={"version": row.version, "seen_version": seen_version},
        )
    return row


def _others(row: SavedView) -> list[SavedView]:
    return [each for each in own_views(row.user_id) if each is not row and not each.deleted_at]


def _check_standing(row: SavedView) -> None:
    if row.deleted_at is not None:
        raise NotFound(say("This view was deleted."))


def _check_sharing(actor: Actor, *, shared: bool) -> None:
    if shared and not actor.can(Permission.SHARE_VIEW):
        raise NotAllowed(say("Your role may not share views. Keep it for yourself."))


def _check_name(name: str, page: str, others: list[SavedView]) -> None:
    if any((each.page, each.name.casefold()) == (page, name.casefold()) for each in others):
        fault = say("You have a view with this name already. Choose another name.")
        raise Invalid(fault, fields={"name": fault})


def _team_of(actor: Actor) -> int | None:
    return actor.team_id if actor.role is Role.TEAM_LEADER else None
