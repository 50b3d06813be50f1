"""What do the rota, the ladder and alerts look like on the wire?"""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields as plain

from dispatch.domain.rota import LARGEST_FRACTION, LONGEST_SILENCE_MINUTES, DutyRole
from dispatch.schemas.fields import Choice, Part, Shape, Whole, Words
from dispatch.schemas.live import ClockworkReply

DUTIES = tuple(str(each) for each in DutyRole)
MOST_PERCENT = int(LARGEST_FRACTION * 100)


class RotaEntryShape(Shape):
    """One entry: who has which duty, for which team, on which days, from when to when."""

    duty = Choice(DUTIES, required=True)
    person = Words(64, required=True, shortest=1, metadata={"description": "Sign-in name"})
    team = Words(100, load_default="", metadata={"description": "Empty: the whole utility"})
    weekdays = Words(20, load_default="", metadata={"description": "For example 1-5 or 1;3;7"})
    start = Words(5, load_default="", metadata={"description": "For example 08:00"})
    end = Words(5, load_default="", metadata={"description": "At or before start: next day"})
    from_date = Words(10, load_default="", data_key="from")
    to_date = Words(10, load_default="", data_key="to")


class RotaShape(Shape):
    """The whole rota."""

    entries = plain.List(Part(RotaEntryShape), required=True)


class LadderStepShape(Shape):
    """From which per cent of the promise on who is told, and how long they may be silent."""

    percent = Whole(1, MOST_PERCENT, required=True)
    duty = Choice(DUTIES, required=True)
    pass_on_minutes = Whole(1, LONGEST_SILENCE_MINUTES, load_default=None, allow_none=True)


class LadderShape(Shape):
    """The whole ladder, from the earliest step."""

    steps = plain.List(Part(LadderStepShape), required=True)


class AlertsQuery(Shape):
    """Which alerts are asked for."""

    state = Choice(("open", "acknowledged", "passed_on", "settled"), load_default=None)
    ticket = Words(20, load_default="")
    page = Whole(1, 100_000, load_default=1)


class RotaEntryReply(Schema):
    """One entry of the rota."""

    id = plain.Integer()
    duty = plain.String()
    duty_name = plain.String()
    team = plain.String(allow_none=True)
    person = plain.String()
    person_name = plain.String()
    weekdays = plain.String()
    start = plain.String()
    end = plain.String()
    from_date = plain.Date(allow_none=True, data_key="from")
    to_date = plain.Date(allow_none=True, data_key="to")
    on_duty = plain.Boolean()


class RotaReply(Schema):
    """The whole rota."""

    entries = plain.List(plain.Nested(RotaEntryReply))


class LadderStepReply(Schema):
    """One step of the ladder."""

    percent = plain.Integer()
    duty = plain.String()
    duty_name = plain.String()
    pass_on_minutes = plain.Integer(allow_none=True)


class LadderReply(Schema):
    """The whole ladder."""

    steps = plain.List(plain.Nested(LadderStepReply))


class AlertReply(Schema):
    """One alert: what, how late, whose, and what became of it."""

    id = plain.Integer()
    ticket = plain.String()
    level = plain.Integer()
    category = plain.String()
    category_name = plain.String()
    address = plain.String()
    team = plain.String(allow_none=True)
    team_zh = plain.String(allow_none=True)
    clock = plain.String()
    clock_name = plain.String()
    rung = plain.Integer()
    percent = plain.Integer()
    shows_percent = plain.Boolean()
    duty = plain.String()
    duty_name = plain.String()
    people = plain.List(plain.String())
    everybody = plain.Boolean()
    rule = plain.String()
    state = plain.String()
    state_name = plain.String()
    due_at = plain.DateTime()
    target_at = plain.DateTime()
    raised_at = plain.DateTime()
    late_ms = plain.Integer()
    pass_on_at = plain.DateTime(allow_none=True)
    acknowledged_by = plain.String(allow_none=True)
    acknowledged_at = plain.DateTime(allow_none=True)
    ended_at = plain.DateTime(allow_none=True)
    task_id = plain.Integer(allow_none=True)
    dispute_id = plain.Integer(allow_none=True)
    passed_from_id = plain.Integer(allow_none=True)


class LowerRungReply(Schema):
    """An alert of the same clock at a lower rung."""

    id = plain.Integer()
    percent = plain.Integer()
    duty_name = plain.String()
    state_name = plain.String()
    raised_at = plain.DateTime()
    acknowledged_by = plain.String(allow_none=True)
    acknowledged_at = plain.DateTime(allow_none=True)


class MyAlertReply(AlertReply):
    """The highest rung of a clock that is open for the asker; taking note of it is of all below."""

    below = plain.List(plain.Nested(LowerRungReply))


class MyAlertsReply(Schema):
    """What is open for the asker, one of each clock, and whether the promises are watched."""

    count = plain.Integer()
    alerts = plain.List(plain.Nested(MyAlertReply))
    clockwork = plain.Nested(ClockworkReply)
    server_time = plain.DateTime()


class AlertsReply(Schema):
    """One page of alerts, the newest first."""

    alerts = plain.List(plain.Nested(AlertReply))
    page = plain.Integer()
    pages = plain.Integer()
    total = plain.Integer()


class OneAlertReply(Schema):
    """The alert that was acknowledged."""

    alert = plain.Nested(AlertReply)
