"""Where does the desk take calls and send crews?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.corrections import CORRECTABLE
from dispatch.actions.endings import solve_by_phone
from dispatch.actions.idempotency import once
from dispatch.actions.intake import add_report, open_ticket
from dispatch.actions.notice_reports import take_back
from dispatch.actions.unfinished_calls import finish_call
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.disputes import GROUND_NAMES
from dispatch.domain.duplicates import Reported
from dispatch.domain.errors import Forbidden, Refused
from dispatch.domain.known_fault import words_for_caller
from dispatch.domain.permissions import Permission
from dispatch.domain.phone_numbers import phone_key
from dispatch.domain.place import Datum, Point, check_point, to_wgs84
from dispatch.domain.relief import RELIEF_NAMES
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import CLOCK_NAMES, LEVEL_NAMES
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.task_state import TASK_NAMES, TASK_STATE_NAMES
from dispatch.domain.ticket_kinds import CATEGORIES_OF_KIND, KIND_NAMES, STEP_KINDS
from dispatch.domain.ticket_state import FOLLOWS, STATE_NAMES, TicketState, ticket_number
from dispatch.domain.visit_state import CAUSE_NAMES, HOLD_NAMES
from dispatch.queries.disputes import teams_to_name
from dispatch.queries.duplicates import likely_duplicates
from dispatch.queries.expected_arrival import expected_arrival
from dispatch.queries.known_faults import known_fault, report_on
from dispatch.queries.step_dates import request_steps
from dispatch.queries.tickets import ticket_for_change
from dispatch.refusals import LOCALES, STATUS, wants_json, worded, worded_in
from dispatch.schemas.fields import filled
from dispatch.schemas.tickets import ArrivalQuery
from dispatch.web.call_card import send_card
from dispatch.web.call_form import call_facts, loaded_form, report_from, said_in, way_out
from dispatch.web.call_words import words_after
from dispatch.web.form_keys import form_key
from dispatch.web.language import local_name
from dispatch.web.map_facts import map_facts
from dispatch.web.notice_calls import answer_from_notice
from dispatch.web.page_context import isoformat
from dispatch.web.storm_words import facts_in_storm, outlook_facts, words_in_storm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from werkzeug.wrappers import Response

    from dispatch.actions.idempotency import Once
    from dispatch.actions.intake import NewReport
    from dispatch.actions.placing import GivenPlace
    from dispatch.models.tickets import Ticket

blueprint = Blueprint("desk", __name__)

EMPTY_FORM = {"datum": str(Datum.WGS84)}
OPEN_NEW = "new"

ARRIVAL = ("lat", "lon", "datum", "category", "level")


@blueprint.get("/desk")
@blueprint.get("/desk/board")
@requires(Permission.SEE_DESK)
def console() -> str:
    """Show the console: queue, map or board, and ticket side by side."""
    return render_template("desk.html", **_form_context())


@blueprint.get("/desk/call")
@requires(Permission.TAKE_CALL)
def call_page() -> str:
    """Show the form for a caller on the telephone, alone on its page."""
    return render_template("desk_call.html", **_form_context())


@blueprint.post("/desk/call")
@requires(Permission.TAKE_CALL)
def take_call() -> Response | tuple[str, int]:
    """Open a ticket for a call, or attach the caller to one; a double click does it once."""
    try:
        saved = _save(request.form)
    except Refused as refusal:
        if wants_json():
            raise
        page = render_template(
            "desk_call.html",
            **_form_context(request.form),
            problem=worded(refusal.sentence),
            faults={name: worded(each) for name, each in refusal.fields.items()},
            likely=refusal.facts.get("likely"),
        )
        return page, STATUS[type(refusal)][0]
    return _told(saved)


@blueprint.post("/desk/call/separate")
@requires(Permission.TAKE_CALL)
def separate_call() -> Response:
    """Undo that a caller was attached: what was typed becomes a ticket of its own, once."""
    actor, now, form = current_actor(), current_time(), request.form
    new = report_from(form)

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(form.get("attach_to", ""), current_scope())
        report = report_on(ticket, form.get("report", ""))
        own = take_back(ticket, report, new, actor=actor, now=now)
        return 201, _facts_of(own, joined=False) | _more_of(own, now)

    with transaction(shared=True):
        key = form_key("request_key")
        saved = once(f"separate:{actor.user_id}", key, said_in(form), now=now, do=do)
    return _told(saved)


def _told(saved: Once) -> Response:
    tell = words_after(saved.reply)
    if wants_json():
        answer = jsonify({**saved.reply, "tell": tell})
        answer.status_code = saved.status
        return answer
    flash(tell, "success")
    return redirect(f"/desk?ticket={saved.reply['number']}")


@blueprint.get("/desk/arrival")
@requires(Permission.TAKE_CALL)
def arrival() -> Response:
    """Tell when a crew would be at a point for a kind of fault, before anything is saved."""
    asked = loaded_form(ArrivalQuery, filled(request.args, ARRIVAL))
    found = expected_arrival(
        to_wgs84(check_point(asked["lat"], asked["lon"]), Datum(asked["datum"])),
        asked["category"],
        asked["level"],
        now=current_time(),
    )
    return jsonify(
        {
            "arrive_due_at": isoformat(found.due_at) or None,
            "arrives_at": isoformat(found.arrives_at) or None,
            "crew": found.crew,
            "storm": found.storm and outlook_facts(found.storm),
        }
    )


def _save(form: Mapping[str, str]) -> Once:
    actor, now = current_actor(), current_time()
    new, choice = report_from(form), form.get("choice", "").strip()
    into = form.get("attach_to", "").strip() or ("" if choice == OPEN_NEW else choice)
    has_seen = choice == OPEN_NEW or form.get("checked") == "1"

    def do() -> tuple[int, dict[str, Any]]:
        if form.get("notice"):
            _finish_unfinished(form, None, now)
            return 200, answer_from_notice(form["notice"], new, actor=actor, now=now)
        if into:
            ticket = ticket_for_change(into, current_scope())
            report = add_report(ticket, new, actor=actor, now=now)
            _finish_unfinished(form, ticket, now)
            usual = words_for_caller(known_fault(ticket, now), now)
            known = words_in_storm(ticket, now) or usual
            words = {language: worded_in(language, known) for language in LOCALES}
            more = {"report": report.id, "words": words}
            return 200, _facts_of(ticket, joined=True) | more
        if not has_seen:
            _ask_about_likely(new, now)
        ticket = open_ticket(new, actor=actor, now=now).ticket
        _finish_unfinished(form, ticket, now)
        card = send_card(form, ticket, actor=actor, now=now)
        if form.get("ending") == TicketState.SOLVED_BY_PHONE:
            solve_by_phone(ticket, reason=way_out(new), actor=actor, now=now)
            return 201, _facts_of(ticket, joined=False) | {"solved": True} | card
        return 201, _facts_of(ticket, joined=False) | _more_of(ticket, now) | card

    with transaction(shared=True):
        key = form_key("request_key")
        return once(f"call:{actor.user_id}", key, said_in(form), now=now, do=do)


def _finish_unfinished(form: Mapping[str, str], ticket: Ticket | None, now: datetime) -> None:
    """End the unfinished call that this one goes on with, where it does."""
    told = form.get("unfinished", "").strip()
    if told.isascii() and told.isdigit() and int(told) <= LARGEST_ROW_ID:
        finish_call(int(told), ticket, now=now)


def _ask_about_likely(new: NewReport, now: datetime) -> None:
    """Stop a new ticket whose likely twins nobody has shown to the call-taker yet.

    Raises:
        Forbidden: with the open tickets that may be the same fault in `facts["likely"]`.
    """
    place, phone = new.place, phone_key(new.reporter_phone)
    reported = Reported(
        category=new.category,
        received_at=now,
        point=_point_of(place) if place else None,
        text=new.description,
        address=new.address,
        household_id=new.household_id,
        phones=frozenset({phone} if phone else ()),
    )
    likely = likely_duplicates(reported, current_scope(), now=now)
    if likely:
        sentence = say(
            "Perhaps this is %(number)s already: attach the caller to it, "
            "or save again to open a new ticket.",
            number=likely[0]["number"],
        )
        raise Forbidden(sentence, facts={"likely": likely})


def _point_of(place: GivenPlace) -> Point:
    return to_wgs84(check_point(place.lat, place.lon), Datum(place.datum))


def _facts_of(ticket: Ticket, *, joined: bool) -> dict[str, Any]:
    due = ticket.arrive_due_at
    return {
        "number": ticket_number(ticket.id),
        "joined": joined,
        "arrive_due_at": due.isoformat() if due else None,
    }


def _first_step_of(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Tell by when the first step of a request is done, and how its days were counted."""
    first = next(iter(request_steps(ticket, now)), None)
    if first is None or first.at is None or first.promise is None:
        return {}
    step = {"due_at": first.at.isoformat(), "promise": first.promise.as_json()}
    return {"step": step | {"name": first.name.as_json()}}


