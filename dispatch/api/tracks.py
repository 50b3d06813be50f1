"""Which way did a crew take?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.positions import log_track_look
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.tracks import GAP
from dispatch.queries.tracks import track_of
from dispatch.schemas.tracks import TrackQuery, TrackReply

blueprint = ApiBlueprint(
    "tracks", __name__, url_prefix="/api/v1", description="The way of a crew on its shift"
)

USUAL = timedelta(hours=8)
LONGEST = timedelta(hours=24)


@blueprint.gets("/crews/<int:crew_id>/track")
@requires(Permission.DISPATCH)
@blueprint.reads(TrackQuery, "query")
@blueprint.answers(200, TrackReply)
def track(asked: dict[str, Any], crew_id: int) -> Response:
    """Return the way of a crew and its visits on it; who looked is written down."""
    now = current_time()
    to_at = asked["to_at"] or now
    from_at = asked["from_at"] or to_at - USUAL
    if not timedelta() < to_at - from_at <= LONGEST:
        fault = say("Give a time after the first, at most 24 hours later.")
        raise Invalid(fault, fields={"to": fault})
    with transaction():
        found = track_of(crew_id, current_scope(), from_at, to_at)
        log_track_look(found["crew"]["name"], from_at, to_at, actor=current_actor(), now=now)
    days = current_app.config["SETTINGS"].track_days
    gap = int(GAP.total_seconds())
    window = {"from_at": from_at, "to_at": to_at}
    return jsonify({**found, **window, "gap_seconds": gap, "kept_days": days})
