"""What may be asked about follow-ups, and what does an answer look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.follow_up import LONGEST_NOTE, Fixed, Round
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Choice, Shape, Whole, Words

LONGEST_PAUSE = 7 * 24 * 60


class FollowUpQuery(Shape):
    """Which calls are asked for."""

    limit = Whole(1, 200, load_default=100)


class AnswerShape(Shape):
    """What a reporter said; scores may be left out."""

    answer = Choice([str(each) for each in Fixed], required=True)
    process = Whole(1, 5, load_default=None, allow_none=True)
    result = Whole(1, 5, load_default=None, allow_none=True)
    note = Words(LONGEST_NOTE, load_default="")
    version = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)


class SilenceShape(Shape):
    """A call that nobody took, and in how many minutes it is tried again."""

    again_in = Whole(5, LONGEST_PAUSE, load_default=None, allow_none=True)
    version = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)


class FollowUpReply(Schema):
    """One question to one reporter; the name and the number are masked."""

    id = fields.Integer()
    version = fields.Integer()
    number = fields.String(metadata={"description": "Of the ticket"})
    round = fields.String(metadata={"enum": [str(each) for each in Round]})
    round_name = fields.String()
    state = fields.String()
    category = fields.String()
    category_name = fields.String()
    level = fields.Integer()
    address = fields.String()
    reporter = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    crew = fields.String(allow_none=True)
    about_at = fields.DateTime()
    due_at = fields.DateTime()
    call_at = fields.DateTime()
    late_at = fields.DateTime()
    is_overdue = fields.Boolean()
    tries = fields.Integer()
    tried_at = fields.DateTime(allow_none=True)
    taken_by = fields.String(allow_none=True)
    taken_by_id = fields.Integer(allow_none=True)
    taken_until = fields.DateTime(allow_none=True)
    fixed = fields.String(allow_none=True)
    process = fields.Integer(allow_none=True)
    result = fields.Integer(allow_none=True)
    note = fields.String(allow_none=True)
    answered_at = fields.DateTime(allow_none=True)
    week = fields.String(allow_none=True)


class FollowUpsReply(Schema):
    """The calls that are due, the overdue ones first."""

    follow_ups = fields.List(fields.Nested(FollowUpReply))


class OneFollowUpReply(Schema):
    """One question to one reporter."""

    follow_up = fields.Nested(FollowUpReply)
