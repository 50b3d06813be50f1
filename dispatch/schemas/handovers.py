"""What may be written into the log of the desk, and what is told of a handover?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.fields import Shape, Words
from dispatch.schemas.tickets import LONGEST_LINE, LONGEST_TEXT


class ShiftNoteShape(Shape):
    """A remark, about a ticket or not."""

    text = Words(LONGEST_TEXT, load_default="")
    ticket = Words(32, load_default="")


class HandoverShape(Shape):
    """What the leaving dispatcher says."""

    text = Words(LONGEST_TEXT, load_default="")


class SignatureShape(Shape):
    """What the next dispatcher remarks."""

    remark = Words(LONGEST_LINE, load_default="")


class HandoverReply(Schema):
    """A handover that nobody has signed yet; `mine` when the asker wrote it."""

    id = fields.Integer()
    at = fields.DateTime()
    author = fields.String()
    mine = fields.Boolean()


class WaitingReply(Schema):
    """The newest of them, null where none waits."""

    handover = fields.Nested(HandoverReply, allow_none=True)
