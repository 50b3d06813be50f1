"""Is what AMap answers read as it is meant?"""

from __future__ import annotations

import pytest
from geopy.exc import GeocoderParseError, GeocoderServiceError

from dispatch.adapters.amap import places_in


def test_the_longitude_comes_first():
    [place] = places_in(
        {"status": "1", "geocodes": [{"formatted_address": "五一路", "location": "112.9,28.2"}]}
    )
    assert (place.address, place.latitude, place.longitude) == ("五一路", 28.2, 112.9)


def test_a_refusal_says_why():
    with pytest.raises(GeocoderServiceError, match="INVALID_USER_KEY"):
        places_in({"status": "0", "info": "INVALID_USER_KEY"})


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"status": "1"},
        {"status": "1", "geocodes": [{}]},
        None,
        {"status": 1, "geocodes": [7]},
    ],
)
def test_nonsense_cannot_be_read(answer):
    with pytest.raises(GeocoderParseError):
        places_in(answer)
