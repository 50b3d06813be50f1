"""Where does a crew write down what it read, used, loaded and saw to, without a script?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.steps import take_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotFound, Reused
from dispatch.domain.field_commands import FACTS
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.crew_ticket import crew_ticket
from dispatch.queries.tickets import ticket_for_change
from dispatch.refusals import STATUS, worded
from dispatch.web.crew import ticket_page
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("crew_facts", __name__, url_prefix="/crew")

NOT_ARGUMENTS = ("csrf_token", "key", "seen")
SEVERAL = ("parts", "needs")
LONGEST_VALUE = 100
SAVED = {
    "reading": say("The reading was saved."),
    "parts": say("The parts were saved."),
    "needs": say("What is needed next was saved."),
    "time-left": say("The desk knows how much longer you need."),
}
"""A tick is seen where it is made, and says nothing more."""


@blueprint.post("/<number>/facts/<kind>")
@requires(Permission.DO_FIELD_WORK)
def add(number: str, kind: str) -> Response | tuple[str, int]:
    """Write one fact down, whatever has become of the ticket; the same form twice is one fact."""
    if kind not in FACTS - {"note"}:
        raise NotFound(say("There is no such step for a crew. Go back to the ticket."))
    actor, now, args = current_actor(), current_time(), _arguments()

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(number, current_scope())
        take_step(ticket, kind, args, actor=actor, now=now)
        return 303, {}

    body = {"number": number.upper(), "fact": kind, "args": args}
    try:
        with transaction():
            once(f"crew-fact/{actor.user_id}", form_key(), body, now=now, do=do)
    except (Invalid, Reused) as refusal:
        fault = {"kind": kind, "sentence": refusal.sentence, "given": args}
        page = ticket_page(crew_ticket(number, current_scope(), now), kit_fault=fault)
        return page, STATUS[type(refusal)][0]
    if kind in SAVED:
        flash(worded(SAVED[kind]), "success")
    part = f"{kind}-{args['list']}" if kind == "tick" else kind
    return redirect(f"/crew/{number.upper()}#kit-{part}", 303)


def _arguments() -> dict[str, Any]:
    """Return the fields of the form as the arguments of the fact, which have the same names."""
    form = request.form
    return {
        name: form.getlist(name) if name in SEVERAL else form[name].strip()[:LONGEST_VALUE]
        for name in form
        if name not in NOT_ARGUMENTS
    }
