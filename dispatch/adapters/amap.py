"""Which places does AMap (高德) know for an address?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from geopy.exc import GeocoderParseError, GeocoderServiceError
from geopy.geocoders.base import Geocoder
from geopy.location import Location

AMAP = "https://restapi.amap.com"
LONGEST_REASON = 100


class Amap(Geocoder):  # type: ignore[misc]  # geopy has no types
    """AMap's geocoder, version 3 of 地理编码, which answers in GCJ-02 with the longitude first."""

    def __init__(self, api_key: str, url: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._key, self._url = api_key, (url or AMAP).rstrip("/")

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: float | None = None
    ) -> list[Location] | Location | None:
        """Return the first place that AMap knows, or all of them.

        Raises:
            GeopyError: when AMap refuses, or answers what cannot be read.
        """
        asked = urlencode({"key": self._key, "address": query, "output": "JSON"})
        url = f"{self._url}/v3/geocode/geo?{asked}"
        limits = {} if timeout is None else {"timeout": timeout}
        found: list[Location] = self._call_geocoder(url, places_in, **limits)
        if not exactly_one:
            return found
        return found[0] if found else None


def places_in(answer: dict[str, Any]) -> list[Location]:
    """Return the places of an answer.

    Raises:
        GeopyError: when AMap refuses, or answers what cannot be read.
    """
    try:
        if str(answer["status"]) != "1":
            raise GeocoderServiceError(str(answer.get("info"))[:LONGEST_REASON])
        found = []
        for each in answer["geocodes"]:
            lon, lat = each["location"].split(",")
            found.append(Location(each["formatted_address"], (float(lat), float(lon)), each))
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise GeocoderParseError(str(fault)[:LONGEST_REASON]) from fault
    return found
