"""How does what the circle shows leave it as a file?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request

from dispatch.access import current_scope, current_time, requires
from dispatch.circle.asked import read_asked
from dispatch.circle.files import SMALL_EXPORT, CircleFile, Shown, filename_of, small_file
from dispatch.domain.permissions import Permission

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from dispatch.circle.asked import Asked

blueprint = Blueprint("circle_export", __name__, url_prefix="/circle")


@blueprint.get("/<any(rows):what>.<any(csv, xlsx):form>")
@blueprint.get("/<any(figures):what>.<any(csv, xlsx, geojson):form>")
@requires(Permission.EXPORT)
def save(what: str, form: str) -> AnyResponse:
    """Send exactly what the view shows: its figures or its tickets; a large file is offered."""
    file = CircleFile(f"{what}.{form}")
    shown = shown_of(read_asked(current_app.config["SETTINGS"].zone))
    if shown.count(file) > SMALL_EXPORT:
        return redirect(f"/circle/exports?{urlencode({'file': str(file)} | shown.asked.fixed)}")
    return answer_small(file, shown)


def shown_of(asked: Asked) -> Shown:
    """Return a view as its asker sees it now."""
    return Shown(asked, current_scope(), current_time(), address_of(asked))


def address_of(asked: Asked) -> str:
    """Return the whole address of the page that shows a view."""
    path = asked.url()
    if asked.is_of_group:
        path = asked.url("/circle/tickets", **asked.group_parts)
    return request.host_url.rstrip("/") + path


def answer_small(file: CircleFile, shown: Shown) -> Response:
    """Answer with a file that is made at once."""
    name = filename_of(file.subject, shown.asked, file.form, shown.now)
    return answer_file(small_file(file, shown), file.kind, name)


def answer_file(body: Any, kind: str, name: str) -> Response:
    """Answer with a file to be saved, never kept on the way."""
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
