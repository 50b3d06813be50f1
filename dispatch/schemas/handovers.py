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


class ShiftNoteReply(Schema):
    """A remark in the log of the desk."""

    id = fields.Integer()
    at = fields.DateTime()
    author = fields.String()
    text = fields.String()


class LoggedReply(Schema):
    """A remark as it is read, with the ticket that it is about."""

    at = fields.DateTime()
    author = fields.String()
    text = fields.String()
    ticket = fields.String(allow_none=True)


class WholeHandoverReply(HandoverReply):
    """A handover with its signature, once it has one."""

    since = fields.DateTime(allow_none=True)
    text = fields.String()
    signed_at = fields.DateTime(allow_none=True)
    signer = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


class HandoversReply(Schema):
    """One page of handovers, the newest first."""

    handovers = fields.List(fields.Nested(WholeHandoverReply))
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()


class LogReply(Schema):
    """The log since the last handover; `facts` are promises, holds, alerts and disputes."""

    since = fields.DateTime(allow_none=True)
    notes = fields.List(fields.Nested(LoggedReply))
    facts = fields.Dict()


class HandoverWithFactsReply(WholeHandoverReply):
    """A handover with the remarks of its shift and how the desk stood."""

    notes = fields.List(fields.Nested(LoggedReply))
    facts = fields.Dict()


class OneHandoverReply(Schema):
    """One handover."""

    handover = fields.Nested(HandoverWithFactsReply)
