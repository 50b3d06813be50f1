"""Where does a file wait between its preview and its import?"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app

from dispatch.access import current_actor, current_time
from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from pathlib import Path

KEPT = timedelta(hours=1)
_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)


def hold_file(content: bytes) -> str:
    """Keep a file for an hour for the person who sent it, and return its token."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_old(folder)
    token = secrets.token_urlsafe(16)
    _path(token).write_bytes(content)
    return token


def held_file(token: str) -> bytes:
    """Return a held file.

    Raises:
        NotFound: when it is somebody else's, or its hour is over.
    """
    path = _path(token) if _TOKEN.fullmatch(token) else None
    if path is None or not path.is_file():
        raise NotFound(say("The file is no longer kept here. Choose it again."))
    return path.read_bytes()


def drop_file(token: str) -> None:
    """Forget a file that was imported."""
    if _TOKEN.fullmatch(token):
        _path(token).unlink(missing_ok=True)


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "held_uploads"
    return folder


def _path(token: str) -> Path:
    return _folder() / f"{current_actor().user_id}-{token}"


def _forget_old(folder: Path) -> None:
    oldest = (current_time() - KEPT).timestamp()
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
