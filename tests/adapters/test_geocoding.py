"""Does a geocoder's answer become a place, and its silence nothing?"""

from __future__ import annotations

from pathlib import Path

import pytest
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderTimedOut, GeocoderUnavailable

from dispatch.adapters.geocoding import geocoder_for
from dispatch.config import Settings

NOMINATIM = [{"lat": "28.2278", "lon": "112.9388", "display_name": "Wuyi Square, Changsha"}]
BAIDU = {"status": 0, "result": {"location": {"lat": 28.2, "lng": 112.9}, "level": "道路"}}


def answering(answer):
    """Make a geopy adapter that answers every request with one thing."""

    class Adapter(BaseSyncAdapter):
        def get_json(self, url, *, timeout, headers):
            del url, timeout, headers
            if isinstance(answer, Exception):
                raise answer
            return answer

        def get_text(self, url, *, timeout, headers):
            raise AssertionError(url, timeout, headers)

    return lambda **_options: Adapter(proxies=None, ssl_context=None)


def settings(**given: str) -> Settings:
    return Settings(data_dir=Path("unused"), **given)


def test_none_is_configured_by_default():
    assert geocoder_for(settings()) is None


def test_an_answer_keeps_the_datum_of_its_source():
    geocode = geocoder_for(settings(geocoder="nominatim"), answering(NOMINATIM))
    found = geocode("Wuyi Square")
    assert (found.lat, found.lon, found.datum) == (28.2278, 112.9388, "wgs84")
    assert found.source == "nominatim"


def test_baidu_answers_in_its_own_datum():
    geocode = geocoder_for(settings(geocoder="baidu", geocoder_key="key"), answering(BAIDU))
    assert geocode("五一广场").datum == "bd09"


def test_amap_answers_in_its_own_datum():
    known = {"status": "1", "geocodes": [{"formatted_address": "五一路", "location": "112.9,28.2"}]}
    geocode = geocoder_for(settings(geocoder="amap", geocoder_key="key"), answering(known))
    found = geocode("五一路")
    assert (found.lat, found.lon, found.datum) == (28.2, 112.9, "gcj02")


@pytest.mark.parametrize("answer", [{"status": "0"}, {"status": "1", "geocodes": []}, [], {}])
def test_what_amap_does_not_know_is_no_place(answer):
    geocode = geocoder_for(settings(geocoder="amap", geocoder_key="key"), answering(answer))
    assert geocode("nowhere") is None


@pytest.mark.parametrize("silence", [[], GeocoderTimedOut("slow"), GeocoderUnavailable("away")])
def test_silence_is_no_place(silence):
    geocode = geocoder_for(settings(geocoder="nominatim"), answering(silence))
    assert geocode("nowhere at all") is None
