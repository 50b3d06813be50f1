"""Where does a crew tick a task that it has?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.task_steps import OWN_STEPS, take_task_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound, Refused
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.tickets import ticket_for_change
from dispatch.refusals import worded
from dispatch.web.crew_words import LONGEST_WORDS
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("crew_tasks", __name__, url_prefix="/crew")

TICKED = {
    "start": say("The task has begun."),
    "finish": say("The task is done."),
    "refuse": say("The task is back at the desk."),
}


@blueprint.post("/<number>/tasks/<int:task_id>/<step>")
@requires(Permission.DO_FIELD_WORK)
def tick(number: str, task_id: int, step: str) -> Response:
    """Take one step of a task of one's own; the same tap sent twice is one step."""
    if step not in OWN_STEPS:
        raise NotFound(say("There is no such step for a crew. Go back to the ticket."))
    args = {"reason": request.form.get("reason", "").strip()[:LONGEST_WORDS].replace("\0", "")}
    version = request.form.get("version", type=int)
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(number, current_scope())
        by: dict[str, Any] = {"actor": actor, "now": now, "seen_version": version}
        take_task_step(ticket, task_id, step, args, **by)
        return 303, {}

    body = {"number": number.upper(), "task": task_id, "step": step, "args": args}
    try:
        with transaction():
            once(f"crew-task/{actor.user_id}", form_key(), body, now=now, do=do)
    except NotFound:
        raise
    except Refused as refusal:
        flash(worded(refusal.sentence), "danger")
    else:
        flash(worded(TICKED[step]), "success")
    return redirect(f"/crew/{number.upper()}#tasks", 303)
