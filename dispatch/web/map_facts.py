"""What must a page's map know: where it begins and what lies under it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dispatch.config import Settings

KNOW_ROADS = frozenset({"roads", "osrm"})
"""Sources of travel times that also give the streets of a drive."""


def map_facts(settings: Settings) -> dict[str, Any]:
    """Return the map's settings as the scripts read them; the centre is longitude, latitude."""
    lat, lon, zoom = (float(part) for part in settings.map_center.split(","))
    return {
        "center": [lon, lat],
        "zoom": zoom,
        "isChosen": settings.map_center != type(settings).map_center,
        "url": settings.basemap_url,
        "datum": settings.basemap_datum,
        "attribution": settings.basemap_attribution,
        "knowsRoads": settings.travel in KNOW_ROADS,
    }
