"""How does a crew's phone tell where it is, while it may be asked?"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.positions import take_positions
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Permission
from dispatch.domain.position_batch import SentPosition, dated_fixes
from dispatch.domain.sentences import say
from dispatch.queries.tracks import NOT_WATCHED, watch_of
from dispatch.schemas.positions import PositionsReply, PositionsShape, WatchReply

blueprint = ApiBlueprint(
    "positions", __name__, url_prefix="/api/v1", description="Where crews on shift are"
)


@blueprint.gets("/positions")
@requires(Permission.DO_FIELD_WORK)
@blueprint.answers(200, WatchReply)
def watch() -> Response:
    """Tell whether the asker's crew is on shift, so that its phone may say where it is."""
    crew_id = current_actor().crew_id
    found = watch_of(crew_id, current_time()) if crew_id else NOT_WATCHED
    return jsonify(found._asdict())


@blueprint.posts("/positions")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(PositionsShape)
@blueprint.answers(200, PositionsReply)
def take(asked: dict[str, Any]) -> Response:
    """Take positions of the asker's crew, late ones and those out of order too.

    Only what was measured on shift, or on a ticket that the crew took, is kept, and thinned.
    """
    now, crew_id = current_time(), _crew()
    sent = [
        SentPosition(each["at"], each["lat"], each["lon"], each["accuracy"], each["mocked"])
        for each in asked["positions"]
    ]
    fixes = dated_fixes(sent, sent_at=asked["at"], received_at=now)
    with transaction(shared=True):
        kept = take_positions(crew_id, fixes, now=now)
    watched = watch_of(crew_id, now)._asdict()
    return jsonify({**watched, "kept": kept, "left_out": len(sent) - kept})


def _crew() -> int:
    crew_id = current_actor().crew_id
    if crew_id is None:
        raise Invalid(say("Your account belongs to no crew. Ask an administrator."))
    return crew_id
