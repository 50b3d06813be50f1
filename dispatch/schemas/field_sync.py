"""How does a phone send what it stored, and how does the answer look?"""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length

from dispatch.domain.field_commands import MOST_COMMANDS
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Flag, Moment, Part, Shape, Whole, Words

_LONGEST_MS = 366 * 24 * 3600 * 1000.0


class PhoneShape(Shape):
    """A phone that a crew begins to use."""

    name = Words(80, shortest=1, required=True)


class PhoneReply(Schema):
    """A phone; its token is told this once."""

    id = fields.Integer()
    token = fields.String()
    next_sequence = fields.Integer()


class TapPlaceShape(Shape):
    """Where a tap was made, in WGS-84 degrees, give or take `accuracy` metres."""

    lat = fields.Float(required=True, allow_nan=False)
    lon = fields.Float(required=True, allow_nan=False)
    accuracy = fields.Float(load_default=None, allow_none=True, allow_nan=False)
    mocked = Flag(load_default=False)


class CommandShape(Shape):
    """One tap as the phone stored it; a tap on a round names its `stop` in `args`, no ticket."""

    id = Words(64, shortest=16, required=True)
    sequence = Whole(1, LARGEST_ROW_ID, required=True)
    ticket = Words(32, load_default="")
    kind = Words(32, shortest=1, required=True)
    args = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), load_default=dict)
    base_version = Whole(0, LARGEST_ROW_ID, load_default=None, allow_none=True)
    seen = Whole(0, LARGEST_ROW_ID, load_default=None, allow_none=True)
    at = Moment(load_default=None, allow_none=True)
    mono_ms = fields.Float(load_default=None, allow_none=True, allow_nan=False)
    session = Words(64, load_default="")
    offset_ms = fields.Float(load_default=None, allow_none=True, allow_nan=False)
    position = Part(TapPlaceShape, load_default=None, allow_none=True)
    person = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)


class SyncShape(Shape):
    """What a phone stored, oldest first, and what its clocks say as it sends.

    `waiting` is how many commands it keeps, these included; `app` the version of its page.
    """

    session = Words(64, shortest=1, required=True)
    mono_ms = fields.Float(load_default=None, allow_none=True, allow_nan=False)
    at = Moment(load_default=None, allow_none=True)
    waiting = Whole(0, 1_000_000, load_default=None, allow_none=True)
    app = Words(40, load_default=None, allow_none=True)
    commands = fields.List(
        fields.Nested(CommandShape), required=True, validate=Length(max=MOST_COMMANDS)
    )


class OtherValueReply(Schema):
    """What somebody else wrote into the same field meanwhile; `args` write it down once more.

    With `visit_id` in the `args` it is written on its own visit, though the crew was sent again.
    """

    by = fields.String()
    at = fields.DateTime()
    words = fields.String(allow_none=True)
    args = fields.Dict(keys=fields.String(), values=fields.Raw())
    visit_id = fields.Integer(allow_none=True)


class OutcomeReply(Schema):
    """What became of one command; only `outcome` takes it off the phone."""

    id = fields.String()
    sequence = fields.Integer()
    outcome = fields.String(
        metadata={"description": "applied, superseded, rejected or held"},
    )
    reason = fields.String(allow_none=True)
    effective_at = fields.DateTime(allow_none=True)
    time_quality = fields.String(allow_none=True)
    other = fields.Nested(OtherValueReply, allow_none=True)


class OpenTicketReply(Schema):
    """A ticket that the crew is on, and its version on the server."""

    number = fields.String()
    version = fields.Integer()


class SyncReply(Schema):
    """The outcomes in the order sent, up to the first gap; the rest is sent again from there."""

    outcomes = fields.List(fields.Nested(OutcomeReply))
    next_sequence = fields.Integer()
    server_at = fields.DateTime()
    tickets = fields.List(fields.Nested(OpenTicketReply))
    revoked = fields.Boolean()
