"""Is this the address of map tiles, and from which hosts may a browser fetch them?"""

from __future__ import annotations

import re

LONGEST_ADDRESS = 500
_HOST_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
#: OpenLayers writes out one letter or number in turn: {a-c}, {1-4}.
_TURN = r"\{(?:[a-z]-[a-z]|[0-9]-[0-9])\}"
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<turn>[A-Za-z0-9-]*{_TURN}[A-Za-z0-9-]*\.)?"
    rf"(?P<host>{_HOST_LABEL}(?:\.{_HOST_LABEL})*)(?P<port>:[0-9]{{1,5}})?(?P<path>/[!-~]*)"
)
#: A path on this server itself.
_OWN_PATH = re.compile(r"/(?!/)[!-~]*")


def is_map_view(text: str) -> bool:
    """Tell whether the text is a latitude, a longitude and a zoom, with commas."""
    try:
        lat, lon, zoom = (float(part) for part in text.split(","))
    except ValueError:
        return False
    return abs(lat) <= 90 and abs(lon) <= 180 and 0 <= zoom <= 24  # noqa: PLR2004  degrees, zoom


def is_tile_address(text: str) -> bool:
    """Tell whether the text names a tile by {x}, {y} or {-y}, and {z}, on one host or in turn."""
    found = _ADDRESS.fullmatch(text) or _OWN_PATH.fullmatch(text)
    if found is None or len(text) > LONGEST_ADDRESS:
        return False
    return "{x}" in text and "{z}" in text and ("{y}" in text or "{-y}" in text)


def tile_source(text: str) -> str | None:
    """Return the source of the tiles as a content policy writes it; None is this server itself.

    Hosts that take turns, as in https://{a-c}.tiles.example, become https://*.tiles.example.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    turn = "*." if found["turn"] else ""
    return f"{found['scheme']}://{turn}{found['host']}{found['port'] or ''}"
