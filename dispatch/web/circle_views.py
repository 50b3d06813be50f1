"""How is a view of the circle kept under a name, shared and put away?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, redirect, request

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.saved_views import add_view, delete_view, rename_view, restore_view
from dispatch.actions.unit_of_work import transaction
from dispatch.circle.asked import Asked, read_asked
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.saved_views import deleted_views, view_rows
from dispatch.refusals import worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.saved_views import SeenView, ViewForm, ViewName

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("circle_views", __name__, url_prefix="/circle/views")

PAGE = "circle"


@blueprint.post("")
@requires(Permission.SEE_FIGURES)
def add() -> Response:
    """Keep the view of the address under the name of the form."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    given = loaded(ViewForm, filled(request.form, ("name", "shared")))
    now = current_time()
    with transaction():
        add_view(
            given["name"],
            _kept(asked),
            shared=given["shared"],
            actor=current_actor(),
            now=now,
            page=PAGE,
        )
    return redirect(asked.url(), 303)


@blueprint.post("/<int:view_id>/delete")
@requires(Permission.SEE_FIGURES)
def delete(view_id: int) -> Response:
    """Put a view away; whoever looks at it goes on looking."""
    asked, version = _asked_and_version()
    with transaction():
        row = delete_view(view_id, actor=current_actor(), now=current_time(), seen_version=version)
        gone = say("The view “%(name)s” is deleted. “Views” brings it back.", name=row.name)
    flash(worded(gone), "success")
    return redirect(asked.url(), 303)


@blueprint.post("/<int:view_id>/restore")
@requires(Permission.SEE_FIGURES)
def restore(view_id: int) -> Response:
    """Undo a deletion."""
    asked, version = _asked_and_version()
    with transaction():
        restore_view(view_id, actor=current_actor(), now=current_time(), seen_version=version)
    return redirect(asked.url(), 303)


@blueprint.post("/<int:view_id>/rename")
@requires(Permission.SEE_FIGURES)
def rename(view_id: int) -> Response:
    """Give a view the name of the form."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    given = loaded(ViewName, filled(request.form, ("name", "version")))
    actor, now = current_actor(), current_time()
    with transaction():
        rename_view(view_id, given["name"], actor=actor, now=now, seen_version=given["version"])
    return redirect(asked.url(), 303)


def _asked_and_version() -> tuple[Asked, int]:
    asked = read_asked(current_app.config["SETTINGS"].zone)
    return asked, loaded(SeenView, filled(request.form, ("version",)))["version"]


def put_away() -> list[dict[str, Any]]:
    """Return the asker's deleted views, which can be brought back."""
    return deleted_views(current_actor(), PAGE)


def kept_views(asked: Asked) -> list[dict[str, Any]]:
    """Return the views that the asker may open, each with its address; `current` is this one."""
    here = _kept(asked)
    return [
        view | {"url": f"/circle?{urlencode(view['filters'])}", "current": view["filters"] == here}
        for view in view_rows(current_actor(), PAGE)
    ]


def _kept(asked: Asked) -> dict[str, str]:
    """Return the address as it is kept: days that end today go along with the days."""
    parts = {name: value for name, value in asked.parts.items() if name != "wall"}
    if asked.ends_today:
        moving = {"last": str(asked.period.days)}
        parts = moving | {name: text for name, text in parts.items() if name not in {"from", "to"}}
    return parts
