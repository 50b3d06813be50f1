"""Which language does the reader want?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request

from dispatch.access import requires
from dispatch.config import LANGUAGES
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import LocalName
from dispatch.refusals import LOCALES

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("language", __name__)

LANGUAGE_COOKIE = "language"


@blueprint.post("/language")
@requires(Permission.PUBLIC)
def choose() -> Response:
    """Remember the chosen language and go back to the page."""
    answer = redirect(local_path(request.form.get("next") or request.referrer or "/"))
    language = request.form.get("language", "")
    if language in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="Lax", httponly=True
        )
    return answer


def current_language() -> str:
    """Return the reader's language: chosen, else the browser's, else the installation's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    for wanted, _quality in request.accept_languages:
        if wanted.lower().startswith("zh"):
            return "zh-CN"
        if wanted.lower().startswith("en"):
            return "en"
    return str(current_app.config["SETTINGS"].language)


def local_name(name: str, chinese: str | None = None) -> str:
    """Return the name of a grid, team or crew in the reader's language."""
    chinese = chinese or (name.chinese if isinstance(name, LocalName) else None)
    return (current_language() == "zh-CN" and chinese) or name


def current_locale() -> str:
    """Return the catalogue of the reader's language."""
    return LOCALES[current_language()] if request else LOCALES["en"]


def local_path(address: str) -> str:
    """Return the path of an address on this server, or the front page for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith("//") else "/"
    path = path.replace("\\", "/")
    if path.startswith("//"):
        return "/"
    return f"{path}?{parts.query}" if parts.query else path
