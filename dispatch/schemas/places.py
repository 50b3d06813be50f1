"""How do the places that may be meant look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.schemas.fields import Shape, Whole, Words
from dispatch.schemas.live import PointReply


class TypedPlaceQuery(Shape):
    """What was typed: any part of an address, in Chinese, in pinyin or by its initials."""

    q = Words(300, shortest=1, required=True)
    limit = Whole(1, 20, load_default=8)


class LocalNameReply(Schema):
    """A name in both languages."""

    name = fields.String()
    name_zh = fields.String(allow_none=True)


class OwnedReply(Schema):
    """Whose a place is; `standing` is inside, border or outside, null without a point."""

    grid = fields.Nested(LocalNameReply, allow_none=True)
    team = fields.Nested(LocalNameReply, allow_none=True)
    standing = fields.String(allow_none=True)


class BookedPlaceReply(OwnedReply):
    """A place of the address book; the telephone number is masked.

    `near` is the known address where the typed house number is another: `account` is null then.
    `as_good` says that it is as likely as the first, so that a person must choose.
    """

    account = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    address = fields.String()
    place = fields.Nested(PointReply, allow_none=True)
    remarks = fields.String(allow_none=True)
    vulnerable = fields.Boolean()
    near = fields.String(allow_none=True)
    as_good = fields.Boolean()


class BookedPlacesReply(Schema):
    """The places that fit, the best first; `online` says that a geocoder can be asked too."""

    places = fields.List(fields.Nested(BookedPlaceReply))
    online = fields.Boolean()


class OnlinePlaceReply(OwnedReply):
    """A place that the online geocoder knows: degrees in its own datum."""

    address = fields.String()
    lat = fields.Float()
    lon = fields.Float()
    datum = fields.String()
    source = fields.String()


class OnlinePlacesReply(Schema):
    """What the online geocoder knows; `fault` says why there is no answer."""

    places = fields.List(fields.Nested(OnlinePlaceReply))
    fault = fields.String(allow_none=True)
