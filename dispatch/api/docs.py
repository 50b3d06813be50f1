"""Where does a programmer read about the API?"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, render_template

from dispatch.access import requires
from dispatch.api.spec import openapi_json
from dispatch.domain.permissions import Permission

blueprint = Blueprint("api_docs", __name__, url_prefix="/api")

# RapiDoc writes its styles into the page; nothing but this page may do so.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)


@blueprint.get("/openapi.json")
@requires(Permission.PUBLIC)
def description() -> Response:
    """Return the description of the API for programs."""
    return Response(openapi_json(current_app), mimetype="application/json")


@blueprint.get("/docs")
@requires(Permission.PUBLIC)
def page() -> Response:
    """Show the description of the API to people."""
    answer = make_response(render_template("api_docs.html"))
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
