"""Where are crews, grids and households, and whose is a point?"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from dispatch.access import current_scope, current_time, requires
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.duplicates import Reported
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Permission
from dispatch.domain.phone_numbers import phone_key
from dispatch.domain.place import Datum, Point, check_point, to_wgs84
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_id_of
from dispatch.queries.crews import crew_rows
from dispatch.queries.duplicates import likely_duplicates
from dispatch.queries.grid_map import grid_features, owner_of
from dispatch.queries.households import find_households, household_id_of
from dispatch.queries.notices import suggested_notices
from dispatch.schemas.duplicates import DuplicateQuery, DuplicatesReply
from dispatch.schemas.live import CrewsReply, FoundPlaceReply, GridsReply, HouseholdsReply
from dispatch.schemas.tickets import HouseholdQuery, PointQuery

blueprint = ApiBlueprint(
    "city", __name__, url_prefix="/api/v1", description="Crews, grids, households and places"
)


@blueprint.gets("/crews")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, CrewsReply)
def crews() -> Response:
    """List the crews: on duty or not, where, and on which ticket."""
    return jsonify({"crews": crew_rows(current_scope(), current_time())})


@blueprint.gets("/grids.geojson")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, GridsReply)
def grids() -> Response:
    """Return the grids that are valid now, as GeoJSON."""
    features, stamp = grid_features(current_time(), unless=request.if_none_match.as_set())
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    if features is None:
        answer = Response(status=304)
    answer.set_etag(stamp)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@blueprint.gets("/places")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(PointQuery, "query")
@blueprint.answers(200, FoundPlaceReply)
def place(asked: dict[str, Any]) -> Response:
    """Tell which grid and team a point belongs to."""
    return jsonify(owner_of(_point(asked), current_time()))


@blueprint.posts("/households/search")
@requires(Permission.TAKE_CALL)
@blueprint.reads(HouseholdQuery)
@blueprint.answers(200, HouseholdsReply)
def households(asked: dict[str, Any]) -> Response:
    """Find a household by account, name, address or telephone, which no address may hold."""
    found = find_households(search=asked["q"], phone=asked["phone"], limit=asked["limit"])
    return jsonify({"households": found})


@blueprint.posts("/duplicates/search")
@requires(Permission.TAKE_CALL)
@blueprint.reads(DuplicateQuery)
@blueprint.answers(200, DuplicatesReply)
def duplicates(asked: dict[str, Any]) -> Response:
    """Suggest open tickets that may be about the same fault, the likeliest first.

    Each says why, in sentences, with its promise, its callers and where its crew is. Published
    interruptions that explain it stand apart, with what the caller is told.
    """
    phone = phone_key(asked["phone"])
    new = Reported(
        category=asked["category"],
        received_at=current_time(),
        ticket_id=ticket_id_of(asked["ticket"]) if asked["ticket"] else None,
        point=_point(asked) if _has_point(asked) else None,
        text=asked["q"],
        address=asked["address"],
        phones=frozenset({phone} if phone else ()),
        household_id=household_id_of(asked["household"]) if asked["household"] else None,
    )
    now = current_time()
    notices = suggested_notices(new.point, new.category, now) if new.point else []
    told = {each["ticket"] for each in notices}
    found = likely_duplicates(new, current_scope(), now=now)
    return jsonify(
        {
            "duplicates": [each for each in found if each["number"] not in told],
            "notices": notices,
        }
    )


def _has_point(asked: dict[str, Any]) -> bool:
    given = [asked[name] is not None for name in ("lat", "lon")]
    if any(given) and not all(given):
        fault = say("Give the latitude and the longitude.")
        raise Invalid(fault, fields={"lat": fault})
    return all(given)


def _point(asked: dict[str, Any]) -> Point:
    return to_wgs84(check_point(asked["lat"], asked["lon"]), Datum(asked["datum"]))
