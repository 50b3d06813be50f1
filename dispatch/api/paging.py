"""Where does the next page of a list begin?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Hexadecimal microseconds since 1970, which may lie before it, and a row id.
_CURSOR = re.compile(r"(-?[0-9a-f]{1,14})\.([0-9a-f]{1,13})")


def write_cursor(after: tuple[datetime, int] | None) -> str | None:
    """Return the text that stands for a place in a list ordered by instant and id."""
    if after is None:
        return None
    at, row_id = after
    return f"{(at - _EPOCH) // _MICROSECOND:x}.{row_id:x}"


def read_cursor(text: str | None) -> tuple[datetime, int] | None:
    """Return the place in the list.

    Raises:
        Invalid: when the text was not written by `write_cursor`.
    """
    if text is None:
        return None
    found = _CURSOR.fullmatch(text)
    try:
        if found:
            return _EPOCH + int(found[1], 16) * _MICROSECOND, int(found[2], 16)
    except OverflowError:
        pass
    fault = say("This cursor is not one of ours. Leave it out to begin at the start.")
    raise Invalid(fault, fields={"cursor": fault})
