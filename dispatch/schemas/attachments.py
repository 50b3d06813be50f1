"""What is told with a photo, and what does the answer say of it?"""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.covering import MOST_BOXES
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Choice, Degrees, Moment, Shape, Whole, Words
from dispatch.schemas.tickets import LONGEST_LINE

LONGEST_KEY = 64
LONGEST_SIGNER = 80


class PhotoForm(Shape):
    """What is told with a photo; a position is one of WGS-84."""

    kind = Choice([str(kind) for kind in AttachmentKind], load_default="other")
    uuid = Words(
        LONGEST_KEY,
        load_default="",
        metadata={"description": "The sender's own name; the same photo again is the same one"},
    )
    taken_at = Moment(load_default=None)
    lat = Degrees(load_default=None)
    lon = Degrees(load_default=None)
    accuracy_metres = Degrees(load_default=None)
    signer = Words(
        LONGEST_SIGNER,
        load_default="",
        metadata={"description": "Who signed; only with a signature"},
    )


class CrewPhotoForm(PhotoForm):
    """What a crew's phone tells with a photo: also who took it, where that is not who sends it."""

    person = Whole(1, LARGEST_ROW_ID, load_default=None)


class PhotoFile(Schema):
    """The photo itself: JPEG, PNG or WebP."""

    file = Upload(metadata={"format": "binary"})


class ResidentPhotoShape(Shape):
    """What a resident's telephone tells with a photo."""

    uuid = Words(LONGEST_KEY, load_default="")
    taken_at = Moment(load_default=None)


class RemovePhotoShape(Shape):
    """Why a photo is taken away."""

    reason = Words(LONGEST_LINE, shortest=1, required=True)


class BoxShape(Shape):
    """A rectangle as shares of the width and the height, from the upper left corner."""

    left = Degrees(required=True)
    top = Degrees(required=True)
    width = Degrees(required=True)
    height = Degrees(required=True)


class CoverShape(Shape):
    """What of a photo is covered, besides what is covered already."""

    boxes = fields.List(
        fields.Nested(BoxShape), required=True, validate=validate.Length(1, MOST_BOXES)
    )


class PhotoReply(Schema):
    """A photo of a ticket; a removed one keeps its row, and `hidden` ones cannot be opened."""

    id = fields.String()
    uuid = fields.String(allow_none=True)
    kind = fields.String()
    kind_name = fields.String()
    signer = fields.String(allow_none=True)
    name = fields.String()
    by = fields.String()
    role = fields.String(allow_none=True)
    source = fields.String()
    report = fields.Integer(allow_none=True)
    visit = fields.Integer(allow_none=True)
    taken_at = fields.DateTime(
        allow_none=True, metadata={"description": "As the camera or the telephone said"}
    )
    received_at = fields.DateTime()
    width = fields.Integer()
    height = fields.Integer()
    bytes = fields.Integer()
    sha256 = fields.String()
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    accuracy_metres = fields.Float(allow_none=True)
    hidden = fields.Boolean()
    covered_at = fields.DateTime(
        allow_none=True, metadata={"description": "Since when a covered copy is shown"}
    )
    covered_by = fields.String(allow_none=True)
    deleted_at = fields.DateTime(allow_none=True)
    deleted_by = fields.String(allow_none=True)
    deleted_reason = fields.String(allow_none=True)


class OnePhotoReply(Schema):
    """A photo."""

    attachment = fields.Nested(PhotoReply)


class PhotosReply(Schema):
    """The photos of a ticket, oldest first."""

    attachments = fields.List(fields.Nested(PhotoReply))
