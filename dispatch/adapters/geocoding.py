"""Where does an online geocoder think an address is?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from geopy.exc import GeopyError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import BaiduV3, Nominatim

from dispatch.adapters.amap import Amap

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.config import Settings

TIMEOUT_SECONDS = 10
# Nominatim's public usage policy: at most one request a second, with an application's own name.
NOMINATIM_PAUSE_SECONDS = 1.0
USER_AGENT = "onevisit-dispatch"


@dataclass(frozen=True)
class Located:
    """What a geocoder answered: degrees in its own datum."""

    lat: float
    lon: float
    datum: str
    source: str


class Geocode(Protocol):
    """Find an address; None when there is no such place or the geocoder is away."""

    def __call__(self, address: str) -> Located | None:
        """Ask for one address."""


def geocoder_for(
    settings: Settings, adapter_factory: Callable[..., Any] | None = None
) -> Geocode | None:
    """Return the configured geocoder, or None where none is.

    `adapter_factory` replaces geopy's network in tests.
    """
    options: dict[str, Any] = {"timeout": TIMEOUT_SECONDS, "adapter_factory": adapter_factory}
    if settings.geocoder == "nominatim":
        nominatim = Nominatim(**nominatim_at(settings.geocoder_url), **options)
        return _asking(nominatim.geocode, NOMINATIM_PAUSE_SECONDS, "wgs84", "nominatim")
    if settings.geocoder == "amap":
        amap = Amap(settings.geocoder_key, settings.geocoder_url, user_agent=USER_AGENT, **options)
        return _asking(amap.geocode, 0.0, "gcj02", "amap")
    if settings.geocoder == "baidu":
        baidu = BaiduV3(api_key=settings.geocoder_key, user_agent=USER_AGENT, **options)
        return _asking(baidu.geocode, 0.0, "bd09", "baidu")
    return None


def nominatim_at(url: str) -> dict[str, str]:
    """Return what geopy is told of a Nominatim server, named by its host or its address."""
    scheme, _, host = (url or "nominatim.openstreetmap.org").rpartition("://")
    return {"domain": host.rstrip("/"), "scheme": scheme or "https", "user_agent": USER_AGENT}


def _asking(geocode: Callable[..., Any], pause: float, datum: str, source: str) -> Geocode:
    limited = RateLimiter(geocode, min_delay_seconds=pause, max_retries=0, swallow_exceptions=False)

    def ask(address: str) -> Located | None:
        try:
            found = limited(address)
        except GeopyError:
            return None
        if found is None:
            return None
        return Located(found.latitude, found.longitude, datum, source)

    return ask
