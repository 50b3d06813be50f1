"""What do the answers about crews, grids, places and changes look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.crew_fit import PARTS, VEHICLES
from dispatch.schemas.replies import GridNameReply, TeamNameReply, TicketReply

_VEHICLES, _PARTS = ", ".join(VEHICLES), ", ".join(PARTS)


class PointReply(Schema):
    """A point in WGS-84."""

    lat = fields.Float()
    lon = fields.Float()


class PositionReply(PointReply):
    """The last known position of a crew; `stale` when it is older than five minutes."""

    accuracy_metres = fields.Float(allow_none=True)
    measured_at = fields.DateTime()
    age_seconds = fields.Integer()
    stale = fields.Boolean()


class ActiveVisitReply(Schema):
    """A visit under way."""

    id = fields.Integer()
    ticket = fields.String()
    role = fields.String()
    state = fields.String()
    eta_at = fields.DateTime(allow_none=True)


class CrewReply(Schema):
    """A crew: its duty, position and visits under way."""

    id = fields.Integer()
    name = fields.String()
    name_zh = fields.String(
        allow_none=True, metadata={"description": "The name in Chinese, where there is one"}
    )
    vehicle = fields.String(allow_none=True)
    vehicle_class = fields.String(
        allow_none=True, metadata={"description": f"One of {_VEHICLES}; null is not recorded"}
    )
    carries = fields.List(
        fields.String(),
        allow_none=True,
        metadata={"description": f"Some of {_PARTS}; null is not recorded"},
    )
    contractor = fields.String(
        allow_none=True, metadata={"description": "The company; null is the utility's own staff"}
    )
    area = fields.List(
        fields.String(),
        allow_none=True,
        metadata={
            "description": "Names of the grids where it works alone; none: those of its own team; "
            "null: everywhere"
        },
    )
    team = fields.Nested(TeamNameReply)
    skills = fields.List(fields.String())
    on_duty = fields.Boolean()
    duty_ends_at = fields.DateTime(allow_none=True)
    base = fields.Nested(PointReply, allow_none=True)
    position = fields.Nested(PositionReply, allow_none=True)
    state = fields.String(
        metadata={"description": "off_duty, free, or the state of the furthest visit"}
    )
    state_name = fields.String()
    ticket = fields.String(allow_none=True)
    visits = fields.List(fields.Nested(ActiveVisitReply))


class CrewsReply(Schema):
    """The crews in the asker's scope, by name."""

    crews = fields.List(fields.Nested(CrewReply))


class GridsReply(Schema):
    """A GeoJSON FeatureCollection in WGS-84."""

    type = fields.String()
    features = fields.List(fields.Dict())


class FoundPlaceReply(Schema):
    """Whose ground a point is: `standing` is inside, border or outside."""

    place = fields.Nested(PointReply)
    grid = fields.Nested(GridNameReply, allow_none=True)
    team = fields.Nested(TeamNameReply, allow_none=True)
    standing = fields.String()
    others = fields.List(fields.String())
    metres = fields.Float(allow_none=True)


class HouseholdReply(Schema):
    """A household; the telephone number is masked."""

    account = fields.String()
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    address = fields.String()
    place = fields.Nested(PointReply, allow_none=True)
    remarks = fields.String(allow_none=True)
    vulnerable = fields.Boolean()


class HouseholdsReply(Schema):
    """The households that fit."""

    households = fields.List(fields.Nested(HouseholdReply))


class ClockworkReply(Schema):
    """Whether the promises are watched: ok, amber or red."""

    level = fields.String()
    overdue_seconds = fields.Float(allow_none=True)
    heartbeat_age_seconds = fields.Float(allow_none=True)


class LiveTicketReply(TicketReply):
    """A ticket on the desk, and whether any of its reporters left a telephone number."""

    has_phone = fields.Boolean()


class LiveReply(Schema):
    """What changed. With `reset` it is everything; else merge by number and higher version."""

    cursor = fields.String()
    reset = fields.Boolean()
    server_time = fields.DateTime()
    tickets = fields.List(fields.Nested(LiveTicketReply))
    removed = fields.List(fields.String())
    crews = fields.List(fields.Nested(CrewReply))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    clockwork = fields.Nested(ClockworkReply)
    viewers = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Who else has a ticket open on the desk just now, by its number"},
    )
