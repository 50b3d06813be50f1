"""Which calls broke off, and who goes on with them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.unfinished_calls import discard_call, keep_call, restore_call, take_up_call
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.permissions import Permission
from dispatch.queries.unfinished_calls import count_open, open_calls, shown_call
from dispatch.schemas.messages import NoShape
from dispatch.schemas.unfinished_calls import (
    OneUnfinishedCallReply,
    UnfinishedCallShape,
    UnfinishedCallsReply,
)

if TYPE_CHECKING:
    from dispatch.models.calls import UnfinishedCall

blueprint = ApiBlueprint(
    "unfinished_calls",
    __name__,
    url_prefix="/api/v1/unfinished-calls",
    description="Calls that broke off before there was a ticket",
)


@blueprint.gets("")
@requires(Permission.TAKE_CALL)
@blueprint.answers(200, UnfinishedCallsReply)
def listing() -> Response:
    """List the calls that wait, the newest first, twenty at most."""
    return jsonify({"calls": open_calls(), "total": count_open()})


@blueprint.posts("")
@requires(Permission.TAKE_CALL)
@blueprint.reads(UnfinishedCallShape)
@blueprint.answers(200, OneUnfinishedCallReply)
def keep(asked: dict[str, Any]) -> Response:
    """Keep what was typed of a call, with the number, so that the caller can be called back."""
    with transaction():
        row = keep_call(
            asked["words"], actor=current_actor(), now=current_time(), call_id=asked["id"]
        )
        return _answer(row)


@blueprint.posts("/<int:call_id>/take-up")
@requires(Permission.TAKE_CALL)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneUnfinishedCallReply)
def take_up(_asked: dict[str, Any], call_id: int) -> Response:
    """Go on with a call: all that was typed, and the list shows who has it."""
    with transaction():
        row = take_up_call(call_id, actor=current_actor(), now=current_time())
        return jsonify({"call": shown_call(row), "words": row.words})


@blueprint.posts("/<int:call_id>/discard")
@requires(Permission.TAKE_CALL)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneUnfinishedCallReply)
def discard(_asked: dict[str, Any], call_id: int) -> Response:
    """Take a call off the list."""
    with transaction():
        return _answer(discard_call(call_id, now=current_time()))


@blueprint.posts("/<int:call_id>/restore")
@requires(Permission.TAKE_CALL)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneUnfinishedCallReply)
def restore(_asked: dict[str, Any], call_id: int) -> Response:
    """Undo that a call was discarded."""
    with transaction():
        return _answer(restore_call(call_id))


def _answer(row: UnfinishedCall) -> Response:
    return jsonify({"call": shown_call(row), "words": {}})
