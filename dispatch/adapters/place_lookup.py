"""Which places does the configured online geocoder know for an address, within a few seconds?"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import BaiduV3, Nominatim
from geopy.location import Location

from dispatch.adapters.amap import Amap
from dispatch.adapters.geocoding import NOMINATIM_PAUSE_SECONDS, USER_AGENT, Located, nominatim_at
from dispatch.adapters.road_times.asking import Line, NoAnswer, Question
from dispatch.domain.errors import Invalid
from dispatch.domain.place import check_point
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.config import Settings
    from dispatch.domain.sentences import Sentence

log = logging.getLogger(__name__)

BUDGET_SECONDS = 4.0
"""A caller waits: whatever has not answered by then is away."""
MOST_FOUND, MOST_KEPT = 5, 500
UNREADABLE = say("Its answer cannot be read.")
_NEAR_DEGREES = 0.7
_LONGEST_NAME, _LONGEST_REASON = 300, 100


@dataclass(frozen=True)
class NamedPlace:
    """A place that a geocoder knows: its name there, and degrees in the geocoder's datum."""

    name: str
    at: Located


@dataclass(frozen=True)
class Found:
    """What came of one question: the places, or why there is no answer."""

    places: tuple[NamedPlace, ...] = ()
    fault: Sentence | None = None


class _Timely(BaseSyncAdapter):  # type: ignore[misc]  # likewise
    """Fetches within the whole of a time, as geopy's own adapter does for each read alone."""

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> Any:
        """Return the JSON at an address."""
        del headers
        parts = urlsplit(url)
        with Line(f"{parts.scheme}://{parts.netloc}", monotonic() + timeout) as line:
            return line.ask(Question(f"{parts.path}?{parts.query}"))

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        """Refuse: no geocoder of ours answers anything but JSON."""
        raise NotImplementedError(url, timeout, headers)


class PlaceLookup:
    """Asks one geocoder; what it answered is kept, its silence is not."""

    def __init__(
        self, ask: Callable[[str], list[Location]], datum: str, source: str, pause: float
    ) -> None:
        self.datum, self.source = datum, source
        self._ask = RateLimiter(
            ask, min_delay_seconds=pause, max_retries=0, swallow_exceptions=False
        )
        self._lock = Lock()
        self._kept: OrderedDict[str, Found] = OrderedDict()

    def find(self, address: str) -> Found:
        """Return the places of an address; a geocoder that is away or talks nonsense is a fault."""
        asked = " ".join(address.split()).casefold()
        with self._lock:
            if asked in self._kept:
                self._kept.move_to_end(asked)
                return self._kept[asked]
        try:
            found = Found(
                tuple(self._named(each) for each in self._ask(address) or ())[:MOST_FOUND]
            )
        except NoAnswer as fault:
            return Found(fault=fault.sentence)
        except GeocoderServiceError as fault:
            if not isinstance(fault, GeocoderParseError):
                reason = str(fault)[:_LONGEST_REASON]
                return Found(fault=say("It refuses: %(reason)s.", reason=reason))
            return Found(fault=UNREADABLE)
        except (Invalid, ValueError, TypeError, LookupError, AttributeError):
            log.warning("the geocoder's answer cannot be read", exc_info=True)
            return Found(fault=UNREADABLE)
        with self._lock:
            self._kept[asked] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _named(self, found: Location) -> NamedPlace:
        point = check_point(found.latitude, found.longitude)
        return NamedPlace(
            str(found.address)[:_LONGEST_NAME],
            Located(point.lat, point.lon, self.datum, self.source),
        )


def lookup_for(settings: Settings, budget: float = BUDGET_SECONDS) -> PlaceLookup | None:
    """Return the configured geocoder, None where none is; `budget` is seconds a question."""
    options: dict[str, Any] = {"user_agent": USER_AGENT, "adapter_factory": _timely}
    if settings.geocoder == "nominatim":
        nominatim = Nominatim(**nominatim_at(settings.geocoder_url), adapter_factory=_timely)
        near = _near(settings.map_center)

        def ask_nominatim(address: str) -> list[Location]:
            found: list[Location] = nominatim.geocode(
                address, exactly_one=False, limit=MOST_FOUND, viewbox=near, timeout=budget
            )
            return found

        return PlaceLookup(ask_nominatim, "wgs84", "nominatim", NOMINATIM_PAUSE_SECONDS)
    if settings.geocoder == "amap":
        amap = Amap(settings.geocoder_key, settings.geocoder_url, **options)

        def ask_amap(address: str) -> list[Location]:
            known = amap.geocode(address, exactly_one=False, timeout=budget)
            return known if isinstance(known, list) else []

        return PlaceLookup(ask_amap, "gcj02", "amap", 0.0)
    if settings.geocoder == "baidu":
        baidu = BaiduV3(api_key=settings.geocoder_key, **options)
        if settings.geocoder_url:
            baidu.api = settings.geocoder_url.rstrip("/") + baidu.api_path

        def ask_baidu(address: str) -> list[Location]:
            # Baidu names the kind of place it found, and not its address.
            found = baidu.geocode(address, timeout=budget)
            return [Location(address, tuple(found.point)[:2], found.raw)] if found else []

        return PlaceLookup(ask_baidu, "bd09", "baidu", 0.0)
    return None


def _timely(**options: Any) -> _Timely:
    return _Timely(**options)


def _near(map_center: str) -> list[tuple[float, float]]:
    """Return the corners of the box around the utility that is looked at first."""
    lat, lon = (float(part) for part in map_center.split(",")[:2])
    return [
        (lat - _NEAR_DEGREES, lon - _NEAR_DEGREES),
        (lat + _NEAR_DEGREES, lon + _NEAR_DEGREES),
    ]
