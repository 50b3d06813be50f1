"""What does a step for many tickets look like on the wire?"""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields

from dispatch.domain.desk_message import LONGEST_DESK_TEXT
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Choice, Flag, Part, Shape, Whole, Words
from dispatch.schemas.replies import CrewNameReply
from dispatch.schemas.tickets import LONGEST_LINE, LONGEST_TEXT

MOST_AT_ONCE = 200
BULK_STEPS = (
    "dispatch", "redispatch", "merge", "close", "cancel", "note", "withdraw", "separate", "reopen",
    "message", "unsend",
)  # fmt: skip
OUTCOMES = ("done", "refused", "stale", "not_found", "repeated")


def check_count(tickets: list[object]) -> None:
    """Refuse an empty list and one that is too long."""
    if not tickets:
        raise ValidationError([say("Choose at least one ticket.")])
    if len(tickets) > MOST_AT_ONCE:
        fault = say("At most %(most)s tickets at once. Send the others after.", most=MOST_AT_ONCE)
        raise ValidationError([fault])


class BulkTicketShape(Shape):
    """One ticket of many: its number and the version that was seen."""

    number = Words(32, shortest=1, required=True)
    version = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)
    crew_id = Whole(
        1,
        LARGEST_ROW_ID,
        load_default=None,
        allow_none=True,
        metadata={"description": "The crew to send; left out, the one that the rule would send"},
    )


class TextsShape(Shape):
    """What the desk writes, by language; one of them is enough."""

    en = Words(LONGEST_DESK_TEXT)
    zh = Words(LONGEST_DESK_TEXT, data_key="zh-CN", attribute="zh-CN")


class BulkShape(Shape):
    """A step for many tickets; `preview` tells what it would do and changes nothing."""

    step = Choice(BULK_STEPS, required=True)
    tickets = fields.List(
        Part(BulkTicketShape),
        required=True,
        validate=check_count,
        metadata={"minItems": 1, "maxItems": MOST_AT_ONCE},
    )
    preview = Flag(load_default=False)
    reason = Words(LONGEST_LINE)
    note = Words(LONGEST_TEXT)
    into = Words(32)
    texts = Part(TextsShape, metadata={"description": "What `message` says"})
    message_key = Words(
        64,
        metadata={"description": "Names one message: nobody gets it twice; `unsend` takes it back"},
    )


class UndoReply(Schema):
    """The step for many that takes this one back; send it with the version of the row."""

    step = fields.String()
    crew_id = fields.Integer(allow_none=True)
    message_key = fields.String(allow_none=True)


class BulkRowReply(Schema):
    """What became of one ticket."""

    number = fields.String()
    outcome = fields.String(metadata={"enum": list(OUTCOMES)})
    message = fields.String(
        allow_none=True, metadata={"description": "Why it was refused, in the reader's language"}
    )
    version = fields.Integer(allow_none=True)
    state = fields.String(allow_none=True)
    state_name = fields.String(allow_none=True)
    category_name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    crew = fields.Nested(CrewNameReply, allow_none=True)
    recipients = fields.Integer(
        allow_none=True, metadata={"description": "How many reporters a message goes to"}
    )
    undo = fields.Nested(UndoReply, allow_none=True)


class BulkReply(Schema):
    """One row for each ticket, in the order in which they were named."""

    preview = fields.Boolean()
    done = fields.Integer()
    rows = fields.List(fields.Nested(BulkRowReply))
