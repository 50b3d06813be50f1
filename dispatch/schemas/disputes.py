"""What may be asked about disputes, and how do the answers look?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.disputes import LONGEST_DEPARTMENT, DisputeGround, DisputeState
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.schemas.fields import Choice, Shape, Whole, Words

LONGEST_REASON = 300
STATES = [str(state) for state in DisputeState]
GROUNDS = [str(ground) for ground in DisputeGround]


class DisputesQuery(Shape):
    """Which disputes are asked for; a team is on either side."""

    state = Choice(STATES, load_default=None)
    ground = Choice(GROUNDS, load_default=None)
    team = Whole(1, LARGEST_ROW_ID, load_default=None)
    page = Whole(1, 100_000, load_default=1)


class WhoseShape(Shape):
    """Whose a fault is, with the reason: a team of the utility, or another department."""

    team = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)
    department = Words(LONGEST_DEPARTMENT, load_default="")
    reason = Words(LONGEST_REASON, load_default="")


class NewDisputeShape(WhoseShape):
    """A ticket whose owner says that it is somebody else's."""

    ticket = Words(20, required=True, shortest=1)
    ground = Choice(GROUNDS, required=True)


class DisputeReply(Schema):
    """One dispute: who says whose it is, until when it is decided, and what was decided."""

    id = fields.Integer()
    version = fields.Integer()
    ticket = fields.String()
    ticket_state = fields.String()
    state = fields.String(metadata={"enum": STATES})
    state_name = fields.String()
    overdue = fields.Boolean()
    ground = fields.String(metadata={"enum": GROUNDS})
    ground_name = fields.String()
    reason = fields.String()
    from_team_id = fields.Integer(allow_none=True)
    from_team = fields.String(allow_none=True)
    from_team_zh = fields.String(allow_none=True)
    other_team_id = fields.Integer(allow_none=True)
    other_team = fields.String(allow_none=True)
    other_team_zh = fields.String(allow_none=True)
    department = fields.String(allow_none=True)
    opened_at = fields.DateTime()
    opened_by = fields.String()
    due_at = fields.DateTime()
    decided_at = fields.DateTime(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decision = fields.String(allow_none=True)
    owner_team_id = fields.Integer(allow_none=True)
    owner = fields.String(allow_none=True)
    owner_zh = fields.String(allow_none=True)
    owner_department = fields.String(allow_none=True)
    category = fields.String()
    category_name = fields.String()
    address = fields.String()
    level = fields.Integer()


class DisputeFiguresReply(Schema):
    """How many disputes there are in each state, and the minutes that decisions took."""

    n = fields.Integer()
    open = fields.Integer()
    decided = fields.Integer()
    lapsed = fields.Integer()
    over = fields.Integer()
    minutes_to_decision = fields.Dict(keys=fields.String(), values=fields.Float(), allow_none=True)


class OneDisputeReply(Schema):
    """One dispute."""

    dispute = fields.Nested(DisputeReply)


class DisputesReply(Schema):
    """One page of disputes, the open ones first by their end, with their figures."""

    disputes = fields.List(fields.Nested(DisputeReply))
    figures = fields.Nested(DisputeFiguresReply)
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
