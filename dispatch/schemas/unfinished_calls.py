"""How does a call that broke off look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Part, Shape, Whole, Words

LONGEST_TEXT, LONGEST_LINE = 4_000, 300


class CallWordsShape(Shape):
    """The fields of the form as they stand; nothing of them is checked before the ticket is."""

    phone = Words(64)
    name = Words(100)
    address = Words(LONGEST_LINE)
    lat = Words(64)
    lon = Words(64)
    datum = Words(16)
    source = Words(16)
    household = Words(64)
    kind = Words(64)
    category = Words(64)
    level = Words(4)
    description = Words(LONGEST_TEXT)
    answers = Words(LONGEST_TEXT)
    dangers = Words(LONGEST_TEXT)


class UnfinishedCallShape(Shape):
    """A call to keep; `id` is that of the unfinished call it was taken up from."""

    words = Part(CallWordsShape, required=True)
    id = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)


class UnfinishedCallReply(Schema):
    """A call that waits: who kept it, and who took it up; the telephone number is masked."""

    id = fields.Integer()
    author = fields.String()
    kept_at = fields.DateTime()
    phone = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    taken_by = fields.String(allow_none=True)
    taken_at = fields.DateTime(allow_none=True)
    ended = fields.Boolean()


class OneUnfinishedCallReply(Schema):
    """One call; `words` only for who takes it up."""

    call = fields.Nested(UnfinishedCallReply)
    words = fields.Dict(keys=fields.String(), values=fields.String())


class UnfinishedCallsReply(Schema):
    """The calls that wait, the newest first, and how many there are."""

    calls = fields.List(fields.Nested(UnfinishedCallReply))
    total = fields.Integer()
