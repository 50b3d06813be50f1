"""How do messages, endpoints and subscriptions look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields

from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind
from dispatch.schemas.fields import Flag, Part, Shape, Words

_LONGEST_URL = 2000
_KINDS = say(
    "Name the kinds of events in “kinds”, at least one of these: %(choices)s.",
    choices=", ".join(EventKind),
)


def _at_least_one(kinds: list[str]) -> None:
    if not kinds:
        raise ValidationError([_KINDS])


class EndpointShape(Shape):
    """An endpoint of webhooks as somebody wants it."""

    name = Words(80, shortest=1, required=True)
    url = Words(_LONGEST_URL, shortest=1, required=True)
    kinds = fields.List(
        Words(64, shortest=1),
        required=True,
        validate=_at_least_one,
        error_messages={"required": [_KINDS], "null": [_KINDS], "invalid": [_KINDS]},
        metadata={"minItems": 1},
    )
    active = Flag(load_default=True)
    sees_personal = Flag(load_default=False)


class NoShape(Shape):
    """A body without a field."""


class PushKeys(Shape):
    """What encrypts for one browser."""

    p256dh = Words(200, shortest=1, required=True)
    auth = Words(200, shortest=1, required=True)


class PushShape(Shape):
    """A subscription as `PushManager.subscribe` returns it."""

    endpoint = Words(1000, shortest=1, required=True)
    keys = Part(PushKeys, required=True)


class PushHereShape(Shape):
    """The subscription that a browser holds, by its address."""

    endpoint = Words(1000, shortest=1, required=True)


class MessageReply(Schema):
    """One message about a ticket; the address is masked."""

    id = fields.String(metadata={"description": "The same for every copy that went out"})
    channel = fields.String()
    channel_name = fields.String()
    to = fields.String(allow_none=True)
    step = fields.String()
    step_name = fields.String()
    language = fields.String(allow_none=True)
    state = fields.String()
    state_name = fields.String()
    tries = fields.Integer()
    created_at = fields.DateTime()
    sent_at = fields.DateTime(allow_none=True)
    next_try_at = fields.DateTime(allow_none=True)


class MessagesReply(Schema):
    """The messages about a ticket, oldest first."""

    messages = fields.List(fields.Nested(MessageReply))


class EndpointReply(Schema):
    """One endpoint of webhooks; its secret is told once, when it is made or renewed."""

    id = fields.Integer()
    name = fields.String()
    url = fields.String()
    kinds = fields.List(fields.String())
    active = fields.Boolean()
    sees_personal = fields.Boolean()
    version = fields.Integer()
    created_at = fields.DateTime()
    secret = fields.String()


class OneEndpointReply(Schema):
    """One endpoint."""

    webhook = fields.Nested(EndpointReply)


class EndpointsReply(Schema):
    """Every endpoint."""

    webhooks = fields.List(fields.Nested(EndpointReply))


class TryReply(Schema):
    """One try of a delivery; the answer is what the peer wrote, at most 500 characters."""

    at = fields.DateTime()
    outcome = fields.String()
    code = fields.Integer(allow_none=True)
    took_ms = fields.Integer()
    answer = fields.String()


class DeliveryReply(Schema):
    """One event on its way to an endpoint, with its tries, the newest first."""

    id = fields.Integer()
    webhook_id = fields.String()
    kind = fields.String()
    state = fields.String()
    created_at = fields.DateTime()
    tries = fields.List(fields.Nested(TryReply))


class DeliveriesReply(Schema):
    """One page of deliveries, the newest first."""

    deliveries = fields.List(fields.Nested(DeliveryReply))
    page = fields.Integer()
    pages = fields.Integer()


class ResentReply(Schema):
    """How many messages wait again."""

    resent = fields.Integer()


class PushReply(Schema):
    """The public key that a browser subscribes with; null when pushes are not set up."""

    public_key = fields.String(allow_none=True)


class DeviceReply(Schema):
    """One device of the asker that is told by push; `agent` is what its browser says of itself."""

    id = fields.Integer()
    agent = fields.String(allow_none=True)
    created_at = fields.DateTime()
    last_used_at = fields.DateTime()


class DevicesReply(Schema):
    """The devices of the asker, the one used last first."""

    devices = fields.List(fields.Nested(DeviceReply))


class OneDeviceReply(Schema):
    """One device; null when the subscription is not the asker's."""

    device = fields.Nested(DeviceReply, allow_none=True)
