"""How does a program read the rectification list and move its items?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.rectification import NewItem, change_item, open_item, take_item_step
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.api.wording import in_words
from dispatch.domain.permissions import Permission
from dispatch.queries.rectification import ItemFilters, item_for_change, item_page, item_row
from dispatch.queries.tickets import ticket_for_change
from dispatch.schemas.rectification import (
    ItemChangeShape,
    ItemsQuery,
    ItemsReply,
    ItemStepShape,
    NewItemShape,
    OneItemReply,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from dispatch.models.rectification import Rectification

blueprint = ApiBlueprint(
    "rectification",
    __name__,
    url_prefix="/api/v1",
    description="Overdue tickets that are put right and signed off",
)


@blueprint.gets("/rectification")
@requires(Permission.RECTIFY)
@blueprint.reads(ItemsQuery, "query")
@blueprint.answers(200, ItemsReply)
def listing(asked: dict[str, Any]) -> Response:
    """List the items of the tickets that the asker sees, the earliest due first."""
    filters = ItemFilters(
        team_id=asked["team"],
        cause=asked["cause"],
        state=asked["state"],
        overdue=asked["overdue"],
    )
    page = item_page(current_scope(), filters, asked["page"], current_time())
    return jsonify(
        {"items": page.rows, "page": page.page, "pages": page.pages, "total": page.total}
    )


@blueprint.gets("/rectification/<int:item_id>")
@requires(Permission.RECTIFY)
@blueprint.answers(200, OneItemReply)
def one_item(item_id: int) -> Response:
    """Return one item with its events, oldest first."""
    item = item_row(item_id, current_scope(), current_time())
    answer = jsonify({"item": item})
    answer.headers["ETag"] = f'"{item["version"]}"'
    return answer


@blueprint.posts("/rectification")
@requires(Permission.RECTIFY)
@blueprint.reads(NewItemShape)
@blueprint.answers(201, OneItemReply)
@blueprint.hears("Idempotency-Key")
def put_on_list(asked: dict[str, Any]) -> Response:
    """Put a ticket onto the list."""
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(asked["ticket"], actor.scope)
        new = NewItem(asked["cause"], asked["text"], asked["due_at"])
        return 201, _read(open_item(ticket, new, actor=actor, now=now).id)

    return _once({"new": in_words(asked)}, do)


@blueprint.posts("/rectification/<int:item_id>")
@requires(Permission.RECTIFY)
@blueprint.reads(ItemChangeShape)
@blueprint.answers(200, OneItemReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def change(asked: dict[str, Any], item_id: int) -> Response:
    """Write down cause, text, due date, or who else is responsible and why."""
    body = dict(asked)
    reason = body.pop("reason")

    def do(row: Rectification, version: int) -> None:
        change_item(
            row,
            body,
            reason=reason,
            actor=current_actor(),
            now=current_time(),
            seen_version=version,
        )

    return _changed(item_id, in_words(asked), do)


@blueprint.posts("/rectification/<int:item_id>/<step>")
@requires(Permission.RECTIFY)
@blueprint.reads(ItemStepShape)
@blueprint.answers(200, OneItemReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def step(asked: dict[str, Any], item_id: int, step: str) -> Response:
    """Take one step of an item: begin, finish, sign-off or reject."""

    def do(row: Rectification, version: int) -> None:
        take_item_step(
            row,
            step,
            note=asked["reason"],
            actor=current_actor(),
            now=current_time(),
            seen_version=version,
        )

    return _changed(item_id, {"step": step, "args": asked}, do)


def _changed(
    item_id: int, body: dict[str, Any], act: Callable[[Rectification, int], None]
) -> Response:
    version = seen_version()
    if version is None:
        raise PreconditionRequired

    def do() -> tuple[int, dict[str, Any]]:
        act(item_for_change(item_id, current_scope()), version)
        return 200, _read(item_id)

    return _once({"item": item_id, "version": version, "body": body}, do)


def _once(body: dict[str, Any], do: Callable[[], tuple[int, dict[str, Any]]]) -> Response:
    now = current_time()
    with transaction():
        scope = f"rectification/{current_actor().user_id}"
        done = once(scope, idempotency_key(), body, now=now, do=do)
    answer = jsonify(done.reply)
    answer.status_code = done.status
    answer.headers["ETag"] = f'"{done.reply["item"]["version"]}"'
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _read(item_id: int) -> dict[str, Any]:
    reply: dict[str, Any] = in_words({"item": item_row(item_id, current_scope(), current_time())})
    return reply
