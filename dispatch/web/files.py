"""Where do the browser's own files come from?"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, request, send_from_directory, url_for

from dispatch.access import requires
from dispatch.domain.permissions import Permission

blueprint = Blueprint("files", __name__)

_PACKAGED = Path(__file__).parent.parent / "_static"
STATIC = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent.parent / "static"


@blueprint.get("/static/<path:name>")
@requires(Permission.PUBLIC)
def static(name: str) -> Response:
    """Send one file of ours; one asked for by its hash may be kept for a year.

    Modules import each other without a hash, so those are checked again at each use (ETag).
    """
    answer = send_from_directory(STATIC, name)
    if request.args.get("v"):
        answer.cache_control.public = True
        answer.cache_control.max_age = 31_536_000
        answer.cache_control.immutable = True
    else:
        answer.cache_control.no_cache = True
    return answer


@blueprint.get("/favicon.ico")
@requires(Permission.PUBLIC)
def favicon() -> Response:
    """Send the drop that stands in the browser's tab."""
    return send_from_directory(STATIC, "shared/favicon.svg", max_age=86400)


@blueprint.get("/push-worker.js")
@requires(Permission.PUBLIC)
def push_worker() -> Response:
    """Send the service worker of pushes, at the root because that is its scope."""
    answer = send_from_directory(STATIC, "shared/push_worker.js", mimetype="text/javascript")
    answer.cache_control.no_cache = True
    return answer


@blueprint.get("/app.webmanifest")
@requires(Permission.PUBLIC)
def manifest() -> Response:
    """Say how the pages stand on a home screen; an iPhone takes pushes only from there."""
    answer = jsonify(
        name="OneVisit",
        short_name="OneVisit",
        id="/",
        start_url="/",
        scope="/",
        display="standalone",
        icons=[{"src": static_url("shared/favicon.svg"), "type": "image/svg+xml", "sizes": "any"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer


@lru_cache(maxsize=512)
def fingerprint(name: str, changed_ns: int) -> str:
    """Return a short hash of a static file; the change time keeps the cache honest."""
    del changed_ns
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a static file with its fingerprint, for templates."""
    path = STATIC / name
    if not path.is_file():
        abort(500, f"no static file {name}")
    return url_for("files.static", name=name, v=fingerprint(name, path.stat().st_mtime_ns))
