"""Does the asker have this answer already?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, make_response, request

if TYPE_CHECKING:
    from collections.abc import Callable


def unless_known(tag: str, draw: Callable[[], Response | str]) -> Response:
    """Return what `draw` makes under its tag, or 304 without drawing where the asker named it.

    Each browser asks again every time; nobody between keeps what is one person's.
    """
    known = request.if_none_match.contains(tag)
    answer = make_response("", 304) if known else make_response(draw())
    answer.headers["ETag"] = f'"{tag}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
