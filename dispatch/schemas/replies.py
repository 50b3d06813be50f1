"""What do the answers look like?"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from dispatch.schemas.notices import ReportNoticeReply


def _text(description: str = "", **more: Any) -> fields.String:
    return fields.String(
        allow_none=True, metadata={"description": description} if description else {}, **more
    )


def _moment() -> fields.DateTime:
    return fields.DateTime(allow_none=True)


class GivenPlaceReply(Schema):
    """The point as it was told."""

    lat = fields.Float()
    lon = fields.Float()
    datum = fields.String()


class PlaceReply(Schema):
    """Where the fault is, in WGS-84."""

    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    datum = fields.String()
    given = fields.Nested(GivenPlaceReply, allow_none=True)
    source = _text()
    accuracy_metres = fields.Float(allow_none=True)
    standing = _text("inside, border, outside or not_located")
    zone = fields.String()
    in_circle = fields.Boolean()


class GridNameReply(Schema):
    """A grid by its name."""

    name = fields.String()
    name_zh = _text("The name in Chinese, where there is one")


class TeamNameReply(GridNameReply):
    """A team with its id."""

    id = fields.Integer()


class CrewNameReply(Schema):
    """A crew with its vehicle."""

    id = fields.Integer()
    name = fields.String()
    name_zh = _text("The name in Chinese, where there is one")
    vehicle = _text()


class HouseholdNameReply(Schema):
    """A household; its name is masked in a ticket, `vulnerable` says that it needs water first."""

    account = fields.String()
    name = _text()
    address = fields.String()
    vulnerable = fields.Boolean()


class ClockReply(Schema):
    """The promise that is due first; `due_at` is null while it is paused."""

    kind = fields.String()
    name = fields.String()
    started_at = _moment()
    raw_due_at = _moment()
    due_at = _moment()
    fraction_at = fields.Dict(keys=fields.String(), values=fields.DateTime(allow_none=True))


class ReasonReply(Schema):
    """Why one crew was or was not chosen."""

    crew_id = fields.Integer(allow_none=True)
    crew = _text()
    chosen = fields.Boolean()
    excluded_by = _text()
    eta_seconds = fields.Float(allow_none=True)
    eta_source = _text()
    chance = fields.Float(allow_none=True)
    reasons = fields.List(fields.String())


class ArrivalReply(Schema):
    """What proves an arrival and what speaks against it, kept with the visit."""

    grade_name = _text("Null before the tap")
    since = _moment()
    metres = fields.Float(
        allow_none=True, metadata={"description": "From the place to where the tap was made"}
    )
    reasons = fields.List(fields.String())
    flags = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What a person should look at, each in words"},
    )


class ReliefReply(Schema):
    """How the wish of a crew to hand its ticket over to another one stands."""

    state = fields.String(metadata={"description": "asked, declined, taken_back, done or lapsed"})
    reason = fields.String()
    reason_name = fields.String()
    crew = fields.Nested(
        CrewNameReply, allow_none=True, metadata={"description": "Null: the desk is to choose"}
    )
    asked_at = _moment()
    answer_due_at = _moment()


class VisitReply(Schema):
    """One trip of one crew."""

    id = fields.Integer()
    crew = fields.Nested(CrewNameReply, allow_none=True)
    role = fields.String()
    state = fields.String()
    state_name = fields.String()
    automatic = fields.Boolean()
    override_reason = _text()
    eta_at = _moment()
    eta_basis = fields.List(fields.String(), metadata={"description": "What the arrival rests on"})
    dispatched_at = _moment()
    acknowledge_due_at = _moment()
    acknowledged_at = _moment()
    en_route_at = _moment()
    arrived_at = _moment()
    working_at = _moment()
    ended_at = _moment()
    cause = _text()
    arrival_grade = _text("confirmed, crew_only, geofence_only or disputed; null before the tap")
    arrival = fields.Nested(ArrivalReply, allow_none=True)
    relief = fields.Nested(ReliefReply, allow_none=True)
    note = _text()
    version = fields.Integer()
    rule = _text("The rule that chose, in a single ticket only")
    why = fields.List(fields.String(), metadata={"description": "In a single ticket only"})
    reasons = fields.List(
        fields.Nested(ReasonReply), metadata={"description": "In a single ticket only"}
    )


class HoldReply(Schema):
    """The pause that lasts."""

    reason = fields.String()
    from_at = _moment()
    until_at = _moment()


class TicketReply(Schema):
    """One fault, from call to close. Instants are in UTC, names in the reader's language."""

    number = fields.String()
    state = fields.String()
    state_name = fields.String()
    held_from = _text()
    level = fields.Integer()
    category = fields.String()
    category_name = fields.String()
    kind = fields.String()
    description = fields.String()
    place = fields.Nested(PlaceReply)
    address = fields.String()
    grid = fields.Nested(GridNameReply, allow_none=True)
    team = fields.Nested(TeamNameReply, allow_none=True)
    crew = fields.Nested(
        CrewNameReply, allow_none=True, metadata={"description": "The leading crew under way"}
    )
    household = fields.Nested(HouseholdNameReply, allow_none=True)
    parent = _text("The ticket that this one duplicates")
    external_id = _text()
    pipe_mm = fields.Integer(allow_none=True)
    reports = fields.Integer()
    received_at = _moment()
    accepted_at = _moment()
    dispatched_at = _moment()
    acknowledged_at = _moment()
    en_route_at = _moment()
    arrived_at = _moment()
    working_at = _moment()
    restored_at = _moment()
    completed_at = _moment()
    verified_at = _moment()
    closed_at = _moment()
    called_back_at = _moment()
    called_back_by = _text("Who reached the reporter")
    dispatch_due_at = _moment()
    acknowledge_due_at = _moment()
    call_back_due_at = _moment()
    arrive_due_at = _moment()
    restore_due_at = _moment()
    repair_due_at = _moment()
    follow_up_due_at = _moment()
    held_seconds = fields.Float()
    on_hold_since = _moment()
    hold = fields.Nested(HoldReply, allow_none=True)
    next_clock = fields.Nested(ClockReply, allow_none=True)
    visits = fields.List(fields.Nested(VisitReply))
    open_tasks = fields.Integer(metadata={"description": "Neither done nor cancelled"})
    dispatches = fields.Integer()
    returns = fields.Integer()
    reopenings = fields.Integer()
    pinned = fields.Boolean()
    storm = fields.Boolean()
    overridden = fields.Boolean()
    imported = fields.Boolean()
    flags = fields.List(fields.String())
    version = fields.Integer()
    changed_at = _moment()
    changed_by = fields.String()


