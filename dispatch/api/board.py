"""What is each crew doing over some hours?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, jsonify

from dispatch.access import current_scope, current_time, requires
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.board import board_for
from dispatch.schemas.board import BoardQuery, BoardReply

blueprint = ApiBlueprint(
    "board", __name__, url_prefix="/api/v1", description="What each crew does over some hours"
)

BACK = timedelta(hours=2)
AHEAD = timedelta(hours=8)
LONGEST = timedelta(hours=48)


@blueprint.gets("/board")
@requires(Permission.SEE_DESK)
@blueprint.reads(BoardQuery, "query")
@blueprint.answers(200, BoardReply)
def board(asked: dict[str, Any]) -> Response:
    """Return the crews with their shifts, visits, tasks and promises between two instants."""
    now = current_time()
    from_at, to_at = asked["from_at"] or now - BACK, asked["to_at"] or now + AHEAD
    if not timedelta() < to_at - from_at <= LONGEST:
        fault = say("Give a time after the first, at most 48 hours later.")
        raise Invalid(fault, fields={"to": fault})
    found = board_for(current_scope(), from_at, to_at, now)
    return jsonify({"as_of": now, "from_at": from_at, "to_at": to_at, **found})
