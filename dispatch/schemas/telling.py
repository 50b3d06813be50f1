"""What does the foresight of a message to many reporters look like on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.bulk import (
    MOST_AT_ONCE,
    BulkRowReply,
    TextsShape,
    check_count,
)
from dispatch.schemas.fields import Part, Shape, Words


class RecipientsShape(Shape):
    """The tickets whose reporters would get a message, and what it would say."""

    numbers = fields.List(
        Words(32, shortest=1),
        required=True,
        validate=check_count,
        metadata={"minItems": 1, "maxItems": MOST_AT_ONCE},
    )
    texts = Part(TextsShape, required=True)


class RecipientGroupReply(Schema):
    """Those who get it by one channel in one language, with the words of the first of them."""

    channel = fields.String()
    channel_name = fields.String()
    language = fields.String()
    count = fields.Integer()
    text = fields.String()
    parts = fields.Integer(metadata={"description": "Into how many text messages it is split"})


class RecipientsReply(Schema):
    """How many people get a message, each once, and what becomes of each ticket."""

    people = fields.Integer()
    unwanted = fields.Integer(metadata={"description": "Reports of those who want no messages"})
    is_set_up = fields.Boolean(metadata={"description": "Whether text messages are set up"})
    sent_at = fields.DateTime(metadata={"description": "Until then it can be taken back for all"})
    waiting = fields.Integer(metadata={"description": "How many get it after the quiet hours"})
    quiet_until = fields.DateTime(allow_none=True)
    groups = fields.List(fields.Nested(RecipientGroupReply))
    rows = fields.List(fields.Nested(BulkRowReply))
