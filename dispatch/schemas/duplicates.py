"""What is known of a fault that is being typed, and what do the open tickets like it look like?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.place import Datum
from dispatch.schemas.fields import Choice, Degrees, Phone, Shape, Words
from dispatch.schemas.notices import SuggestedNoticeReply
from dispatch.schemas.tickets import LONGEST_LINE, LONGEST_TEXT


class DuplicateQuery(Shape):
    """A fault that is about to be reported; nothing of it must be known."""

    category = Choice([rule.key for rule in CATEGORIES], load_default=None)
    lat = Degrees(load_default=None)
    lon = Degrees(load_default=None)
    datum = Choice([str(datum) for datum in Datum], load_default="wgs84")
    address = Words(LONGEST_LINE, load_default="")
    q = Words(LONGEST_TEXT, load_default="")
    phone = Phone(load_default=None)
    household = Words(64, load_default=None)
    ticket = Words(32, load_default=None)


class CrewOnItReply(Schema):
    """The crew that leads on a ticket; `metres` from the place, `seen_seconds` ago."""

    id = fields.Integer()
    name = fields.String()
    name_zh = fields.String(allow_none=True)
    state = fields.String()
    state_name = fields.String()
    eta_at = fields.DateTime(allow_none=True)
    arrived_at = fields.DateTime(allow_none=True)
    metres = fields.Integer(
        allow_none=True, metadata={"description": "Null where nobody saw it for two hours"}
    )
    seen_seconds = fields.Integer(allow_none=True)


class DuplicateReply(Schema):
    """An open ticket that may be the same fault; the score runs from 0 to 1."""

    number = fields.String()
    score = fields.Float()
    metres = fields.Integer(allow_none=True)
    reasons = fields.List(
        fields.String(), metadata={"description": "Sentences in the reader's language"}
    )
    category = fields.String()
    category_name = fields.String()
    level = fields.Integer()
    state = fields.String()
    state_name = fields.String()
    address = fields.String()
    received_at = fields.DateTime()
    arrive_due_at = fields.DateTime(allow_none=True)
    arrived_at = fields.DateTime(allow_none=True)
    restore_due_at = fields.DateTime(allow_none=True)
    reports = fields.Integer(metadata={"description": "How many have called about it"})
    crew = fields.Nested(CrewOnItReply, allow_none=True)
    photo = fields.String(
        allow_none=True, metadata={"description": "The id of its first attachment"}
    )


class DuplicatesReply(Schema):
    """The likeliest first; a ticket that a notice names is told with the notice."""

    duplicates = fields.List(fields.Nested(DuplicateReply))
    notices = fields.List(fields.Nested(SuggestedNoticeReply))