class TicketsReply(Schema):
    """One page of tickets; ask again with `next` as the cursor."""

    tickets = fields.List(fields.Nested(TicketReply))
    next = _text("Null at the end of the list")


class OneTicketReply(Schema):
    """One ticket."""

    ticket = fields.Nested(TicketReply)


class NewReportPart(Schema):
    """A report with the address where its resident follows it."""

    id = fields.Integer()
    token = fields.String()
    track_url = fields.String()


class NewReportReply(Schema):
    """The report and its ticket; without a sign-in the ticket says only what a resident sees."""

    report = fields.Nested(NewReportPart)
    ticket = fields.Nested(TicketReply)
    notice = fields.Nested(ReportNoticeReply, allow_none=True)


class EventReply(Schema):
    """One thing that happened; the note is shown only to those who may see personal data."""

    id = fields.String()
    kind = fields.String()
    name = fields.String()
    detail = _text()
    reasons = fields.List(fields.String())
    from_state = _text()
    to_state = _text()
    actor = fields.String()
    source = fields.String()
    crew = _text()
    visit = fields.Integer(allow_none=True)
    acting_for = _text()
    effective_at = _moment()
    recorded_at = _moment()
    time_quality = fields.String()
    time_note = _text("When a phone sent it and how far its time is trusted, in words")
    time_flags = fields.List(fields.String(), metadata={"description": "late, skewed"})
    reason = _text()
    note = _text()
    other = fields.Dict(
        allow_none=True,
        metadata={"description": "What another person wrote into the same field meanwhile"},
    )
    facts = fields.Dict()


class EventsReply(Schema):
    """The story of a ticket, oldest first."""

    events = fields.List(fields.Nested(EventReply))


class ReportReply(Schema):
    """One contact; the name and the telephone number are masked."""

    id = fields.Integer()
    channel = fields.String()
    verified = fields.Boolean()
    name = _text()
    phone = _text("For example 138****5678")
    language = _text()
    description = fields.String()
    answers = fields.List(fields.String(), metadata={"description": "What the caller answered"})
    hazards = fields.List(fields.String(), metadata={"description": "What is dangerous there"})
    household = _text("Account")
    first_ticket = _text()
    received_at = _moment()
    fixed_answer = _text()
    answered_at = _moment()


class ReportsReply(Schema):
    """Who reported a fault, oldest first."""

    reports = fields.List(fields.Nested(ReportReply))


class RevealedPart(Schema):
    """A reporter's name and number, unmasked."""

    id = fields.Integer()
    name = _text()
    phone = _text()


class RevealedReply(Schema):
    """One look at personal data."""

    report = fields.Nested(RevealedPart)


class CandidatesReply(Schema):
    """Every crew, the best first, with the reasons for and against it.

    `travel_note` says why the drives are not those of the configured source; null when they are.
    `planner_note` says who keeps the planner off the ticket; null when nobody does.
    """

    candidates = fields.List(fields.Dict())
    travel_note = _text()
    planner_note = _text()


class RoadReply(Schema):
    """The drive of a crew to a ticket: WGS-84 latitude and longitude, both ends included.

    All is null while nobody drives there; `points` and `source` where no source gives streets.
    """

    crew_id = fields.Integer(allow_none=True)
    source = _text()
    points = fields.List(fields.List(fields.Float()), allow_none=True)
