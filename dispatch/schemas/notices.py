"""How do notices of interruption look on the wire?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.notices import EXPLAINED, NoticeKind
from dispatch.schemas.fields import Choice, Moment, Shape, Words
from dispatch.schemas.tickets import LONGEST_LINE, LONGEST_TEXT

MOST_GRIDS = 500


class NoticeShape(Shape):
    """A notice as the desk wants it; the area is that of the grids and of the outline together."""

    kind = Choice([str(kind) for kind in NoticeKind], required=True)
    categories = fields.List(Choice(EXPLAINED), load_default=list)
    grids = fields.List(
        Words(LONGEST_LINE, shortest=1),
        load_default=list,
        metadata={"description": "Names of grids in force", "maxItems": MOST_GRIDS},
    )
    outline = fields.Dict(
        load_default=None,
        allow_none=True,
        metadata={"description": "A GeoJSON Polygon or MultiPolygon in WGS-84"},
    )
    area = Words(LONGEST_LINE, load_default="", metadata={"description": "Empty: the grids' names"})
    area_zh = Words(LONGEST_LINE, load_default="")
    text = Words(LONGEST_TEXT, load_default="", metadata={"description": "What everybody reads"})
    text_zh = Words(LONGEST_TEXT, load_default="")
    begins_at = Moment(required=True)
    ends_at = Moment(required=True)
    ticket = Words(32, load_default="", metadata={"description": "The ticket that ends it"})


class ExtensionShape(Shape):
    """A later end."""

    ends_at = Moment(required=True)
    reason = Words(LONGEST_LINE, load_default="")


class EarlyEndShape(Shape):
    """Why it ends before its time."""

    reason = Words(LONGEST_LINE, load_default="")


class PublicNoticeReply(Schema):
    """What everybody may read of a notice."""

    id = fields.Integer()
    kind = fields.String()
    kind_name = fields.String()
    state = fields.String(metadata={"description": "coming or in_force"})
    state_name = fields.String()
    categories = fields.List(fields.String())
    area = fields.String()
    area_zh = fields.String()
    text = fields.String()
    text_zh = fields.String()
    begins_at = fields.DateTime()
    ends_at = fields.DateTime()
    here = fields.Boolean(metadata={"description": "Whether the place lies inside; else near it"})


class PublicNoticesReply(Schema):
    """Those in force and coming at a place or within 500 m of it."""

    notices = fields.List(fields.Nested(PublicNoticeReply))


class NoticeReply(PublicNoticeReply):
    """A notice as the desk sees it; `state` is draft, coming, in_force or ended."""

    class Meta:
        """The desk asks for no place."""

        exclude = ("here",)

    version = fields.Integer()
    grids = fields.List(fields.String())
    geometry = fields.Dict()
    ticket = fields.String(allow_none=True)
    published_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)


class OneNoticeReply(Schema):
    """One notice."""

    notice = fields.Nested(NoticeReply)


class NoticesReply(Schema):
    """Those in force first, then coming, drafts, and those that ended in the last 30 days."""

    notices = fields.List(fields.Nested(NoticeReply))


class SuggestedNoticeReply(Schema):
    """A notice that explains what a caller tells; `tell` is what the call-taker says."""

    id = fields.Integer()
    kind = fields.String()
    kind_name = fields.String()
    area = fields.String()
    area_zh = fields.String(allow_none=True)
    categories = fields.List(fields.String())
    ends_at = fields.DateTime()
    ticket = fields.String(allow_none=True)
    reports = fields.Integer(allow_none=True)
    tell = fields.String()


class ReportNoticeReply(PublicNoticeReply):
    """The interruption that a report was attached to."""

    class Meta:
        """The place was told with the report."""

        exclude = ("here",)
