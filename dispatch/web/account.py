"""How does a person look after the own account: password, language, sessions?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from dispatch.access import current_actor, current_time, presented_secret, requires
from dispatch.actions.accounts import choose_language, end_session, set_password
from dispatch.actions.pins import begin_pin_try, check_own_pin, forget_pin_tries, set_pin
from dispatch.actions.sessions import begin_try, check_password, forget_try
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotSignedIn, Refused
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.queries.administration import person_for_change
from dispatch.queries.push_devices import devices_of
from dispatch.queries.sessions import is_on_phone, open_sessions_for, session_id_of
from dispatch.refusals import STATUS, worded
from dispatch.web.browsers import browser_name
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.language import LANGUAGE_COOKIE
from dispatch.web.sign_in import A_YEAR, welcome

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.models.people import User

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@requires(Permission.SIGNED_IN)
def page() -> str:
    """Show the own account."""
    return _page(None)


@blueprint.post("/account/password")
@requires(Permission.SIGNED_IN)
def password() -> Response:
    """Choose a password; every other session of the account ends."""
    try:
        _check_current()
        with transaction():
            user = _me()
            chosen = request.form.get("password", "")
            if chosen != request.form.get("again", ""):
                fault = say("The two passwords are not the same.")
                raise Invalid(fault, fields={"again": fault})
            set_password(user, chosen, actor=current_actor(), now=current_time())
            answer = welcome(user, url_for("account.page"))
    except Refused as refusal:
        answer = make_response(_page(refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(say("Your password is set. Everybody else who used this account is out.")))
    return answer


@blueprint.post("/account/pin")
@requires(Permission.SIGNED_IN)
def pin() -> Response:
    """Choose the PIN for phones of the crew; the other sessions on phones end."""
    try:
        _check_current()
        with transaction():
            typed, by = request.form.get("pin", ""), current_actor()
            set_pin(_me(), typed, actor=by, now=current_time(), but=_this_session())
    except Refused as refusal:
        answer = make_response(_page(refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    flash(worded(say("The PIN is set.")), "success")
    return redirect(url_for("account.page"))


@blueprint.post("/account/language")
@requires(Permission.SIGNED_IN)
def language() -> Response:
    """Remember the language that the person reads, on every machine."""
    chosen = request.form.get("language", "")
    with transaction():
        choose_language(_me(), chosen)
    answer = redirect(url_for("account.page"))
    if chosen in {"en", "zh-CN"}:
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=A_YEAR, samesite="Lax", httponly=True)
    return answer


@blueprint.post("/account/sessions")
@requires(Permission.SIGNED_IN)
def sign_out_elsewhere() -> Response:
    """End every session of the account except this one; tokens of programs stay."""
    now = current_time()
    with transaction():
        user = _me()
        others = [each for each in open_sessions_for(user.id, now) if each.kind != "token"]
        ended = [each.id for each in others if each.secret_hash != _this_session()]
        for session_id in ended:
            end_session(user, session_id, actor=current_actor(), now=now)
    flash(worded(say("%(n)s sessions ended.", n=len(ended))), "success")
    return redirect(url_for("account.page"))


def _check_current() -> None:
    """Ask for the old password where there is one, counted like a sign-in.

    Without one a crew's phone asks for the PIN: it may lie open where others reach it.
    """
    user = _me()
    address, now = request.remote_addr or "", current_time()
    if user.password_hash is None:
        if _asks_for_pin(user):
            with transaction():
                counted = begin_pin_try(None, user.id, address, now)
            check_own_pin(user, request.form.get("current", ""))
            with transaction():
                forget_pin_tries(counted)
        return
    name = user.sign_in_name
    with transaction():
        try_id = begin_try(name, address, now)
    try:
        check_password(name, request.form.get("current", ""))
    except NotSignedIn:
        fault = say("This is not your password.")
        raise Invalid(fault, fields={"current": fault}) from None
    with transaction():
        forget_try(try_id)


def _asks_for_pin(user: User) -> bool:
    return user.pin_hash is not None and is_on_phone(_this_session())


def _page(refusal: Refused | None) -> str:
    user = _me()
    return render_template(
        "account.html",
        user=user,
        browser_name=browser_name,
        sessions=open_sessions_for(user.id, current_time()),
        this_session=_this_session(),
        asks_for_pin=_asks_for_pin(user),
        devices=devices_of(user.id),
        this_session_id=session_id_of(_this_session()),
        new_key=lambda: str(uuid.uuid4()),
        catalogue=browser_catalogue(),
        problem=worded(refusal.sentence) if refusal else None,
        errors={n: worded(each) for n, each in refusal.fields.items()} if refusal else {},
    )


def _me() -> User:
    return person_for_change(current_actor().user_id or 0)


def _this_session() -> str:
    return secret_hash(presented_secret() or "")
