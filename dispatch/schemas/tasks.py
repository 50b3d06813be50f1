"""What may be asked about the tasks of a ticket, and how do the answers look?"""

from __future__ import annotations

from marshmallow import Schema, fields

from dispatch.domain.budgets import LONGEST_MINUTES
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.domain.task_state import TaskKind
from dispatch.schemas.fields import Choice, Shape, Whole, Words
from dispatch.schemas.replies import CrewNameReply, TeamNameReply
from dispatch.schemas.tickets import LONGEST_LINE, LONGEST_TEXT

LONGEST_DEPARTMENT = 80


class NewTaskShape(Shape):
    """A task that is asked for; what is left out follows the settings of its kind."""

    kind = Choice([str(kind) for kind in TaskKind], required=True)
    department = Words(LONGEST_DEPARTMENT, load_default=None, allow_none=True)
    minutes = Whole(1, LONGEST_MINUTES, load_default=None, allow_none=True)
    waits_for = fields.List(Whole(1, LARGEST_ROW_ID), load_default=())
    note = Words(LONGEST_TEXT, load_default=None, allow_none=True)
    team_id = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)
    crew_id = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)
    user_id = Whole(1, LARGEST_ROW_ID, load_default=None, allow_none=True)


class TaskStepShape(Shape):
    """The values of a step of a task; which ones it needs depends on the step."""

    department = Words(LONGEST_DEPARTMENT, allow_none=True)
    team_id = Whole(1, LARGEST_ROW_ID, allow_none=True)
    crew_id = Whole(1, LARGEST_ROW_ID, allow_none=True)
    user_id = Whole(1, LARGEST_ROW_ID, allow_none=True)
    reason = Words(LONGEST_LINE)
    note = Words(LONGEST_TEXT)


class TaskReply(Schema):
    """One piece of work of another department under a ticket."""

    id = fields.Integer()
    ticket = fields.String()
    kind = fields.String()
    name = fields.String()
    state = fields.String()
    state_name = fields.String()
    department = fields.String()
    team = fields.Nested(TeamNameReply, allow_none=True)
    crew = fields.Nested(CrewNameReply, allow_none=True)
    person = fields.String(allow_none=True)
    skill = fields.String(allow_none=True)
    before_crew = fields.Boolean()
    waits_for = fields.List(fields.Integer())
    automatic = fields.Boolean()
    why = fields.List(fields.String())
    note = fields.String(allow_none=True)
    opened_at = fields.DateTime()
    opened_by = fields.String()
    ready_at = fields.DateTime(allow_none=True)
    due_at = fields.DateTime(allow_none=True)
    expected_at = fields.DateTime(allow_none=True)
    promise = fields.String(allow_none=True)
    assigned_at = fields.DateTime(allow_none=True)
    eta_at = fields.DateTime(allow_none=True)
    started_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)
    changed_at = fields.DateTime()
    changed_by = fields.String()
    version = fields.Integer()


class TasksReply(Schema):
    """The tasks of a ticket, oldest first."""

    tasks = fields.List(fields.Nested(TaskReply))


class OneTaskReply(Schema):
    """One task as it stands now."""

    task = fields.Nested(TaskReply)
