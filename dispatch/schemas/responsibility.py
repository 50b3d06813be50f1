"""What does the answer look like that says who held a ticket?"""

from __future__ import annotations

from marshmallow import Schema, fields


class HolderReply(Schema):
    """Desk, team, crew, department, hold or nobody; how it is called."""

    kind = fields.String()
    kind_name = fields.String()
    key = fields.String(metadata={"description": "Id of a team or crew, reason, kind of task"})
    name = fields.String()
    name_zh = fields.String(allow_none=True)


class SpanReply(Schema):
    """One stretch of time in one pair of hands; the end is not included."""

    from_at = fields.DateTime()
    to_at = fields.DateTime()
    seconds = fields.Float()
    holder = fields.Nested(HolderReply)


class HeldReply(Schema):
    """What one holder adds up to, and its share of the whole from 0 to 1."""

    holder = fields.Nested(HolderReply)
    seconds = fields.Float()
    share = fields.Float()


class BrokenReply(Schema):
    """A promise that broke, and in whose hands; `raw_only`: kept once its holds are taken out."""

    clock = fields.String()
    clock_name = fields.String()
    at = fields.DateTime()
    raw_only = fields.Boolean()
    holder = fields.Nested(HolderReply, allow_none=True)


class ResponsibilityPart(Schema):
    """From the receipt to the end, or to now: gapless spans, sums and broken promises."""

    from_at = fields.DateTime()
    to_at = fields.DateTime()
    seconds = fields.Float()
    ended = fields.Boolean()
    spans = fields.List(fields.Nested(SpanReply))
    holders = fields.List(fields.Nested(HeldReply))
    broken = fields.List(fields.Nested(BrokenReply))


class ResponsibilityReply(Schema):
    """Who held one ticket."""

    responsibility = fields.Nested(ResponsibilityPart)
