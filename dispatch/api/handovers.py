"""Does a handover wait for the next dispatcher's signature?"""

from __future__ import annotations

from flask import Response, jsonify

from dispatch.access import current_actor, requires
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.permissions import Permission
from dispatch.queries.handovers import waiting_handover
from dispatch.schemas.handovers import WaitingReply

blueprint = ApiBlueprint(
    "handovers",
    __name__,
    url_prefix="/api/v1/handovers",
    description="What one shift of the desk left to the next",
)


@blueprint.gets("/waiting")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, WaitingReply)
def waiting() -> Response:
    """Return the newest handover of the asker's desk that nobody has signed."""
    found = waiting_handover(current_actor())
    told = found and {name: found[name] for name in ("id", "at", "author", "mine")}
    return jsonify({"handover": told})