def _more_of(ticket: Ticket, now: datetime) -> dict[str, Any]:
    return _lateness_of(ticket, now) | _first_step_of(ticket, now) | _place_of(ticket)


def _place_of(ticket: Ticket) -> dict[str, Any]:
    """Tell how surely the place of a ticket is known, and whose it is."""
    team = next(([row[1], row[2]] for row in teams_to_name() if row[0] == ticket.team_id), None)
    return {"place": {"standing": ticket.place_standing, "team": team}}


def _lateness_of(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Tell when a crew is expected where that is after the promise, so that nobody hopes in vain.

    Weighed inside the transaction: a repeated save answers with the same words.
    """
    told = facts_in_storm(ticket, now)
    if told:
        return {"storm": told}
    due = ticket.arrive_due_at
    if due is None or ticket.lat is None or ticket.lon is None:
        return {}
    point = Point(ticket.lat, ticket.lon)
    found = expected_arrival(point, ticket.category, ticket.level, now=now)
    if found.arrives_at is None or found.arrives_at <= due:
        return {}
    return {"arrives_at": found.arrives_at.isoformat()}


def _form_context(given: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "given": given or EMPTY_FORM,
        "request_key": (given or {}).get("request_key") or str(uuid.uuid4()),
        "categories": CATEGORIES,
        "levels": LEVEL_NAMES,
        "kinds": list(_words(KIND_NAMES).items()),
        "facts": _desk_facts(),
    }


def _desk_facts() -> dict[str, Any]:
    """Gather what the scripts must know before they ask for anything."""
    actor, settings = current_actor(), current_app.config["SETTINGS"]
    return {
        "can": [str(each) for each in Permission if actor.can(each)],
        "user": actor.user_id,
        "name": actor.name,
        "stream": settings.live_url,
        **call_facts(),
        "categories": [
            {"key": rule.key, "level": int(rule.level), "name": worded(rule.name)}
            for rule in CATEGORIES
        ],
        "levels": {int(level): worded(name) for level, name in LEVEL_NAMES.items()},
        "states": _words(STATE_NAMES),
        "follows": {str(state): sorted(after) for state, after in FOLLOWS.items()},
        "clocks": _words(CLOCK_NAMES),
        "holds": _words(HOLD_NAMES),
        "grounds": _words(GROUND_NAMES),
        "teams": [[row.id, local_name(row.name, row.name_zh)] for row in teams_to_name()],
        "causes": _words(CAUSE_NAMES),
        "reliefs": _words(RELIEF_NAMES),
        "tasks": _words(TASK_NAMES),
        "taskStates": _words(TASK_STATE_NAMES),
        "kinds": _words(KIND_NAMES),
        "categoryOfKind": {str(kind): keys[0] for kind, keys in CATEGORIES_OF_KIND.items()},
        "requests": sorted(str(kind) for kind in STEP_KINDS),
        "correctable": list(CORRECTABLE),
        "map": map_facts(settings),
    }


def _words(names: Mapping[Any, Sentence]) -> dict[str, str]:
    return {str(key): worded(name) for key, name in names.items()}
