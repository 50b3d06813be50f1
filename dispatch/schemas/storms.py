"""How does storm mode look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.storm import StormKind
from dispatch.schemas.fields import Choice, Flag, Moment, Shape, Words
from dispatch.schemas.tickets import LONGEST_LINE

MOST_GRIDS = 500


class StormShape(Shape):
    """A storm as somebody switches it on; without grids it is the whole city."""

    kind = Choice([str(kind) for kind in StormKind], required=True)
    reason = Words(LONGEST_LINE, shortest=1, required=True)
    grids = fields.List(Words(200), load_default=list, metadata={"maxItems": MOST_GRIDS})
    ends_at = Moment(required=True)


class StormEndShape(Shape):
    """Another expected end."""

    ends_at = Moment(required=True)


class VulnerableShape(Shape):
    """Whether the people of a household need water or help first."""

    account = Words(64, shortest=1, required=True)
    vulnerable = Flag(required=True)


class StormReply(Schema):
    """One storm; no grids are the whole city, `on` tells whether it lasts."""

    id = fields.Integer()
    version = fields.Integer()
    kind = fields.String(metadata={"enum": [str(kind) for kind in StormKind]})
    kind_name = fields.String()
    reason = fields.String()
    grids = fields.List(fields.String())
    begun_at = fields.DateTime()
    begun_by = fields.String()
    ends_at = fields.DateTime(metadata={"description": "The expected end"})
    ended_at = fields.DateTime(allow_none=True)
    ended_by = fields.String(allow_none=True)
    on = fields.Boolean()


class OneStormReply(Schema):
    """One storm."""

    storm = fields.Nested(StormReply)


class StormsReply(Schema):
    """The newest storms, those that are on first."""

    storms = fields.List(fields.Nested(StormReply))


class VulnerableReply(Schema):
    """What is known of the household now."""

    account = fields.String()
    vulnerable = fields.Boolean()


class StormCrewReply(Schema):
    """A crew on duty."""

    id = fields.Integer()
    name = fields.String()
    name_zh = fields.String(allow_none=True)
    free = fields.Boolean()
    state_name = fields.String()


class NearestReply(StormCrewReply):
    """The crew that is nearest, a free one before the others."""

    metres = fields.Integer()


class StormTicketReply(Schema):
    """One ticket of a card."""

    number = fields.String()
    version = fields.Integer()
    level = fields.Integer()
    category_name = fields.String()
    state = fields.String()
    state_name = fields.String()
    waiting = fields.Boolean()
    address = fields.String()
    received_at = fields.DateTime()
    callers = fields.Integer()
    vulnerable = fields.Boolean()


class CountReply(Schema):
    """How many tickets are of a category."""

    name = fields.String()
    count = fields.Integer()


class CardReply(Schema):
    """The tickets of one place; `lead` is the most urgent, `waiting` have no crew."""

    lead = fields.String()
    address = fields.String()
    addresses = fields.Integer()
    categories = fields.List(fields.Nested(CountReply))
    count = fields.Integer()
    callers = fields.Integer()
    oldest_at = fields.DateTime()
    worst = fields.Integer()
    vulnerable = fields.Integer()
    waiting = fields.Integer()
    nearest = fields.Nested(NearestReply, allow_none=True)
    tickets = fields.List(fields.Nested(StormTicketReply))


class CardsReply(Schema):
    """The places of the storms that are on, at most 200 of `total`."""

    on = fields.Boolean()
    total = fields.Integer()
    tickets = fields.Integer()
    cards = fields.List(fields.Nested(CardReply))
    crews = fields.List(fields.Nested(StormCrewReply))
