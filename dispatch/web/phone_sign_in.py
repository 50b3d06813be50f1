"""How does a phone become a crew's, and how does a person sign in on it for a shift?"""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request
from sqlalchemy.exc import OperationalError

from dispatch.access import (
    current_actor,
    current_time,
    keep_phone,
    presented_phone,
    presented_secret,
    requires,
)
from dispatch.actions.phones import (
    begin_code_try,
    is_news,
    join_by_code,
    new_phone_secret,
    note_seen,
    tie_session,
)
from dispatch.actions.pins import begin_pin_try, check_pin, forget_pin_tries
from dispatch.actions.sessions import TRIES_WINDOW, forget_try
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused, Stale, TooMany
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Permission
from dispatch.domain.phones import PIN_DIGITS, SHIFT_LIFETIME, code_words, tidy_code
from dispatch.domain.sentences import LocalName, say
from dispatch.queries.field_sync import device_known
from dispatch.queries.phones import crew_of_phone, people_of_phone, phone_known
from dispatch.refusals import STATUS, worded
from dispatch.web.language import local_name
from dispatch.web.row_ids import row_id
from dispatch.web.sign_in import demo_sign_ins, welcome

if TYPE_CHECKING:
    from flask import Response as FlaskResponse
    from werkzeug.wrappers import Response

    from dispatch.models.people import Device

blueprint = Blueprint("phone_sign_in", __name__, url_prefix="/crew")

LONGEST_CODE = 40
LOOKED = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)


@blueprint.get("/join")
@requires(Permission.PUBLIC)
def join_page() -> str:
    """Show the button that spends a code; a preview robot spends nothing."""
    return _join_form(request.args.get("code", ""))


@blueprint.post("/join")
@requires(Permission.PUBLIC)
def join() -> Response:
    """Make this phone a crew's by a code from the desk; a code that is no good says why."""
    typed, now = request.form.get("code", "")[:LONGEST_CODE], current_time()
    token, known = new_phone_secret(), presented_phone()
    try:
        with transaction():
            try_id = begin_code_try(request.remote_addr or "", now)
        with transaction():
            forget_try(try_id)
            device = join_by_code(
                typed, present_hash=secret_hash(known), new_hash=secret_hash(token), now=now
            )
            is_new = device.secret_hash == secret_hash(token)
            tie_session(secret_hash(presented_secret() or ""), device.id)
    except Refused as refusal:
        answer = make_response(_join_form(typed, worded(refusal.sentence)))
        return _refused(answer, refusal)
    crew = crew_of_phone(device)
    name = LocalName(crew.name, crew.name_zh)
    flash(worded(say("This phone is now one of %(crew)s.", crew=name)), "success")
    done = redirect("/crew" if current_actor().is_signed_in else "/crew/sign-in", 303)
    keep_phone(done, token if is_new else known)
    return done


@blueprint.get("/sign-in")
@requires(Permission.PUBLIC)
def page() -> Response:
    """List the people of the crew whose phone this is; on any other, say how it becomes one.

    Who is signed in signs out first: nobody takes over what another one began.
    """
    if current_actor().can(Permission.DO_FIELD_WORK):
        return redirect("/crew")
    return make_response(_sign_in_form())


@blueprint.post("/sign-in")
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    """Open a session for a shift for the person whose PIN fits."""
    phone, now = _phone(), current_time()
    if phone is None:
        return make_response(_sign_in_form(), 403)
    user_id = request.form.get("person", 0, type=row_id)
    try:
        with transaction():
            counted = begin_pin_try(phone.id, user_id, request.remote_addr or "", now)
        user = check_pin(phone, user_id, request.form.get("pin", ""))
        with transaction():
            forget_pin_tries(counted)
            answer = welcome(user, "/crew", longest=SHIFT_LIFETIME)
    except Refused as refusal:
        form = make_response(_sign_in_form(user_id, worded(refusal.sentence)))
        return _refused(form, refusal)
    keep_phone(answer, presented_phone())
    return answer


@blueprint.after_app_request
def note_contact(answer: FlaskResponse) -> FlaskResponse:
    """Remember, at most once a minute, that a crew's phone looked at its list."""
    if request.path == "/crew" and answer.status_code in LOOKED and presented_phone():
        phone, actor, now = _phone(), current_actor(), current_time()
        if phone is not None and is_news(phone, actor, phone.waiting, None, now):
            # The list is there; a database that is too busy for this must not take it away.
            with suppress(Stale, OperationalError), transaction():
                phone = device_known(phone.secret_hash)
                note_seen(phone, actor, waiting=phone.waiting, app=None, now=now)
    return answer


def _refused(answer: Response, refusal: Refused) -> Response:
    answer.status_code = STATUS[type(refusal)][0]
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(_seconds_locked(refusal))
    return answer


def _seconds_locked(refusal: TooMany) -> int:
    if "until" not in refusal.facts:
        return int(TRIES_WINDOW.total_seconds())
    left = datetime.fromisoformat(str(refusal.facts["until"])) - current_time()
    return max(1, math.ceil(left.total_seconds()))


def _join_form(code: str, problem: str | None = None) -> str:
    shown = code_words(tidy_code(code)[:LONGEST_CODE])
    return render_template("phone_join.html", code=shown, problem=problem)


def _sign_in_form(user_id: int = 0, problem: str | None = None) -> str:
    phone = _phone()
    people = people_of_phone(phone) if phone and phone.revoked_at is None else []
    crew = crew_of_phone(phone) if phone else None
    # The demo is everybody's: its PIN is no secret, and stands here as on its other sign-in page.
    pins = {each["name"]: each["pin"] for each in demo_sign_ins() if "pin" in each}
    return render_template(
        "phone_sign_in.html",
        phone=phone,
        crew=local_name(LocalName(crew.name, crew.name_zh)) if crew else None,
        crew_is_active=crew is not None and crew.active,
        people=people,
        chosen=user_id or (people[0].id if len(people) == 1 else 0),
        digits=PIN_DIGITS,
        demo_pins=pins,
        problem=problem,
    )


def _phone() -> Device | None:
    return phone_known(secret_hash(presented_phone()))
