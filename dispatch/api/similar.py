"""What happened before near a ticket and at its household?"""

from __future__ import annotations

from flask import Response, jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.permissions import Permission
from dispatch.queries.rounds import round_visits
from dispatch.queries.similar import complaints, similar_tickets
from dispatch.queries.tickets import ticket_seen
from dispatch.schemas.similar import SimilarReply

blueprint = ApiBlueprint(
    "similar", __name__, url_prefix="/api/v1", description="What happened before at a place"
)


@blueprint.gets("/tickets/<number>/similar")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, SimilarReply)
def similar(number: str) -> Response:
    """Return tickets of a year near a ticket or of its household, its complaints and its rounds."""
    scope = current_scope()
    personal = current_actor().can(Permission.SEE_PERSONAL)
    ticket = ticket_seen(number, scope)
    near = similar_tickets(ticket, scope, now=current_time())
    return jsonify(
        {
            "similar": near,
            "complaints": complaints(ticket, scope),
            "rounds": round_visits(ticket.household_id, personal=personal),
        }
    )
