"""How does a phone say where its crew was, and how does the answer look?"""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length

from dispatch.domain.position_batch import MOST_POSITIONS
from dispatch.schemas.fields import Degrees, Flag, Moment, Shape


class PositionShape(Shape):
    """One position, WGS-84, when it was measured by the phone's clock, and how exact in metres."""

    lat = Degrees(required=True)
    lon = Degrees(required=True)
    accuracy = fields.Float(load_default=None, allow_none=True, allow_nan=False)
    at = Moment(required=True)
    mocked = Flag(
        load_default=False,
        metadata={"description": "The phone says that a program made the position up"},
    )


class PositionsShape(Shape):
    """Positions in any order; `at` is the phone's time of sending."""

    at = Moment(load_default=None, allow_none=True)
    positions = fields.List(
        fields.Nested(PositionShape), required=True, validate=Length(max=MOST_POSITIONS)
    )


class WatchReply(Schema):
    """Whether positions are wanted now: on shift, or on a ticket that the crew took."""

    wanted = fields.Boolean()
    until = fields.DateTime(
        allow_none=True, metadata={"description": "End of the shift, where it is in sight"}
    )


class PositionsReply(WatchReply):
    """How many positions were kept; the others were off shift, too old, or no place."""

    kept = fields.Integer()
    left_out = fields.Integer()
