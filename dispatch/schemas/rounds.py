"""What may be asked about stewards' rounds, and how do the answers look?"""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length

from dispatch.domain.rounds import LONGEST_NOTE, MOST_STOPS, StopState
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.field_sync import TapPlaceShape
from dispatch.schemas.fields import Part, Shape, Whole, Words
from dispatch.schemas.live import PointReply

LONGEST_ADDRESS = 300
STATES = [str(state) for state in StopState]


class Day(Words):
    """A day of the utility, ISO 8601."""

    def __init__(self, **kwargs: Any) -> None:
        """Say how it is written."""
        super().__init__(10, metadata={"format": "date"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return date.fromisoformat(text)
        except ValueError as fault:
            raise ValidationError([say("Give a day such as 2026-03-02.")]) from fault


class RoundsQuery(Shape):
    """Whose rounds are asked for; the day is today where none is named."""

    day = Day(load_default=None)


class RoundShape(Shape):
    """Where a crew is to go: planned tickets by number, households by account."""

    crew = Whole(1, LARGEST_ROW_ID, required=True)
    day = Day(load_default=None)
    tickets = fields.List(Words(20, shortest=1), load_default=list, validate=Length(max=MOST_STOPS))
    households = fields.List(
        Words(64, shortest=1), load_default=list, validate=Length(max=MOST_STOPS)
    )


class NothingShape(Shape):
    """Nothing more is asked."""


class StopTapShape(Shape):
    """What a steward says of a stop that is over, and where the phone was (WGS-84)."""

    note = Words(LONGEST_NOTE, load_default="")
    position = Part(TapPlaceShape, load_default=None, allow_none=True)


class FindShape(Shape):
    """A fault that was found; the address is asked for on the way only."""

    category = Words(64, shortest=1, required=True)
    description = Words(LONGEST_NOTE, load_default="")
    address = Words(LONGEST_ADDRESS, load_default="")
    position = Part(TapPlaceShape, load_default=None, allow_none=True)


class StopReply(Schema):
    """One stop; `ticket` is its planned ticket, `found` the one that a find became.

    `name`, `remarks` and `note` are null for whoever may not see personal data.
    """

    id = fields.Integer()
    version = fields.Integer()
    turn = fields.Integer()
    state = fields.String(metadata={"enum": STATES})
    state_name = fields.String()
    address = fields.String()
    point = fields.Nested(PointReply, allow_none=True)
    account = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    remarks = fields.String(allow_none=True)
    vulnerable = fields.Boolean()
    ticket = fields.String(allow_none=True)
    category_name = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    ended_at = fields.DateTime(allow_none=True, metadata={"description": "The time that counts"})
    received_at = fields.DateTime(allow_none=True)
    time_quality = fields.String(allow_none=True)
    ended_by = fields.String(allow_none=True)
    found = fields.String(allow_none=True)
    may_undo = fields.Boolean()


class RoundReply(Schema):
    """The round of a crew on a day, its stops in the order of the way."""

    id = fields.Integer()
    day = fields.Date()
    crew_id = fields.Integer()
    crew = fields.String()
    crew_zh = fields.String(allow_none=True)
    made_by = fields.String()
    waiting = fields.Integer(metadata={"description": "How many stops are left"})
    metres = fields.Float(metadata={"description": "The whole way in straight lines"})
    stops = fields.List(fields.Nested(StopReply))


class OneRoundReply(Schema):
    """One round."""

    round = fields.Nested(RoundReply)


class RoundsReply(Schema):
    """The rounds of a day, by the name of the crew."""

    rounds = fields.List(fields.Nested(RoundReply))


class OneStopReply(Schema):
    """One stop as it is now."""

    stop = fields.Nested(StopReply)


class FoundReply(Schema):
    """The ticket that a find became."""

    ticket = fields.String()
