"""Who is on the telephone, as far as the desk knows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, request

from dispatch.access import current_scope, current_time, requires
from dispatch.domain.permissions import Permission
from dispatch.queries.callers import caller_story

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("callers", __name__)


@blueprint.post("/desk/caller")
@requires(Permission.TAKE_CALL)
def caller() -> Response:
    """Tell a caller's tickets and complaints; the number comes in a form, never in an address."""
    phone, account = (request.form.get(name, "")[:64] for name in ("phone", "household"))
    return jsonify(caller_story(phone, account, current_scope(), now=current_time()))
