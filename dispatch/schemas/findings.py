"""What may be asked about findings, and how do the answers look?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.findings import LONGEST_NOTE, FindingKind, Mark
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Choice, Shape, Whole, Words

KINDS = [str(kind) for kind in FindingKind]
MARKS = [str(mark) for mark in Mark]


class FindingsQuery(Shape):
    """Which findings are asked for; `to` is the last day of the range, `crew` a name."""

    from_ = Words(10, data_key="from", load_default="")
    to = Words(10, load_default="")
    kind = Choice(KINDS, load_default=None)
    team = Whole(1, LARGEST_ROW_ID, load_default=None)
    crew = Words(100, load_default=None)


class MarkShape(Shape):
    """What a leader found; `explained` needs a note."""

    mark = Choice(MARKS, required=True)
    note = Words(LONGEST_NOTE, load_default="")


class UndoShape(Shape):
    """Nothing more is said with it."""


class FindingReply(Schema):
    """One finding, with what a leader said about it."""

    key = fields.String()
    kind = fields.String(metadata={"enum": KINDS})
    kind_name = fields.String()
    at = fields.DateTime()
    ticket = fields.String(allow_none=True)
    crew = fields.String(allow_none=True)
    crew_zh = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    evidence = fields.String()
    mark = fields.String(allow_none=True, metadata={"enum": [*MARKS, None]})
    mark_name = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    marked_at = fields.DateTime(allow_none=True)
    marked_by = fields.String(allow_none=True)


class OneFindingReply(Schema):
    """One finding."""

    finding = fields.Nested(FindingReply)


class FindingsReply(Schema):
    """The findings of a range, those that nobody has looked at first."""

    findings = fields.List(fields.Nested(FindingReply))
    unmarked = fields.Integer()
