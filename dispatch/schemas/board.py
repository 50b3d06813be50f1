"""Which hours of the board are asked for, and what does it look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.fields import Moment, Shape
from dispatch.schemas.replies import CrewNameReply, TeamNameReply


class BoardQuery(Shape):
    """The window; two hours back and eight ahead unless told otherwise."""

    from_at = Moment(data_key="from", load_default=None)
    to_at = Moment(data_key="to", load_default=None)


class DutyReply(Schema):
    """A time on duty, cut to the window."""

    from_at = fields.DateTime()
    to_at = fields.DateTime()


class BarReply(Schema):
    """A visit or a task of a crew; times not yet reached are as expected."""

    kind = fields.String(metadata={"description": "visit or task"})
    id = fields.Integer()
    ticket = fields.String()
    task_kind = fields.String(allow_none=True)
    category = fields.String()
    level = fields.Integer()
    address = fields.String()
    state = fields.String()
    role = fields.String(allow_none=True)
    is_planned = fields.Boolean()
    pinned = fields.Boolean()
    from_at = fields.DateTime(metadata={"description": "When it was sent, or the task begins"})
    set_off_at = fields.DateTime(allow_none=True)
    drives_at = fields.DateTime(
        allow_none=True, metadata={"description": "From when a crew still to come can drive"}
    )
    arrives_at = fields.DateTime(
        allow_none=True, metadata={"description": "None where the crew never was there"}
    )
    is_arrived = fields.Boolean()
    ends_at = fields.DateTime(
        metadata={"description": "Expected from past repairs until `is_ended`"}
    )
    is_ended = fields.Boolean()
    due_at = fields.DateTime(
        allow_none=True, metadata={"description": "The promise to arrive that hangs on this visit"}
    )
    is_missed = fields.Boolean(
        allow_none=True, metadata={"description": "It was, or is expected to be, missed"}
    )


class BoardCrewReply(CrewNameReply):
    """A crew with its shifts and what it does in them."""

    team = fields.Nested(TeamNameReply)
    on_duty = fields.Boolean()
    duties = fields.List(fields.Nested(DutyReply))
    bars = fields.List(fields.Nested(BarReply))


class BoardReply(Schema):
    """The crews in sight over a window of time, by team and name."""

    as_of = fields.DateTime()
    from_at = fields.DateTime()
    to_at = fields.DateTime()
    crews = fields.List(fields.Nested(BoardCrewReply))
    work = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Mean time on site in seconds, by category"},
    )
