"""How does a text get into a spreadsheet without being run as a formula?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Any) -> Any:
    """Return what stands in a cell: a text that a spreadsheet would run gets an apostrophe first.

    Rule of OWASP, CSV Injection. Numbers stay numbers, instants become ISO 8601 in UTC, a list
    becomes its members with `;` between.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list):
        value = ";".join(str(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return "" if value is None else value
