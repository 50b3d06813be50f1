"""Where does a steward go round, and say at each stop what came of it?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request

from dispatch.access import current_actor, current_day, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.round_steps import FAULTS, LONGEST_ADDRESS, take_round_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Reused
from dispatch.domain.permissions import Permission
from dispatch.domain.rounds import LONGEST_NOTE
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.rounds import open_faults_of, round_of, stop_view
from dispatch.refusals import STATUS, worded
from dispatch.web.crew_words import map_links, sent_position
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.queries.rounds import StopView

blueprint = Blueprint("crew_rounds", __name__, url_prefix="/crew/round")

REFUSALS = (Invalid, Forbidden, Reused)
SAID = {
    "done": say("Noted: done."),
    "nobody-home": say("Noted: nobody home."),
    "undo": say("This stop waits again."),
}


@blueprint.get("")
@requires(Permission.DO_FIELD_WORK)
def page() -> str:
    """Show today's round of the asker's crew with its next stop, or `?stop=` before it."""
    shown = round_of(current_actor().crew_id, current_day())
    return render_template(
        "crew_round.html",
        round=shown,
        ahead=shown.ahead(request.args.get("stop", type=int)) if shown else None,
        links_to=lambda stop: map_links(stop.point, stop.address) if stop.point else [],
        longest=LONGEST_NOTE,
        now=current_time(),
        new_key=lambda: str(uuid.uuid4()),
    )


@blueprint.post("/<int:stop_id>/<outcome>")
@requires(Permission.DO_FIELD_WORK)
def end(stop_id: int, outcome: str) -> Response:
    """Note what came of a stop, or take that back; the same tap sent twice is one."""
    if outcome not in SAID:
        raise NotFound(say("There is no such step for a crew. Go back to the ticket."))
    try:
        _once(f"round-{outcome}", {"stop": stop_id, "note": _text("note", LONGEST_NOTE)})
    except REFUSALS as refusal:
        flash(worded(refusal.sentence), "danger")
    else:
        flash(worded(SAID[outcome]), "success")
    return redirect("/crew/round", 303)


@blueprint.get("/<int:stop_id>/fault")
@requires(Permission.DO_FIELD_WORK)
def fault_there(stop_id: int) -> Response:
    """Show the form for a fault that was found at a stop."""
    return _form(stop_view(stop_id, current_scope()))


@blueprint.get("/fault")
@requires(Permission.DO_FIELD_WORK)
def fault_here() -> Response:
    """Show the form for a fault that was seen on the way."""
    return _form(None)


def _form(stop: StopView | None, refusal: Refused | None = None) -> Response:
    answer = make_response(
        render_template(
            "crew_find.html",
            stop=stop,
            known=open_faults_of(stop.account) if stop else [],
            categories=[(each.key, worded(each.name)) for each in FAULTS],
            typed=request.form,
            problem=worded(refusal.sentence) if refusal else None,
            longest=LONGEST_NOTE,
            longest_address=LONGEST_ADDRESS,
            key=str(uuid.uuid4()),
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


@blueprint.post("/<int:stop_id>/fault")
@requires(Permission.DO_FIELD_WORK)
def find_there(stop_id: int) -> Response:
    """Report a fault that was found at a stop, which ends there."""
    return _find(stop_view(stop_id, current_scope()))


@blueprint.post("/fault")
@requires(Permission.DO_FIELD_WORK)
def find_here() -> Response:
    """Report a fault that was seen on the way."""
    return _find(None)


def _find(stop: StopView | None) -> Response:
    typed = _typed()
    try:
        reply = _once("round-fault", {"stop": stop.id if stop else None} | typed)
    except REFUSALS as refusal:
        return _form(stop, refusal)
    said = say("Reported as %(number)s.", number=reply["number"])
    flash(worded(said), "success")
    return redirect("/crew/round", 303)


def _typed() -> dict[str, str]:
    lengths = {"category": 64, "description": LONGEST_NOTE, "address": LONGEST_ADDRESS}
    return {name: _text(name, longest) for name, longest in lengths.items()}


def _text(name: str, longest: int) -> str:
    return request.form.get(name, "").replace("\0", "").strip()[:longest]


def _once(kind: str, args: dict[str, Any]) -> dict[str, Any]:
    actor, now, told = current_actor(), current_time(), sent_position(request.form)

    def do() -> tuple[int, dict[str, Any]]:
        found = take_round_step(kind, args, actor=actor, now=now, told=told)
        return 303, {} if found is None else {"number": ticket_number(found.id)}

    with transaction():
        body = {"kind": kind} | args
        return once(f"crew-round/{actor.user_id}", form_key(), body, now=now, do=do).reply
