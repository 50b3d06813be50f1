"""Where is storm mode switched, and where are its places seen and served together?"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request
from flask_babel import gettext

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.storms import begin_storm, change_end, end_storm
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Reused, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import LEVEL_NAMES
from dispatch.domain.storm import STORM_NAMES, Wanted
from dispatch.queries.grids import valid_grids
from dispatch.queries.storms import storm_rows
from dispatch.refusals import STATUS, worded
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.form_keys import form_key
from dispatch.web.language import local_name

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("storm_pages", __name__, url_prefix="/desk/storm")

REFUSALS = (Invalid, Forbidden, NotFound, Reused, Stale)
USUAL_LENGTH = timedelta(hours=12)
_FIELD_TIME = "%Y-%m-%dT%H:%M"


@blueprint.get("")
@requires(Permission.SEE_DESK)
def page() -> Response:
    """Show the switch, the places of the storms that are on, and the storms before."""
    return _page()


@blueprint.post("")
@requires(Permission.RUN_STORM)
def begin() -> Response:
    """Switch storm mode on; a form that is sent twice does it once."""
    form, actor, now = request.form, current_actor(), current_time()
    said = {name: form.getlist(name) for name in form if name != "csrf_token"}

    def do() -> tuple[int, dict[str, Any]]:
        grids = tuple(form.getlist("grids")) if form.get("where") == "grids" else ()
        if form.get("where") == "grids" and not grids:
            fault = say("Choose at least one grid, or the whole city.")
            raise Invalid(fault, fields={"grids": fault})
        wanted = Wanted(form.get("kind", ""), form.get("reason", ""), grids, _instant("ends_at"))
        return 201, {"id": begin_storm(wanted, actor=actor, now=now).id}

    try:
        with transaction():
            once(f"storm-form/{actor.user_id}", form_key(), said, now=now, do=do)
    except REFUSALS as refusal:
        return _page(refusal)
    flash(gettext("Storm mode is on."), "success")
    return redirect("/desk/storm", 303)


@blueprint.post("/<int:storm_id>/end")
@requires(Permission.RUN_STORM)
def end(storm_id: int) -> Response:
    """Switch storm mode off, as it was seen."""
    try:
        with transaction():
            end_storm(
                storm_id, actor=current_actor(), now=current_time(), seen_version=_seen_version()
            )
    except REFUSALS as refusal:
        return _page(refusal)
    flash(gettext("Storm mode is off."), "success")
    return redirect("/desk/storm", 303)


@blueprint.post("/<int:storm_id>/prolong")
@requires(Permission.RUN_STORM)
def prolong(storm_id: int) -> Response:
    """Give a storm another expected end, as it was seen."""
    actor, now = current_actor(), current_time()
    try:
        ends_at = _instant("ends_at")
        with transaction():
            change_end(storm_id, ends_at, actor=actor, now=now, seen_version=_seen_version())
    except REFUSALS as refusal:
        return _page(refusal)
    flash(gettext("The expected end is changed."), "success")
    return redirect("/desk/storm", 303)


def _page(refusal: Refused | None = None) -> Response:
    actor, now, zone = current_actor(), current_time(), current_app.config["SETTINGS"].zone
    answer = make_response(
        render_template(
            "storm.html",
            storms=storm_rows(now),
            kinds=[(str(kind), worded(name)) for kind, name in STORM_NAMES.items()],
            grids=[(row.name, local_name(row.name, row.name_zh)) for row in valid_grids(now)],
            may_switch=actor.can(Permission.RUN_STORM),
            facts={
                "dispatch": actor.can(Permission.DISPATCH),
                "user": actor.user_id,
                "levels": {int(level): worded(name) for level, name in LEVEL_NAMES.items()},
            },
            key=form_key() or str(uuid.uuid4()),
            usual_end=(now + USUAL_LENGTH).astimezone(zone).strftime(_FIELD_TIME),
            field_time=lambda at: at.astimezone(zone).strftime(_FIELD_TIME),
            typed=request.form if refusal else {},
            chosen=request.form.getlist("grids"),
            problem=worded(refusal.sentence) if refusal else None,
            faults={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
            catalogue=browser_catalogue(),
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _instant(field: str) -> datetime:
    """Read a local time of the utility's zone.

    Raises:
        Invalid: naming the field.
    """
    try:
        local = datetime.strptime(request.form.get(field, ""), _FIELD_TIME)  # noqa: DTZ007  local
    except ValueError as wrong:
        fault = say("Give a day and a time.")
        raise Invalid(fault, fields={field: fault}) from wrong
    return local.replace(tzinfo=current_app.config["SETTINGS"].zone)


def _seen_version() -> int | None:
    return request.form.get("version", type=int)
