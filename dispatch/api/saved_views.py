"""Which views of the desk are kept, and how are they changed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.saved_views import add_view, change_view, delete_view, restore_view
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.domain.permissions import Permission
from dispatch.queries.saved_views import shown_view, view_rows
from dispatch.schemas.messages import NoShape
from dispatch.schemas.saved_views import OneSavedViewReply, SavedViewShape, SavedViewsReply

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.models.saved_views import SavedView

blueprint = ApiBlueprint(
    "saved_views",
    __name__,
    url_prefix="/api/v1/views",
    description="Filters of the desk that people keep and share",
)


@blueprint.gets("")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, SavedViewsReply)
def listing() -> Response:
    """List the asker's own views and those that are shared with them, by name."""
    return jsonify({"views": view_rows(current_actor())})


@blueprint.posts("")
@requires(Permission.SEE_DESK)
@blueprint.reads(SavedViewShape)
@blueprint.answers(201, OneSavedViewReply)
@blueprint.hears("Idempotency-Key")
def add(asked: dict[str, Any]) -> Response:
    """Keep filters under a name; sharing needs its permission."""

    def do() -> SavedView:
        return add_view(
            asked["name"],
            _plain(asked["filters"]),
            shared=asked["shared"],
            actor=current_actor(),
            now=current_time(),
        )

    return _once({"new": asked}, do, status=201)


@blueprint.posts("/<int:view_id>")
@requires(Permission.SEE_DESK)
@blueprint.reads(SavedViewShape)
@blueprint.answers(200, OneSavedViewReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def change(asked: dict[str, Any], view_id: int) -> Response:
    """Give a view another name, other filters, or share it."""
    wanted = asked | {"filters": _plain(asked["filters"])}
    version, actor, now = _version(), current_actor(), current_time()
    return _once(
        {"view": view_id, "version": version, "wanted": wanted},
        lambda: change_view(view_id, wanted, actor=actor, now=now, seen_version=version),
    )


@blueprint.posts("/<int:view_id>/delete")
@requires(Permission.SEE_DESK)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneSavedViewReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def delete(_asked: dict[str, Any], view_id: int) -> Response:
    """Delete a view; for thirty days it can be restored."""
    version, actor, now = _version(), current_actor(), current_time()
    return _once(
        {"view": view_id, "version": version, "step": "delete"},
        lambda: delete_view(view_id, actor=actor, now=now, seen_version=version),
    )


@blueprint.posts("/<int:view_id>/restore")
@requires(Permission.SEE_DESK)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneSavedViewReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def restore(_asked: dict[str, Any], view_id: int) -> Response:
    """Undo the deletion of a view."""
    version, actor, now = _version(), current_actor(), current_time()
    return _once(
        {"view": view_id, "version": version, "step": "restore"},
        lambda: restore_view(view_id, actor=actor, now=now, seen_version=version),
    )


def _version() -> int:
    version = seen_version()
    if version is None:
        raise PreconditionRequired
    return version


def _plain(filters: dict[str, Any]) -> dict[str, str]:
    """Return filters as the address writes them; empty ones let all through and are left out."""
    texts = {
        name: ",".join(sorted(set(value))) if isinstance(value, tuple) else value
        for name, value in filters.items()
    }
    return {name: text for name, text in texts.items() if text}


def _once(body: dict[str, Any], do: Callable[[], SavedView], *, status: int = 200) -> Response:
    actor = current_actor()

    def read() -> tuple[int, dict[str, Any]]:
        return status, {"view": shown_view(do(), None, actor)}

    with transaction():
        scope = f"views/{actor.user_id}"
        done = once(scope, idempotency_key(), body, now=current_time(), do=read)
    answer = jsonify(done.reply)
    answer.status_code = done.status
    answer.headers["ETag"] = f'"{done.reply["view"]["version"]}"'
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer
