"""Can the text of a setting be used: an address, headers, weights?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_DATABASES = ("sqlite:", "postgresql")
_LEVELS, _HEAVIEST = 3, 100.0


def is_database_address(text: str) -> bool:
    """Tell whether this names SQLite or PostgreSQL; of several hosts only the last has a port."""
    hosts = text.partition("//")[2].rpartition("@")[2].partition("/")[0]
    return text.startswith(_DATABASES) and ":" not in hosts.rpartition(",")[0]


def is_plain_address(text: str) -> bool:
    """Tell whether this is the address of a server, without a name, a password or a query."""
    try:
        parts = urlsplit(text)
        extras = parts.username or parts.password or parts.query or parts.fragment
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not extras
    except ValueError:
        return False


def is_web_address(text: str) -> bool:
    """Tell whether this is an address that begins with http:// or https://."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def are_headers(text: str) -> bool:
    """Tell whether this is a JSON object of texts that may stand in headers."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    # A line break in a header would begin another.
    return isinstance(found, dict) and all(
        isinstance(value, str) and (name + value).isascii() and (name + value).isprintable()
        for name, value in found.items()
    )


def can_read(read: Callable[[str], object], text: str) -> bool:
    """Tell whether a reader takes a text, which it refuses with a ValueError."""
    try:
        read(text)
    except ValueError:
        return False
    return True


def are_weights(text: str) -> bool:
    """Tell whether these are three numbers above 0 with commas."""
    try:
        weights = [float(part) for part in text.split(",")]
    except ValueError:
        return False
    return len(weights) == _LEVELS and all(0 < each <= _HEAVIEST for each in weights)
