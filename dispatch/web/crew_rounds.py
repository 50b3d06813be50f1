"""Where does a steward go round, and say at each stop what came of it?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request

from dispatch.access import current_actor, current_day, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.intake import NewReport
from dispatch.actions.placing import GivenPlace
from dispatch.actions.rounds import end_stop, find_fault
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Reused
from dispatch.domain.permissions import Permission
from dispatch.domain.rounds import LONGEST_NOTE, StopState
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_kinds import CATEGORIES_OF_KIND, TicketKind
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.households import household_id_of
from dispatch.queries.rounds import open_faults_of, round_of, stop_for_change, stop_view
from dispatch.queries.visits import crew_for_change
from dispatch.refusals import STATUS, worded
from dispatch.web.crew_words import map_links, sent_position
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from dispatch.actions.ticket_log import Told
    from dispatch.domain.place import Point
    from dispatch.queries.rounds import StopView

blueprint = Blueprint("crew_rounds", __name__, url_prefix="/crew/round")

CHANNEL = "crew"
LONGEST_ADDRESS = 300
REFUSALS = (Invalid, Forbidden, Reused)
OUTCOMES = {"done": StopState.DONE, "nobody-home": StopState.NOBODY_HOME}
SAID = {
    StopState.DONE: say("Noted: done."),
    StopState.NOBODY_HOME: say("Noted: nobody home."),
}
_REQUESTS = {each for kind in TicketKind for each in CATEGORIES_OF_KIND.get(kind, ())} - {"other"}
FAULTS = [each for each in CATEGORIES if each.level < Level.ENQUIRY and each.key not in _REQUESTS]


@blueprint.get("")
@requires(Permission.DO_FIELD_WORK)
def page() -> str:
    """Show today's round of the asker's crew with its next stop."""
    shown = round_of(current_actor().crew_id, current_day())
    ahead = shown.next_stop if shown else None
    return render_template(
        "crew_round.html",
        round=shown,
        ahead=ahead,
        links=map_links(ahead.point, ahead.address) if ahead and ahead.point else [],
        longest=LONGEST_NOTE,
        now=current_time(),
        new_key=lambda: str(uuid.uuid4()),
    )


@blueprint.post("/<int:stop_id>/<outcome>")
@requires(Permission.DO_FIELD_WORK)
def end(stop_id: int, outcome: str) -> Response:
    """Note what came of a stop; the same tap sent twice is one."""
    if outcome not in OUTCOMES:
        raise NotFound(say("There is no such step for a crew. Go back to the ticket."))
    note, told = _text("note", LONGEST_NOTE), sent_position(request.form)

    def do() -> tuple[int, dict[str, Any]]:
        row, crew = stop_for_change(stop_id, current_scope())
        by: dict[str, Any] = {"actor": current_actor(), "now": current_time(), "told": told}
        end_stop(row, crew, OUTCOMES[outcome], note=note, **by)
        return 303, {}

    try:
        _once({"stop": stop_id, "outcome": outcome, "note": note}, do)
    except REFUSALS as refusal:
        flash(worded(refusal.sentence), "danger")
    else:
        flash(worded(SAID[OUTCOMES[outcome]]), "success")
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
    told, typed = sent_position(request.form), _typed()

    def do() -> tuple[int, dict[str, Any]]:
        actor, now = current_actor(), current_time()
        row = None
        if stop is None:
            crew = crew_for_change(actor.crew_id or 0, actor.scope)
        else:
            row, crew = stop_for_change(stop.id, actor.scope)
        new = _report(stop, typed, told)
        found = find_fault(row, crew, new, actor=actor, now=now, told=told)
        return 303, {"number": ticket_number(found.id)}

    try:
        if typed["category"] not in {each.key for each in FAULTS}:
            fault = say("Choose what you found.")
            raise Invalid(fault, fields={"category": fault})
        reply = _once({"stop": stop.id if stop else None} | typed, do)
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


def _report(stop: StopView | None, typed: dict[str, str], told: Told) -> NewReport:
    """Word the find as a report; at a stop the place of the household counts, else the phone's."""
    known = stop.point if stop else None
    return NewReport(
        category=typed["category"],
        description=typed["description"],
        address=stop.address if stop else typed["address"],
        place=_place(known, told),
        channel=CHANNEL,
        household_id=household_id_of(stop.account) if stop and stop.account else None,
    )


def _place(known: Point | None, told: Told) -> GivenPlace | None:
    if known is not None:
        return GivenPlace(known.lat, known.lon, source="account")
    if told.position is None:
        return None
    here = told.position
    return GivenPlace(here.lat, here.lon, source="gps", accuracy_metres=told.accuracy_metres)


def _once(body: dict[str, Any], do: Callable[[], tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    scope, now = f"crew-round/{current_actor().user_id}", current_time()
    with transaction():
        return once(scope, form_key(), body, now=now, do=do).reply
