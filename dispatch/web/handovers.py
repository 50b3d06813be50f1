"""Where does the leaving dispatcher write, and where does the next one read and sign?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from dispatch.access import (
    check_permission,
    current_actor,
    current_scope,
    current_time,
    requires,
)
from dispatch.actions.handovers import sign_handover, write_handover, write_note
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Refused, Stale
from dispatch.domain.permissions import Permission
from dispatch.queries.handovers import (
    desk_of,
    handover_page,
    handover_seen,
    last_handover_at,
    notes_between,
    standing,
    waiting_handover,
    worded_facts,
)
from dispatch.refusals import STATUS, worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.handovers import HandoverShape, ShiftNoteShape, SignatureShape
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

blueprint = Blueprint("handover_pages", __name__, url_prefix="/desk/handover")

REFUSALS = (Invalid, Forbidden, NotAllowed, NotFound, Stale)


@blueprint.get("")
@requires(Permission.SEE_DESK)
def page() -> Response:
    """Show the log of this shift, how the desk stands, and the handovers before."""
    return _page()


def _page(refusal: Refused | None = None) -> Response:
    actor, now = current_actor(), current_time()
    since = last_handover_at(desk_of(actor))
    found = handover_page(actor, request.args.get("page", 1, type=int))
    return _answer(
        "handovers.html",
        refusal,
        page=found,
        waiting=waiting_handover(actor),
        since=since,
        notes=notes_between(desk_of(actor), since),
        facts=worded_facts(standing(current_scope(), now)),
        url_of=lambda number: url_for("handover_pages.page", page=number),
    )


def _answer(template: str, refusal: Refused | None, **known: Any) -> Response:
    actor = current_actor()
    answer = make_response(
        render_template(
            template,
            key=form_key() or str(uuid.uuid4()),
            may_note=actor.can(Permission.WRITE_NOTE),
            may_hand_over=actor.can(Permission.DISPATCH),
            typed=request.form if refusal else {},
            problem=worded(refusal.sentence) if refusal else None,
            faults={name: worded(each) for name, each in refusal.fields.items()} if refusal else {},
            **known,
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


@blueprint.get("/<int:handover_id>")
@requires(Permission.SEE_DESK)
def one(handover_id: int) -> Response:
    """Show one handover as it was written, to read, sign and print."""
    return _one(handover_id)


def _one(handover_id: int, refusal: Refused | None = None) -> Response:
    return _answer("handover.html", refusal, handover=handover_seen(handover_id, current_actor()))


@blueprint.post("/notes")
@requires(Permission.SEE_DESK)
def note() -> Response:
    """Write a remark into the log; a form that is sent twice writes it once."""
    check_permission(Permission.WRITE_NOTE)
    actor, now = current_actor(), current_time()

    def do() -> dict[str, Any]:
        said = loaded(ShiftNoteShape, filled(request.form, ("text", "ticket")))
        row = write_note(said["text"], number=said["ticket"], actor=actor, now=now)
        return {"id": row.id}

    return _written("note", do, lambda _reply: url_for("handover_pages.page"), _page)


@blueprint.post("")
@requires(Permission.DISPATCH)
def write() -> Response:
    """Hand the desk over; a form that is sent twice does it once."""
    actor, now = current_actor(), current_time()

    def do() -> dict[str, Any]:
        said = loaded(HandoverShape, filled(request.form, ("text",)))
        return {"id": write_handover(said["text"], actor=actor, now=now).id}

    return _written(
        "handover", do, lambda reply: url_for("handover_pages.one", handover_id=reply["id"]), _page
    )


@blueprint.post("/<int:handover_id>/sign")
@requires(Permission.DISPATCH)
def sign(handover_id: int) -> Response:
    """Take the desk over, by name."""
    try:
        said = loaded(SignatureShape, filled(request.form, ("remark",)))
        with transaction():
            sign_handover(
                handover_id, remark=said["remark"], actor=current_actor(), now=current_time()
            )
    except REFUSALS as refusal:
        return _one(handover_id, refusal)
    flash(gettext("You have taken the desk over."), "success")
    return redirect(url_for("handover_pages.one", handover_id=handover_id), 303)


def _written(
    what: str,
    do: Callable[[], dict[str, Any]],
    then: Callable[[dict[str, Any]], str],
    again: Callable[[Refused], Response],
) -> Response:
    said = {name: text for name, text in request.form.items() if name != "csrf_token"}
    try:
        with transaction():
            scope = f"{what}/{current_actor().user_id}"
            done = once(scope, form_key(), said, now=current_time(), do=lambda: (201, do()))
    except REFUSALS as refusal:
        return again(refusal)
    return redirect(then(done.reply), 303)
