"""Does a call-taker find a place by typing, and does a call go on without the network?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.geocoding import Located
from dispatch.adapters.place_lookup import Found, NamedPlace
from dispatch.api.places import LOOKUP
from dispatch.domain.sentences import say
from tests.factories import make_city, make_household

BOOK, ONLINE = "/api/v1/places/search", "/api/v1/places/search-online"


class Fixed:
    """A geocoder with one answer."""

    def __init__(self, found: Found) -> None:
        self.find = lambda _address: found


@pytest.fixture(autouse=True)
def city(app, now):
    with app.app_context(), transaction():
        make_city(now)
        make_household()


def test_a_mistyped_address_is_found_with_its_grid(sign_in):
    found = sign_in("call_taker").post(BOOK, json={"q": "furnog rd 8"}).json
    [place] = found["places"]
    assert (place["account"], place["grid"]["name"], place["as_good"]) == ("H-1", "West", True)
    assert (place["standing"], place["near"], found["online"]) == ("inside", None, False)


def test_without_a_geocoder_the_call_goes_on(sign_in):
    found = sign_in("call_taker").post(ONLINE, json={"q": "Nanhu Road"}).json
    assert found == {"places": [], "fault": "No online geocoder is set up."}


def test_an_online_answer_names_its_datum_and_its_grid(app, sign_in):
    places = tuple(
        NamedPlace(f"{name}, Renmin Road 3", Located(28.1472, lon, "gcj02", "amap"))
        for name, lon in (("West", 112.9556), ("East", 113.0556), ("Far", 116.0))
    )
    app.extensions[LOOKUP] = Fixed(Found(places))
    caller = sign_in("call_taker")
    assert caller.post(BOOK, json={"q": "x"}).json == {"places": [], "online": True}
    found = caller.post(ONLINE, json={"q": "Renmin Road 3"}).json["places"]
    assert [(each["datum"], (each["team"] or {}).get("name")) for each in found] == [
        ("gcj02", "West Team"),
        ("gcj02", "East Team"),
        ("gcj02", None),
    ]
    assert (found[0]["lat"], found[0]["lon"], found[0]["source"]) == (28.1472, 112.9556, "amap")


def test_a_geocoder_that_is_away_says_so(app, sign_in):
    app.extensions[LOOKUP] = Fixed(Found(fault=say("It took too long.")))
    answer = sign_in("call_taker").post(ONLINE, json={"q": "x"})
    assert (answer.status_code, answer.json["fault"]) == (200, "It took too long.")


@pytest.mark.parametrize("path", [BOOK, ONLINE])
def test_only_who_takes_calls_may_search(sign_in, path):
    assert sign_in("manager").post(path, json={"q": "x"}).status_code == 403
    assert sign_in("call_taker").post(path, json={"q": " "}).status_code == 422
