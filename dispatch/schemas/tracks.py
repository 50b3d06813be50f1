"""Which hours of a crew's way are asked for, and what does it look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.fields import Moment, Shape
from dispatch.schemas.replies import CrewNameReply


class TrackQuery(Shape):
    """The window; the last eight hours unless told otherwise."""

    from_at = Moment(data_key="from", load_default=None)
    to_at = Moment(data_key="to", load_default=None)


class FixReply(Schema):
    """A position that was kept, WGS-84."""

    at = fields.DateTime()
    lat = fields.Float()
    lon = fields.Float()
    accuracy_metres = fields.Float(allow_none=True)


class MarkReply(Schema):
    """Something that the crew did, with the ticket and where that is."""

    kind = fields.String(metadata={"description": "set_off, arrived or ended"})
    at = fields.DateTime()
    ticket = fields.String()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)


class TrackReply(Schema):
    """The way of a crew between two instants."""

    crew = fields.Nested(CrewNameReply)
    from_at = fields.DateTime()
    to_at = fields.DateTime()
    gap_seconds = fields.Integer(
        metadata={"description": "Where two positions lie further apart, the way is not known"}
    )
    kept_days = fields.Integer(metadata={"description": "How long ways are kept"})
    points = fields.List(fields.Nested(FixReply))
    marks = fields.List(fields.Nested(MarkReply))
