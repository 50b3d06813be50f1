"""How do a few typed letters and what they may mean look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.fields import Shape, Words
from dispatch.schemas.live import HouseholdReply


class PaletteQuery(Shape):
    """What was typed."""

    q = Words(100, shortest=1, required=True)


class MeantTicketReply(Schema):
    """A ticket that may be meant, open or past."""

    number = fields.String()
    level = fields.Integer()
    state = fields.String()
    state_name = fields.String()
    category_name = fields.String()
    address = fields.String()
    received_at = fields.DateTime()
    is_open = fields.Boolean()


class PaletteReply(Schema):
    """What may be meant; households only for those who take calls."""

    tickets = fields.List(fields.Nested(MeantTicketReply))
    households = fields.List(fields.Nested(HouseholdReply))
