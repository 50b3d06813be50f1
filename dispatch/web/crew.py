"""Where does a crew see its tickets and move one with a single tap?"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_babel import get_locale

from dispatch.access import current_actor, current_day, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.steps import take_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.disputes import GROUND_NAMES, LONGEST_DEPARTMENT
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Reused, Stale
from dispatch.domain.next_visit import NEED_NAMES
from dispatch.domain.permissions import Permission
from dispatch.domain.relief import RELIEF_NAMES
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.time_left import TIMES_OFFERED
from dispatch.domain.visit_state import CAUSE_NAMES, FOLLOWS, VisitState
from dispatch.queries.arrival_evidence import there_since
from dispatch.queries.crew_changes import changes_since
from dispatch.queries.crew_day import crew_day
from dispatch.queries.crew_kit import brings_of_day, crew_kit
from dispatch.queries.crew_ticket import crew_ticket
from dispatch.queries.disputes import teams_to_name
from dispatch.queries.relief import crews_beside
from dispatch.queries.rounds import round_tag
from dispatch.queries.surroundings import around
from dispatch.queries.tickets import ticket_for_change
from dispatch.refusals import STATUS, worded
from dispatch.web.crew_photos import crew_photos
from dispatch.web.crew_streets import streets_known
from dispatch.web.crew_words import (
    DONE,
    LAST_STEPS,
    LONGEST_WORDS,
    NEXT_STEPS,
    WORDED_STEPS,
    WordedStep,
    map_links,
    sent_position,
)
from dispatch.web.form_keys import form_key

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.domain.surroundings import Surroundings
    from dispatch.queries.crew_ticket import CrewTicket

blueprint = Blueprint("crew", __name__, url_prefix="/crew")

_GROUNDS = [(str(ground), name) for ground, name in GROUND_NAMES.items()]


@blueprint.get("")
@requires(Permission.DO_FIELD_WORK)
def day() -> Response:
    """Show the tickets that the asker's crew has today; a page that is shown asks for news only."""
    now = current_time()
    shown = crew_day(current_actor().crew_id, day_began_at=_midnight(now), now=now)
    late = [_is_past(at, now) for each in shown.tickets for at in (each.eta_at, each.answer_due_at)]
    stops = round_tag(current_actor().crew_id, current_day())
    has_streets = streets_known(now) is not None
    state = repr((shown, late, stops, has_streets, str(get_locale())))
    tag = hashlib.sha256(state.encode()).hexdigest()[:20]
    if request.if_none_match.contains_weak(tag):
        answer = make_response("", HTTPStatus.NOT_MODIFIED)
    else:
        brings = brings_of_day(shown, current_scope(), now)
        known = {"day": shown, "brings": brings, "stops": stops, "has_streets": has_streets}
        page = render_template("crew.html", **known, now=now, new_key=_new_key)
        answer = make_response(page)
    answer.set_etag(tag, weak=True)
    return answer


def _is_past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at < now


@blueprint.get("/<number>")
@requires(Permission.DO_FIELD_WORK)
def ticket(number: str) -> str:
    """Show one ticket with its one next step."""
    shown = crew_ticket(number, current_scope(), current_time())
    return ticket_page(shown)


@blueprint.get("/<number>/<step>")
@requires(Permission.DO_FIELD_WORK)
def step_form(number: str, step: str) -> str:
    """Show the form of a step that needs a reason, a cause or a note."""
    shown = crew_ticket(number, current_scope(), current_time())
    return _form(shown, step, {}, {})


@blueprint.post("/<number>/<step>")
@requires(Permission.DO_FIELD_WORK)
def take(number: str, step: str) -> Response | tuple[str, int]:
    """Take one step and stamp its time; the same tap sent twice is one step."""
    if step not in DONE:
        raise _no_such_step()
    given = _given(step)
    try:
        _check_words(given)
        with transaction():
            reply = once(
                f"crew/{current_actor().user_id}",
                form_key(),
                {"number": number.upper(), "step": step, "given": given},
                now=current_time(),
                do=lambda: _take(number, step, given),
            ).reply
    except Invalid as refusal:
        shown = crew_ticket(number, current_scope(), current_time())
        if step not in WORDED_STEPS:
            return _refused(shown, refusal, given)
        return _form(shown, step, given, refusal.fields), STATUS[Invalid][0]
    except (Stale, Forbidden, Reused) as refusal:
        shown = crew_ticket(number, current_scope(), current_time())
        return _refused(shown, refusal, given)
    at = datetime.fromisoformat(reply["at"])
    flash(worded(Sentence(DONE[step].text, {"at": at})), "success")
    target = "/crew" if step in LAST_STEPS else f"/crew/{number.upper()}"
    return redirect(target, 303)


