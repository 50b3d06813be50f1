"""What may somebody mean who types a few letters at the desk?"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.permissions import Permission
from dispatch.queries.palette import meant_households, meant_tickets
from dispatch.schemas.palette import PaletteQuery, PaletteReply

blueprint = ApiBlueprint(
    "palette", __name__, url_prefix="/api/v1", description="Search over everything at the desk"
)


@blueprint.posts("/search")
@requires(Permission.SEE_DESK)
@blueprint.reads(PaletteQuery)
@blueprint.answers(200, PaletteReply)
def search(asked: dict[str, Any]) -> Response:
    """Find tickets, open and past, and households; in a body, since no address may hold a name."""
    actor, words = current_actor(), asked["q"]
    personal = actor.can(Permission.SEE_PERSONAL)
    households = []
    if actor.can(Permission.TAKE_CALL):
        households = meant_households(words, now=current_time())
    return jsonify(
        {
            "tickets": meant_tickets(words, current_scope(), personal=personal),
            "households": households,
        }
    )
