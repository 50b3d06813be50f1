"""Which row does a form or an address name?"""

from __future__ import annotations

from dispatch.domain.strict_json import LARGEST_ROW_ID


def row_id(text: str) -> int:
    """Read the number of a row, as the `type` of what a request gives.

    Raises:
        ValueError: when no row can have it, so that the request counts as without one.
    """
    number = int(text)
    if not 0 < number <= LARGEST_ROW_ID:
        raise ValueError(text)
    return number
