"""How are the parts wired together?"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from dispatch.access import SESSION_COOKIE, bearer_token, check_routes, current_time
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.models import (
    alerts,
    clockwork,
    exports,
    messages,
    people,
    places,
    rehearsals,
    tickets,
)
from dispatch.models.base import db, prepare_engine
from dispatch.queries.fact_blocks import kept
from dispatch.refusals import register_refusals

if TYPE_CHECKING:
    from werkzeug.routing import Map

    from dispatch.config import Settings

__all__ = [
    "alerts",
    "clockwork",
    "create_app",
    "exports",
    "messages",
    "people",
    "places",
    "rehearsals",
    "tickets",
]

_PACKAGED = Path(__file__).parent / "_migrations"
MIGRATIONS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent / "migrations"

LARGEST_BODY = 1024 * 1024
LARGEST_LAYER = 8 * LARGEST_BODY
"""A city's grids as they are drawn, with every corner, are more than one megabyte."""
babel = Babel()
csrf = CSRFProtect()


class RowNumber(IntegerConverter):
    """A whole number in an address; one that no row can have leads nowhere."""

    def __init__(self, url_map: Map, **asked: Any) -> None:
        """Begin with the largest number that a row may have."""
        super().__init__(url_map, **({"max": LARGEST_ROW_ID} | asked))


def create_app(settings: Settings, *, answers: bool = True) -> Flask:
    """Build the application for one installation; one that `answers` nobody starts sooner."""
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["int"] = RowNumber
    _configure(app, settings)
    db.init_app(app)
    kept.most = settings.figures_megabytes * 1024**2
    with app.app_context():
        prepare_engine(db.engine)
    if answers:
        _answer(app, settings)
    else:
        babel.init_app(app, timezone_selector=lambda: settings.time_zone)
    return app


def know_migrations(app: Flask) -> None:
    """Let an application tell where its tables stand, and bring them up to date."""
    from flask_migrate import Migrate  # noqa: PLC0415  a tenth of a start: the clockwork needs none

    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=False, compare_type=True)


def _answer(app: Flask, settings: Settings) -> None:
    """Add every page and address, with what stands before and after them."""
    from dispatch.api import register_api  # noqa: PLC0415  a third of a start: the clockwork shows no page
    from dispatch.web import register_pages  # noqa: PLC0415  likewise
    from dispatch.web.headers import security_headers  # noqa: PLC0415  likewise
    from dispatch.web.language import current_locale  # noqa: PLC0415  likewise
    from dispatch.web.page_context import register_template_names  # noqa: PLC0415  likewise

    know_migrations(app)
    babel.init_app(
        app,
        locale_selector=current_locale,
        timezone_selector=lambda: settings.time_zone,
    )
    csrf.init_app(app)
    app.before_request(_look_at_the_clock)
    app.before_request(_make_room)
    app.before_request(_check_form_origin)
    app.after_request(security_headers(settings))
    register_refusals(app)
    register_template_names(app)
    register_pages(app)
    register_api(app)
    check_routes(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]


def _configure(app: Flask, settings: Settings) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret(),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_PARTS=200,
        TRUSTED_HOSTS=[each for each in settings.trusted_hosts.split(",") if each] or None,
        SESSION_COOKIE_NAME="onevisit_form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        BABEL_TRANSLATION_DIRECTORIES="translations",
        JSON_AS_ASCII=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.sqlalchemy_url.startswith("sqlite"):
        import pysqlite3.dbapi2  # noqa: PLC0415  only the embedded database needs it

        (settings.data_dir).mkdir(parents=True, exist_ok=True)
        return {"module": pysqlite3.dbapi2, "connect_args": {"check_same_thread": False}}
    return {
        "pool_pre_ping": True,
        "pool_size": 8,
        "connect_args": {
            "options": "-c idle_in_transaction_session_timeout=5s -c statement_timeout=15s "
            "-c lock_timeout=5s -c timezone=UTC"
        },
    }


def _look_at_the_clock() -> None:
    """Let every sentence of the answer, a refusal too, know what day it is."""
    current_time()


def _make_room() -> None:
    """Let a request that brings photos or grids be larger, before anything of it is read."""
    from dispatch.photos import body_room  # noqa: PLC0415  the clockwork takes no pictures

    room = body_room(request.endpoint, current_app.config["SETTINGS"])
    if request.endpoint == "admin_imports.add_grids":
        room = LARGEST_LAYER
    if room is not None:
        request.max_content_length = room


def _check_form_origin() -> None:
    """Demand our own form token wherever a browser's cookie speaks for the asker.

    A bearer token or no session at all cannot be abused from another site, but the sign-in form is
    checked all the same.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    is_program = request.path.startswith(("/api/", "/open311/"))
    if is_program and (bearer_token() or SESSION_COOKIE not in request.cookies):
        return
    csrf.protect()
