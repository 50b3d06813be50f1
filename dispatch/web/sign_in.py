"""How does a person sign in and out?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from dispatch.access import (
    SESSION_COOKIE,
    current_actor,
    current_time,
    presented_secret,
    requires,
    secret_hash,
)
from dispatch.actions.sessions import (
    check_password,
    check_tries,
    open_session,
    record_wrong_try,
    revoke_session,
    use_link,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotSignedIn, Refused
from dispatch.domain.permissions import Permission, Role
from dispatch.domain.sentences import say
from dispatch.refusals import STATUS, worded
from dispatch.web.language import local_path

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from dispatch.models.people import User

blueprint = Blueprint("sign_in", __name__)

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
def page() -> str:
    """Show the sign-in form."""
    return render_template("sign_in.html", next=local_path(request.args.get("next", "")))


@blueprint.post("/sign-in")
@requires(Permission.PUBLIC)
def sign_in() -> Response | tuple[str, int]:
    """Open a session for a name and password that fit."""
    name = request.form.get("name", "").strip()
    password = request.form.get("password", "")
    address = request.remote_addr or ""
    try:
        user = _checked(name, password, address)
    except Refused as refusal:
        form = render_template(
            "sign_in.html",
            name=name,
            next=request.form.get("next", ""),
            problem=worded(refusal.sentence),
        )
        return form, STATUS[type(refusal)][0]
    return _welcome(user, local_path(request.form.get("next") or ""))


def _checked(name: str, password: str, address: str) -> User:
    check_tries(name, address, current_time())
    user = check_password(name, password)
    if user is None:
        with transaction():
            refusal = record_wrong_try(name, address, current_time())
        raise refusal
    return user


@blueprint.get("/sign-in/<secret>")
@requires(Permission.PUBLIC)
def link_page(secret: str) -> str:
    """Show the button that spends a one-time link; a preview robot spends nothing."""
    return render_template("sign_in_link.html", secret=secret)


@blueprint.post("/sign-in/<secret>")
@requires(Permission.PUBLIC)
def link(secret: str) -> Response:
    """Spend a one-time sign-in link.

    Raises:
        NotSignedIn: when the link was used before or is too old.
    """
    with transaction():
        user = use_link(secret_hash(secret), current_time())
    if user is None:
        raise NotSignedIn(
            say("This sign-in link was used before or is too old. Ask for a new one.")
        )
    return _welcome(user, "/")


@blueprint.post("/sign-out")
@requires(Permission.PUBLIC)
def sign_out() -> Response:
    """End the session on the server and forget it in the browser."""
    secret = presented_secret()
    if secret:
        with transaction():
            revoke_session(secret_hash(secret), current_time())
    answer = redirect(url_for("sign_in.page"))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _welcome(user: User, address: str) -> Response:
    settings = current_app.config["SETTINGS"]
    lifetime = timedelta(hours=settings.session_hours)
    role = Role(user.role)
    with transaction():
        secret = open_session(
            user,
            now=current_time(),
            lifetime=lifetime,
            address=request.remote_addr,
            agent=request.user_agent.string,
        )
    answer = redirect(address if address not in {"", "/"} else home_of(role))
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.base_url.startswith("https:"),
    )
    return answer


def home_of(role: Role | None) -> str:
    """Return the page that a role works on."""
    return HOME.get(role, "/desk") if role else "/desk"
