"""How does a person sign in and out?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from dispatch.access import (
    SESSION_COOKIE,
    current_actor,
    current_time,
    presented_phone,
    presented_secret,
    requires,
)
from dispatch.actions.phones import note_person
from dispatch.actions.sessions import (
    TRIES_WINDOW,
    begin_try,
    check_password,
    forget_try,
    open_session,
    revoke_session,
    use_link,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused, TooMany
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import ROLE_NAMES, Permission, Role
from dispatch.domain.sentences import say
from dispatch.queries.phones import phone_known
from dispatch.queries.sessions import actor_of
from dispatch.refusals import STATUS, worded
from dispatch.web.language import LANGUAGE_COOKIE, local_path

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.models.people import User

blueprint = Blueprint("sign_in", __name__)

DEMO_SIGN_INS = "demo_sign_ins.json"
A_YEAR = 31_536_000
HOME = {
    Role.CREW: "/crew",
    Role.MANAGER: "/circle",
    Role.AUDITOR: "/circle",
    Role.ADMINISTRATOR: "/admin",
}


@blueprint.get("/")
@requires(Permission.PUBLIC)
def front() -> Response:
    """Lead everybody to the page they work on; a resident to the report page."""
    actor = current_actor()
    if not actor.is_signed_in:
        return redirect("/report")
    return redirect(home_of(actor.role))


@blueprint.get("/sign-in")
@requires(Permission.PUBLIC)
def page() -> Response:
    """Show the sign-in form; somebody who is signed in already goes on to work."""
    wanted = local_path(request.args.get("next", ""))
    actor = current_actor()
    if actor.is_signed_in:
        return redirect(_landing(wanted, actor.role))
    if wanted.startswith("/crew") and "password" not in request.args and presented_phone():
        return redirect("/crew/sign-in")
    return make_response(_form(wanted=wanted))


@blueprint.post("/sign-in")
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    """Open a session for a name and password that fit."""
    name = request.form.get("name", "")
    wanted = local_path(request.form.get("next", ""))
    address = request.remote_addr or ""
    try:
        with transaction():
            try_id = begin_try(name, address, current_time())
        user = check_password(name, request.form.get("password", ""))
        with transaction():
            forget_try(try_id)
            return welcome(user, wanted)
    except Refused as refusal:
        answer = make_response(_form(wanted=wanted, name=name, problem=worded(refusal.sentence)))
        answer.status_code = STATUS[type(refusal)][0]
        if isinstance(refusal, TooMany):
            answer.headers["Retry-After"] = str(int(TRIES_WINDOW.total_seconds()))
        return answer


@blueprint.get("/sign-in/<secret>")
@requires(Permission.PUBLIC)
def link_page(secret: str) -> str:
    """Show the button that spends a one-time link; a preview robot spends nothing."""
    del secret
    return render_template("sign_in_link.html")


@blueprint.post("/sign-in/<secret>")
@requires(Permission.PUBLIC)
def link(secret: str) -> Response:
    """Spend a one-time sign-in link; one that was used before or is too old says so."""
    with transaction():
        user = use_link(secret_hash(secret), current_time())
        if user is not None:
            return welcome(user, "/" if user.password_hash else "/account")
    problem = worded(say("This sign-in link was used before or is too old. Ask for a new one."))
    answer = make_response(_form(wanted="/", problem=problem))
    answer.status_code = 401
    return answer


@blueprint.post("/sign-out")
@requires(Permission.PUBLIC)
def sign_out() -> Response:
    """End the session on the server and forget it in the browser."""
    secret = presented_secret()
    if secret:
        with transaction():
            revoke_session(secret_hash(secret), current_time())
    session.clear()
    answer = redirect("/crew/sign-in" if presented_phone() else url_for("sign_in.page"))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _form(*, wanted: str, name: str = "", problem: str | None = None) -> str:
    return render_template(
        "sign_in.html", next=wanted, name=name, problem=problem, demo_sign_ins=demo_sign_ins()
    )


def demo_sign_ins() -> list[dict[str, Any]]:
    """Return the demo's names and passwords with their roles; empty outside the demo."""
    settings = current_app.config["SETTINGS"]
    path = settings.data_dir / DEMO_SIGN_INS
    if not settings.demo or not path.is_file():
        return []
    return [
        {**each, "role_name": worded(ROLE_NAMES[Role(each["role"])])}
        for each in json.loads(path.read_text(encoding="utf-8"))
    ]


def welcome(user: User, wanted: str, *, longest: timedelta | None = None) -> Response:
    """Open a new session inside the caller's transaction and end the one the browser had.

    Nothing that was in the browser before counts afterwards: neither a session that somebody
    planted there nor its form token. On a phone of the person's crew the session ends with it.
    """
    settings = current_app.config["SETTINGS"]
    lifetime = longest or timedelta(hours=settings.session_hours)
    before = request.cookies.get(SESSION_COOKIE)
    if before:
        revoke_session(secret_hash(before), current_time())
    session.clear()
    secret = open_session(
        user,
        now=current_time(),
        lifetime=lifetime,
        address=request.remote_addr,
        agent=request.user_agent.string,
        device_id=_own_phone(user),
    )
    is_https = settings.base_url.startswith("https:")
    answer = redirect(_landing(wanted, Role(user.role)))
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_https,
    )
    if user.language and LANGUAGE_COOKIE not in request.cookies:
        answer.set_cookie(
            LANGUAGE_COOKIE, user.language, max_age=A_YEAR, samesite="Lax", httponly=True
        )
    return answer


def _own_phone(user: User) -> int | None:
    """Return the crew's phone that a person signs in on, None on anything else."""
    phone = phone_known(secret_hash(presented_phone()))
    of_crew = phone is not None and phone.revoked_at is None and phone.crew_id == user.crew_id
    if phone is None or not of_crew or user.role != Role.CREW:
        return None
    note_person(phone, actor_of(user), current_time())
    return phone.id


def _landing(wanted: str, role: Role | None) -> str:
    """Return the page that was asked for, or the one that the role works on."""
    is_way_in = wanted in {"", "/"} or wanted.startswith(("/sign-in", "/sign-out"))
    return home_of(role) if is_way_in else wanted


def home_of(role: Role | None) -> str:
    """Return the page that a role works on."""
    return HOME.get(role, "/desk") if role else "/desk"
