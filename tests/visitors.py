"""Who comes to the pages in a test: a stranger, or somebody signed in?"""

from __future__ import annotations

import itertools
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from dispatch.access import SESSION_COOKIE
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import User

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from werkzeug.test import TestResponse

# Stories begin at a fixed instant, while a request may look at the real clock.
LONG = timedelta(days=365 * 50)
_numbers = itertools.count(1)


class Visitor(FlaskClient):
    """A browser that sends the form token with every POST, as our own pages do.

    Set `carries_token` to False to come from another site. `secret` is that of the session and
    `user_id` the account, both None for a stranger.
    """

    carries_token = True
    secret: str | None = None
    user_id: int | None = None

    def open(self, *args: Any, **named: Any) -> TestResponse:
        """Send a request, with the form token where a form would have it."""
        if self.carries_token and named.get("method", "GET") not in {"GET", "HEAD", "OPTIONS"}:
            headers = dict(named.pop("headers", None) or {})
            named["headers"] = {"X-CSRFToken": self._form_token()} | headers
        return super().open(*args, **named)

    def _form_token(self) -> str:
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        signer = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token")
        return signer.dumps(raw)

    @property
    def bearer(self) -> dict[str, str]:
        """Return the header with which a program shows this sign-in."""
        return {"Authorization": f"Bearer {self.secret}"}


def without_tokens(page: str) -> str:
    """Return a page without its random texts, in which any few letters may stand by chance."""
    return re.sub(r"[\w.-]{32,}", "", page)


def visitor(app: Flask) -> Visitor:
    """Return a browser that nobody has signed in."""
    return Visitor(app, app.response_class, use_cookies=True)


def signed_in(app: Flask, role: Role, now: datetime, **account: Any) -> Visitor:
    """Return a browser signed in as a new account; `account` holds further columns of `User`."""
    number = next(_numbers)
    columns = {"sign_in_name": f"{role}{number}", "name": f"{role} {number}"} | account
    with app.app_context(), transaction():
        user = User(role=str(role), created_at=now, active=True, **columns)
        db.session.add(user)
        db.session.flush()
        kind = "token" if role is Role.API_CLIENT else "browser"
        secret = open_session(user, now=now, lifetime=LONG, kind=kind)
        user_id = user.id
    found = visitor(app)
    found.secret, found.user_id = secret, user_id
    if role is not Role.API_CLIENT:
        found.set_cookie(SESSION_COOKIE, secret)
    return found