def _take(number: str, step: str, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    now, scope = current_time(), current_scope()
    changes = changes_since(number, _seen(), scope)
    if changes and step != "note":
        raise Stale(say("This ticket was changed since you looked at it. Nothing was done yet."))
    take_step(
        ticket_for_change(number, scope),
        step,
        given,
        actor=current_actor(),
        now=now,
        told=sent_position(request.form) if step == "arrive" else sent_position({}),
    )
    return 303, {"at": now.isoformat()}


def _given(step: str) -> dict[str, Any]:
    """Return what was chosen and typed: a reason is one from the list, then the own words."""
    form = request.form
    chosen, words = form.get("chosen", "").strip(), form.get("words", "").strip()
    if step == "cannot-complete":
        return {"cause": chosen, "note": words} | _next_needs()
    if step == "hand-over":
        return {"reason": chosen, "note": words, "to_crew_id": _number("crew") or None}
    if step in {"note", "complete"}:
        return {"note": words}
    if step in WORDED_STEPS:
        reason = {"reason": " – ".join(each for each in (chosen, words) if each)}
        return reason | (_dispute() if step == "return" else {})
    return {}


def _next_needs() -> dict[str, list[str]]:
    found = {name: request.form.getlist(name) for name in ("parts", "needs")}
    return {name: chosen for name, each in found.items() if (chosen := [x for x in each if x])}


def _dispute() -> dict[str, Any]:
    """Return on which ground a crew says that a fault is not its own, and whose it is then."""
    ground = request.form.get("ground", "")
    if not ground:
        return {}
    team_id = _number("team")
    department = request.form.get("department", "").strip()
    return {"ground": ground, "department": department} | ({"team_id": team_id} if team_id else {})


def _check_words(given: dict[str, Any]) -> None:
    fault, texts = None, [each for each in given.values() if isinstance(each, str)]
    if any(len(each) > LONGEST_WORDS for each in texts):
        fault = say("Write at most %(most)s characters.", most=LONGEST_WORDS)
    elif any("\0" in each for each in texts):
        fault = say("The text holds a character that cannot be kept. Type it again.")
    if fault is not None:
        raise Invalid(fault, fields={"words": fault})


def _form(shown: CrewTicket, step: str, given: dict[str, Any], faults: dict[str, Sentence]) -> str:
    known = WORDED_STEPS.get(step)
    if known is None:
        raise _no_such_step()
    return render_template(
        "crew_step.html",
        ticket=shown,
        step=step,
        known=known,
        choices=_choices(step, known),
        grounds=_GROUNDS if step == "return" else [],
        teams=teams_to_name() if step == "return" else [],
        dispute={name: request.form.get(name, "") for name in ("ground", "team", "department")},
        longest_department=LONGEST_DEPARTMENT,
        crews=crews_beside(current_actor().crew_id) if step == "hand-over" else [],
        crew=request.form.get("crew", ""),
        chosen=request.form.get("chosen", ""),
        words=request.form.get("words", ""),
        **(_needs_form(shown) if step == "cannot-complete" else {}),
        fault=next((worded(each) for each in faults.values()), None),
        longest=LONGEST_WORDS,
        key=str(uuid.uuid4()),
        given=given,
    )


def _needs_form(shown: CrewTicket) -> dict[str, Any]:
    chosen = [each for several in _next_needs().values() for each in several]
    kit = crew_kit(shown.number, current_scope(), current_time())
    likely = {row.item for row in kit.bring}
    return {
        "needs": list(NEED_NAMES.items()),
        "likely": [each for each in kit.missing if each[0] in likely],
        "others": [each for each in kit.missing if each[0] not in likely],
        "others_chosen": [each for each, _ in kit.missing if each in chosen and each not in likely],
        "needs_chosen": chosen,
    }


def _choices(step: str, known: WordedStep) -> list[tuple[str, str]]:
    if step == "cannot-complete":
        return [(str(cause), worded(name)) for cause, name in CAUSE_NAMES.items()]
    if step == "hand-over":
        return [(str(reason), worded(name)) for reason, name in RELIEF_NAMES.items()]
    return [(worded(each), worded(each)) for each in known.choices]


def _refused(shown: CrewTicket, refusal: Refused, given: dict[str, Any]) -> tuple[str, int]:
    changes = changes_since(shown.number, _seen(), current_scope()) if _seen() else []
    page = render_template(
        "crew_refused.html",
        ticket=shown,
        changes=changes,
        sentence=worded(refusal.sentence),
        kept=[each for each in given.values() if each and isinstance(each, str)],
    )
    return page, STATUS[type(refusal)][0]


def ticket_page(shown: CrewTicket, *, kit_fault: dict[str, Any] | None = None) -> str:
    """Show a ticket; `kit_fault` says which fact was refused, why, and what was typed."""
    crew_id, now = current_actor().crew_id, current_time()
    return render_template(
        "crew_ticket.html",
        ticket=shown,
        kit=crew_kit(shown.number, current_scope(), now),
        kit_fault=kit_fault,
        times_offered=TIMES_OFFERED,
        there_since=there_since(shown.number, crew_id),
        next_step=NEXT_STEPS.get(shown.visit_state) if shown.visit_state else None,
        on_site=shown.visit_state in {VisitState.ARRIVED, VisitState.WORKING},
        crew_id=crew_id,
        may_hand_over=_may_hand_over(shown),
        later=list(NEXT_STEPS.items())[1:],
        around=_around(shown, crew_id, now),
        links=map_links(shown.point, shown.address or shown.number) if shown.point else [],
        may_call=current_actor().can(Permission.SEE_PERSONAL),
        new_key=_new_key,
        photos=crew_photos(shown.number),
        now=now,
    )


def _around(shown: CrewTicket, crew_id: int | None, now: datetime) -> Surroundings | None:
    if shown.point is None:
        return None
    return around(shown.point, crew_id, now, but=shown.number, streets_in=streets_known(now))


def _may_hand_over(shown: CrewTicket) -> bool:
    state = shown.visit_state
    return state is not None and VisitState.HANDED_OVER in FOLLOWS[state]


def _new_key() -> str:
    return str(uuid.uuid4())


def _seen() -> int:
    return _number("seen")


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("9" * 18) else 0


def _midnight(now: datetime) -> datetime:
    zone = ZoneInfo(current_app.config["SETTINGS"].time_zone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _no_such_step() -> NotFound:
    return NotFound(say("There is no such step for a crew. Go back to the ticket."))
