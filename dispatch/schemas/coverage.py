"""What do the answers about coverage look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.live import PointReply
from dispatch.schemas.replies import GridNameReply

_CHANCE = {"description": "From 0 to 1"}


class CoverageHourReply(Schema):
    """Coverage at one instant; `share` is the mean chance by demand, null without grids."""

    hours = fields.Integer(metadata={"description": "Hours from now; 0 is now"})
    at = fields.DateTime()
    on_duty = fields.Integer(metadata={"description": "Crews on duty in the whole city"})
    share = fields.Float(allow_none=True, metadata=_CHANCE)


class CoverageGridReply(GridNameReply):
    """A grid: its tickets, and the chance that a crew is in time at each of the instants."""

    id = fields.Integer()
    tickets = fields.Integer()
    chances = fields.List(fields.Float(metadata=_CHANCE))


class CoverageWaitReply(Schema):
    """Where one idle crew should wait: in the middle of `grid`, or at the base of a crew.

    What it is for stands in `measure`: the `coverage` of the city, from 0 to 1, or the mean
    `arrival` at the next call, in seconds.
    """

    crew_id = fields.Integer()
    crew = fields.String()
    place = fields.Nested(PointReply)
    grid = fields.Nested(GridNameReply, allow_none=True)
    base_of = fields.String(allow_none=True)
    measure = fields.String(metadata={"description": "coverage or arrival"})
    before = fields.Float()
    after = fields.Float()


class CoverageReply(Schema):
    """The chance that a free crew is in time within 30 minutes, at most ten seconds old."""

    as_of = fields.DateTime()
    tickets = fields.Integer(metadata={"description": "Newest tickets that stand for the demand"})
    hours = fields.List(fields.Nested(CoverageHourReply))
    grids = fields.List(fields.Nested(CoverageGridReply))
    wait = fields.Nested(CoverageWaitReply, allow_none=True)
    notes = fields.List(fields.String())


class CrewLossReply(Schema):
    """The grid that falls most if a crew goes."""

    crew_id = fields.Integer()
    crew = fields.String()
    grid = fields.Nested(GridNameReply)
    before = fields.Float(metadata=_CHANCE)
    after = fields.Float(metadata=_CHANCE)


class CrewLossesReply(Schema):
    """Only the crews whose going takes more than five points from some grid."""

    crews = fields.List(fields.Nested(CrewLossReply))
