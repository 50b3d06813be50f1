"""Who is asking, and may they?"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from dispatch.adapters.steady_clock import SteadyClock, wall_clock
from dispatch.domain.errors import NotAllowed, NotSignedIn
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import RESIDENT, ROLE_NAMES, Actor, Permission, Role
from dispatch.domain.sentences import say
from dispatch.queries.field_sync import device_known
from dispatch.queries.phones import phone_known
from dispatch.queries.sessions import signed_in_actor_for
from dispatch.queries.timers import is_own_clock, last_beat_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from flask import Flask
    from werkzeug.wrappers import Response

    from dispatch.domain.permissions import Scope

P = ParamSpec("P")
R = TypeVar("R")

SESSION_COOKIE = "onevisit_session"
PHONE_COOKIE = "onevisit_phone"
DEVICE_HEADER = "X-OneVisit-Device"
PHONE_DAYS = 400
"""So long a browser keeps a cookie at most; each sign-in on the phone begins it anew."""


def current_time() -> datetime:
    """Return the instant of this request; every part of it sees the same one."""
    if "now" not in g:
        g.now = clock_of(current_app)()
    now: datetime = g.now
    return now


def current_day() -> date:
    """Return the day of this request where the utility is."""
    return current_time().astimezone(current_app.config["SETTINGS"].zone).date()


def clock_of(app: Flask) -> Callable[[], datetime]:
    """Return the clock that a process tells the time by."""
    clock: Callable[[], datetime] = app.extensions.get("clock", wall_clock)
    return clock


def keep_time(app: Flask) -> None:
    """Let a process on SQLite tell the time by a clock that never goes back.

    It begins no earlier than the last heartbeat. On PostgreSQL the database's clock decides what
    is due, and a process keeps that of its machine.
    """
    with app.app_context():
        if is_own_clock():
            return
        try:
            mark = last_beat_at()
        except SQLAlchemyError:
            mark = None
    app.extensions["clock"] = SteadyClock(mark)


def origin_of(address: str) -> str:
    """Return the scheme, host and port of an address, as a browser names an origin."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def bearer_token() -> str | None:
    """Return the token that a program shows, None where the asker is known by the cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def presented_secret() -> str | None:
    """Return the secret the request carries: a bearer token, else the session cookie."""
    return bearer_token() or request.cookies.get(SESSION_COOKIE)


def presented_phone() -> str:
    """Return the token of the phone that asks: its cookie, which is the newest, else as told."""
    return request.cookies.get(PHONE_COOKIE) or request.headers.get(DEVICE_HEADER, "")


def keep_phone(answer: Response, token: str) -> None:
    """Let a browser show by itself, out of reach of scripts, that it is a crew's phone."""
    answer.set_cookie(
        PHONE_COOKIE,
        token,
        max_age=PHONE_DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SETTINGS"].base_url.startswith("https:"),
    )


def current_actor() -> Actor:
    """Return who is asking; a request without a live session is a resident's."""
    if "actor" not in g:
        secret = presented_secret()
        found = signed_in_actor_for(secret_hash(secret), current_time()) if secret else None
        g.actor = found or RESIDENT
    actor: Actor = g.actor
    return actor


def is_revoked_phone() -> bool:
    """Tell whether a revoked phone asks: who signed in on it is out, its work must not be lost."""
    phone = phone_known(secret_hash(presented_phone()))
    return phone is not None and phone.revoked_at is not None


def phone_sender(phone_hash: str) -> Actor:
    """Return who is signed in on the phone that sends; on a revoked one who had it last.

    Raises:
        NotFound: when nobody is signed in and nobody knows this phone.
    """
    actor = current_actor()
    if actor.can(Permission.DO_FIELD_WORK):
        return actor
    phone = device_known(phone_hash)
    return Actor(name=phone.name, role=Role.CREW, user_id=phone.last_user_id, crew_id=phone.crew_id)


def current_scope() -> Scope:
    """Return whose tickets the asker sees; every query takes it."""
    return current_actor().scope


def requires(
    permission: Permission, *, unless: Callable[[], bool] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Name the permission of a route and refuse those who lack it, unless something else is shown.

    Raises:
        NotSignedIn: when nobody is signed in and the route is not public.
        NotAllowed: when the role does not hold the permission.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if unless is None or current_actor().can(permission) or not unless():
                check_permission(permission)
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def check_permission(permission: Permission) -> None:
    """Refuse the asker who may not do this.

    Raises:
        NotSignedIn: when nobody is signed in and the permission is not public.
        NotAllowed: when the role does not hold the permission.
    """
    # A public route, such as a health check, answers also while the database is away.
    if permission is Permission.PUBLIC:
        return
    actor = current_actor()
    if actor.can(permission):
        return
    if not actor.is_signed_in:
        raise NotSignedIn(say("Sign in first; your session may have ended."))
    raise NotAllowed(
        say(
            "Your role (%(role)s) may not do this. Ask an administrator.",
            role=ROLE_NAMES[actor.role] if actor.role else "",
        )
    )


def check_routes(app: Flask) -> None:
    """Refuse to start with a route that names no permission.

    Raises:
        RuntimeError: naming the routes.
    """
    bare = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not hasattr(_view_of(app, rule.endpoint, rule.methods), "required_permission")
    ]
    if bare:
        message = f"routes without @requires: {', '.join(sorted(bare))}"
        raise RuntimeError(message)


def _view_of(app: Flask, endpoint: str, methods: set[str] | None) -> Any:
    view: Any = app.view_functions[endpoint]
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return view
    for method in sorted((methods or set()) - {"HEAD", "OPTIONS"}):
        named = getattr(view_class, method.lower())
        if not hasattr(named, "required_permission"):
            return named
    return named
