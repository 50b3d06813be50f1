"""How does the answer look that says how long a pause may last?"""

from __future__ import annotations

from marshmallow import Schema, fields


class HoldLimitReply(Schema):
    """The longest pause for one reason, and when one that begins now would end."""

    reason = fields.String()
    name = fields.String()
    longest = fields.Dict(metadata={"description": "`minutes` or `working_days`"})
    ends_at = fields.DateTime()


class HoldLimitsReply(Schema):
    """The longest pause for every reason."""

    holds = fields.List(fields.Nested(HoldLimitReply))
