"""Which places does a call-taker mean who types an address?"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify

from dispatch.access import current_time, requires
from dispatch.adapters.place_lookup import PlaceLookup, lookup_for
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Datum, Point, to_wgs84
from dispatch.domain.sentences import say
from dispatch.queries.address_book import find_places, owners_of
from dispatch.schemas.places import BookedPlacesReply, OnlinePlacesReply, TypedPlaceQuery

blueprint = ApiBlueprint(
    "places", __name__, url_prefix="/api/v1/places", description="Places found by typing"
)

LOOKUP = "place_lookup"


@blueprint.posts("/search")
@requires(Permission.TAKE_CALL)
@blueprint.reads(TypedPlaceQuery)
@blueprint.answers(200, BookedPlacesReply)
def search(asked: dict[str, Any]) -> Response:
    """Find places of the address book, also mistyped, in pinyin or by initials, with their grid."""
    places = find_places(asked["q"], now=current_time(), limit=asked["limit"])
    return jsonify({"places": places, "online": _lookup() is not None})


@blueprint.posts("/search-online")
@requires(Permission.TAKE_CALL)
@blueprint.reads(TypedPlaceQuery)
@blueprint.answers(200, OnlinePlacesReply)
def search_online(asked: dict[str, Any]) -> Response:
    """Ask the online geocoder; where it is away, why, so that the call goes on without it."""
    lookup = _lookup()
    if lookup is None:
        return jsonify({"places": [], "fault": say("No online geocoder is set up.")})
    found = lookup.find(asked["q"])
    points = [
        to_wgs84(Point(each.at.lat, each.at.lon), Datum(each.at.datum)) for each in found.places
    ]
    places = [
        {
            "address": each.name,
            "lat": each.at.lat,
            "lon": each.at.lon,
            "datum": each.at.datum,
            "source": each.at.source,
        }
        | owner
        for each, owner in zip(found.places, owners_of(points, current_time()), strict=True)
    ]
    return jsonify({"places": places[: asked["limit"]], "fault": found.fault})


def _lookup() -> PlaceLookup | None:
    """Return the geocoder of this process, which keeps its answers and its pace."""
    if LOOKUP not in current_app.extensions:
        current_app.extensions[LOOKUP] = lookup_for(current_app.config["SETTINGS"])
    lookup: PlaceLookup | None = current_app.extensions[LOOKUP]
    return lookup
