"""What does the answer look like that says what happened before at a place?"""

from __future__ import annotations

from marshmallow import Schema, fields


class SimilarTicketReply(Schema):
    """A ticket near another one or of its household, with its outcome."""

    number = fields.String()
    category_name = fields.String()
    level = fields.Integer()
    state = fields.String()
    state_name = fields.String()
    open = fields.Boolean()
    imported = fields.Boolean()
    received_at = fields.DateTime()
    completed_at = fields.DateTime(allow_none=True)
    address = fields.String()
    same_household = fields.Boolean()
    metres = fields.Float(allow_none=True)
    reopenings = fields.Integer()
    visits = fields.Integer(metadata={"description": "How many visits arrived"})
    cause_name = fields.String(
        allow_none=True, metadata={"description": "Why the last visit that failed could not fix it"}
    )


class ComplaintReply(Schema):
    """What a reporter was not content with; scores run from 1 to 5, null where skipped."""

    number = fields.String()
    answered_at = fields.DateTime()
    not_fixed = fields.Boolean()
    process = fields.Integer(allow_none=True)
    result = fields.Integer(allow_none=True)


class RoundVisitReply(Schema):
    """A steward at the household on a round; `found` is the ticket that came of it."""

    at = fields.DateTime()
    crew = fields.String()
    crew_zh = fields.String(allow_none=True)
    state = fields.String()
    state_name = fields.String()
    note = fields.String(allow_none=True)
    found = fields.String(allow_none=True)


class SimilarReply(Schema):
    """The tickets, the household's first, then complaints and rounds, the newest first."""

    similar = fields.List(fields.Nested(SimilarTicketReply))
    complaints = fields.List(fields.Nested(ComplaintReply))
    rounds = fields.List(fields.Nested(RoundVisitReply))
