"""What does a crew's phone keep so that its pages go on without a connection?"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.domain.field_commands import FACTS, ROUND_STEPS, TRANSITIONS
from dispatch.domain.permissions import Permission
from dispatch.domain.rounds import STOP_NAMES, StopState
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.ticket_state import STATE_NAMES, TicketState
from dispatch.domain.visit_state import VISIT_STATE_NAMES, VisitState
from dispatch.queries.crew_changes import changes_since
from dispatch.refusals import worded
from dispatch.web.catalogue import CREW_SCRIPTS, browser_catalogue
from dispatch.web.crew_words import LAST_STEPS, NEXT_STEPS, WORDED_STEPS
from dispatch.web.files import STATIC, static_url
from dispatch.web.headers import SPOKEN_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

blueprint = Blueprint("crew_offline", __name__, url_prefix="/crew")

PERSON_HEADER = "X-OneVisit-Person"
WORKER = "crew/worker.js"
_SHEETS = ("tokens", "base", "controls", "parts", "clocks", "layout", "alerts", "photos")
_SHARED = ("alerts", "boxes", "http", "i18n", "photos", "push", "theme", "whole")
SHELL = (
    *(f"shared/{name}.css" for name in _SHEETS),
    *(f"shared/{name}.js" for name in _SHARED),
    *(f"shared/{name}.svg" for name in ("favicon", "icons")),
    "vendor/idb.js",
)

_NAMES = {
    "note": say("Note"),
    "restore": say("Water is back on"),
    "reading": say("Reading"),
    "parts": say("Parts used"),
    "tick": say("Checklist"),
    "code": say("Resident's code"),
    "needs": say("Needed on the next visit"),
    "time-left": say("Time still needed"),
    "take-back": say("Keep the ticket"),
    "take-over": say("Take it over"),
    "round-done": say("Done here"),
    "round-nobody-home": say("Nobody home"),
    "round-fault": say("Found a fault"),
    "round-undo": say("Taken back"),
}
_STOP_STATES = {
    "round-done": StopState.DONE,
    "round-nobody-home": StopState.NOBODY_HOME,
    "round-fault": StopState.FAULT_FOUND,
    "round-undo": StopState.WAITING,
}
_ENDS = {
    "complete": (TicketState.COMPLETED, STATE_NAMES[TicketState.COMPLETED]),
    "cannot-complete": (
        VisitState.CANNOT_COMPLETE,
        VISIT_STATE_NAMES[VisitState.CANNOT_COMPLETE],
    ),
    "decline": (VisitState.DECLINED, VISIT_STATE_NAMES[VisitState.DECLINED]),
    "return": (TicketState.RETURNED, STATE_NAMES[TicketState.RETURNED]),
}


class PhoneStep(NamedTuple):
    """A kind of command that a phone may keep: its name, and the state that a page then shows.

    One that `moves` its ticket is a step, for which the desk waits; the others are facts.
    """

    kind: str
    name: Sentence
    state: str
    state_name: Sentence | None
    moves: bool
    is_last: bool


def phone_steps() -> list[PhoneStep]:
    """Return what the server takes later than it was tapped; every other form is sent at once."""
    return [_phone_step(kind) for kind in sorted(TRANSITIONS | FACTS | ROUND_STEPS)]


def _phone_step(kind: str) -> PhoneStep:
    states = list(NEXT_STEPS)
    after = {
        each.step: states[at + 1]
        for at, each in enumerate(NEXT_STEPS.values())
        if at + 1 < len(states)
    }
    names = {each.step: each.label for each in NEXT_STEPS.values()}
    names |= {step: each.title for step, each in WORDED_STEPS.items()} | _NAMES
    name = names.get(kind, Sentence(kind))
    if kind in _STOP_STATES:
        stop = _STOP_STATES[kind]
        return PhoneStep(kind, name, str(stop), STOP_NAMES[stop], moves=False, is_last=False)
    if kind in after:
        state = TicketState(after[kind])
        return PhoneStep(kind, name, str(state), STATE_NAMES[state], moves=True, is_last=False)
    end, state_name = _ENDS.get(kind, ("", None))
    moves, is_last = kind in TRANSITIONS, kind in LAST_STEPS
    return PhoneStep(kind, name, str(end), state_name, moves=moves, is_last=is_last)


def shell_files() -> list[str]:
    """Return the files without which no page of a crew works, as names under `static/`."""
    own = (path for path in (STATIC / "crew").iterdir() if path.suffix in {".js", ".css"})
    return sorted({*SHELL, *(f"crew/{path.name}" for path in own)} - {WORKER})


@blueprint.app_context_processor
def _names() -> dict[str, Any]:
    return {
        "phone_steps": phone_steps,
        "phone_now": lambda: current_time().isoformat(),
        "crew_catalogue": lambda: browser_catalogue(CREW_SCRIPTS),
    }


@blueprint.after_app_request
def _say_whose(answer: Response) -> Response:
    """Say whose page this is, so that the phone keeps no person's pages for another one.

    A note is said aloud there, so these pages may use the microphone.
    """
    if f"{request.path}/".startswith("/crew/") and answer.mimetype == "text/html":
        answer.headers["Permissions-Policy"] = SPOKEN_POLICY
        actor = current_actor()
        if actor.user_id is not None:
            answer.headers[PERSON_HEADER] = str(actor.user_id)
    return answer


@blueprint.get("/worker.js")
@requires(Permission.PUBLIC)
def worker() -> Response:
    """Send the service worker of the crew's pages with the list of files that it keeps."""
    files = [static_url(name) for name in shell_files()]
    code = (STATIC / WORKER).read_text(encoding="utf-8")
    version = hashlib.sha256("\n".join([*files, code]).encode()).hexdigest()[:12]
    listed = json.dumps({"version": version, "files": files})
    answer = make_response("".join(_lines(listed, code)))
    answer.mimetype = "text/javascript"
    answer.headers["Service-Worker-Allowed"] = "/crew"
    answer.cache_control.no_cache = True
    return answer


