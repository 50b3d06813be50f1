"""What may be asked about the rectification list, and how do the answers look?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.rectification import (
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_RECTIFICATION,
    ItemState,
    LateCause,
)
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Choice, Flag, Moment, Shape, Whole, Words
from dispatch.schemas.responsibility import HolderReply

STATES = [str(state) for state in ItemState]
CAUSES = [str(cause) for cause in LateCause]


class ItemsQuery(Shape):
    """Which items are asked for."""

    team = Whole(1, LARGEST_ROW_ID, load_default=None)
    cause = Choice(CAUSES, load_default=None)
    state = Choice(STATES, load_default=None)
    overdue = Flag(load_default=False)
    page = Whole(1, 100_000, load_default=1)


class ItemChangeShape(Shape):
    """What is written down about an item; what is left out stays."""

    cause = Choice(CAUSES)
    text = Words(LONGEST_RECTIFICATION)
    due_at = Moment()
    responsible = Words(LONGEST_NAME, shortest=1)
    reason = Words(
        LONGEST_REASON, load_default="", metadata={"description": "Needed with `responsible`"}
    )


class NewItemShape(Shape):
    """A ticket that is put onto the list."""

    ticket = Words(20, required=True, shortest=1)
    cause = Choice(CAUSES, load_default=None, allow_none=True)
    text = Words(LONGEST_RECTIFICATION, load_default="")
    due_at = Moment(load_default=None, allow_none=True)


class ProblemItemShape(Shape):
    """What is to be done about a common problem, on which of its tickets, and by whom."""

    ticket = Words(20, required=True, shortest=1)
    text = Words(LONGEST_RECTIFICATION, required=True, shortest=1)
    responsible = Words(LONGEST_NAME, load_default="")


class ItemStepShape(Shape):
    """One step, with what is said about it; `reject` needs a reason."""

    reason = Words(LONGEST_REASON, load_default="")


class ItemEventReply(Schema):
    """One thing that happened to an item."""

    kind = fields.String()
    name = fields.String()
    state = fields.String()
    at = fields.DateTime()
    actor = fields.String()
    note = fields.String(allow_none=True)
    facts = fields.Dict()


class ItemReply(Schema):
    """One overdue ticket and what is done about it."""

    id = fields.Integer()
    version = fields.Integer()
    ticket = fields.String()
    state = fields.String(metadata={"enum": STATES})
    state_name = fields.String()
    follows = fields.List(fields.String())
    overdue = fields.Boolean()
    clock = fields.String(allow_none=True)
    clock_name = fields.String(allow_none=True)
    broke_at = fields.DateTime(allow_none=True)
    holder = fields.Nested(HolderReply)
    responsible = fields.String(allow_none=True)
    responsible_reason = fields.String(allow_none=True)
    cause = fields.String(allow_none=True)
    cause_name = fields.String(allow_none=True)
    text = fields.String()
    due_at = fields.DateTime()
    opened_at = fields.DateTime()
    opened_by = fields.String()
    done_at = fields.DateTime(allow_none=True)
    done_by = fields.String(allow_none=True)
    signed_at = fields.DateTime(allow_none=True)
    signed_by = fields.String(allow_none=True)
    category = fields.String()
    category_name = fields.String()
    address = fields.String()
    level = fields.Integer()
    team = fields.String(allow_none=True)
    team_zh = fields.String(allow_none=True)
    events = fields.List(fields.Nested(ItemEventReply))


class OneItemReply(Schema):
    """One item with its events."""

    item = fields.Nested(ItemReply)


class ItemsReply(Schema):
    """One page of items, the earliest due first, without their events."""

    items_ = fields.List(fields.Nested(ItemReply), data_key="items")
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