def _lines(listed: str, code: str) -> Iterator[str]:
    yield f"self.SHELL = {listed};\n"
    yield code


@blueprint.get("/manifest.webmanifest")
@requires(Permission.PUBLIC)
def manifest() -> Response:
    """Say how the crew's pages stand on a home screen, in the reader's language."""
    drop = {"src": static_url("shared/favicon.svg"), "type": "image/svg+xml", "sizes": "any"}
    filled = [
        {
            "src": static_url(f"crew/icon-{size}.png"),
            "type": "image/png",
            "sizes": f"{size}x{size}",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    answer = jsonify(
        name=worded(say("OneVisit crew")),
        short_name="OneVisit",
        id="/crew",
        start_url="/crew",
        scope="/crew",
        display="standalone",
        icons=[drop, *filled],
    )
    answer.mimetype = "application/manifest+json"
    answer.cache_control.no_cache = True
    return answer


@blueprint.get("/offline")
@requires(Permission.DO_FIELD_WORK)
def offline() -> str:
    """Say that a page is not on this phone and what is; shown where there is no connection."""
    return render_template("crew_offline.html")


@blueprint.get("/<number>/changes")
@requires(Permission.DO_FIELD_WORK)
def changes(number: str) -> Response:
    """Return what others did to a ticket since the event that a page held, for a late step."""
    seen = request.args.get("seen", 0, type=int)
    own = current_actor().name
    told = [
        {
            "what": worded(each.what),
            "by": worded(each.by),
            "at": each.at.isoformat(),
            "why": [worded(why) for why in each.why],
        }
        for each in changes_since(number, max(0, min(seen, LARGEST_ROW_ID)), current_scope())
        if each.by.text != own
    ]
    return jsonify(changes=told)


@blueprint.get("/unsent")
@requires(Permission.DO_FIELD_WORK)
def unsent() -> str:
    """List what waits on this phone; its script reads that from the phone itself."""
    return render_template("crew_unsent.html")
