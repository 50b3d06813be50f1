"""What is one fault: its ticket, the reports about it, the visits, tasks, holds and events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.models.base import Code, Model, RowId, Telephone
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid, Household

_OPEN = text(
    "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'answered_by_notice', 'cancelled') "
    "AND NOT imported"
)
_UNSETTLED = text("state IN ('waiting', 'open', 'in_progress', 'refused')")
KIT_EVENTS = text("kind IN ('parts_used', 'next_visit_needs')")
"""The events that bring lists learn from; in a query of this one table it finds their index."""
OTHER_NAMED = {
    "sqlite": text("json_extract(facts, '$.other') IS NOT NULL"),
    "postgresql": text("facts -> 'other' IS NOT NULL"),
}
"""The events of fields with two values, by database; in a query of this one table it is indexed."""
_MERGED = text("parent_id IS NOT NULL")
_STORMY = text("storm_id IS NOT NULL")
_RELIEVED = text("relief_crew_id IS NOT NULL")
LACKED_A_PART = text("cause = 'part_missing' AND state = 'cannot_complete'")
"""The visits that failed for want of a part; in a query of this one table they are indexed."""
_ACTIVE = text("state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')")


class Ticket(Model):
    """The one work order for one fault, one row from call to close.

    `lat` and `lon` are WGS-84; `given_lat`, `given_lon`, `given_datum`, `place_source` and
    `accuracy_metres` keep what was said. `place_standing` is ``inside``, ``border``, ``outside``,
    or ``not_located``. The `…_at` columns hold the first effective time of each step, the
    `…_due_at` columns the raw promises; `held_seconds` adds up the finished holds. `call_back_owed`
    says that the first reporter waits for our call. `storm_id` is the storm mode that was on in its
    grid when it was received; `storm` says so to the figures.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ix_ticket_open", "state", "arrive_due_at", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index(None, "received_at"),
        Index(None, "grid_id", "received_at"),
        Index(None, "team_id", "received_at"),
        Index(None, "changed_at"),
        Index(None, "parent_id", sqlite_where=_MERGED, postgresql_where=_MERGED),
        Index(None, "storm_id", sqlite_where=_STORMY, postgresql_where=_STORMY),
        UniqueConstraint("external_source", "external_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(Code)
    held_from: Mapped[str | None] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code, default="repair")
    category: Mapped[str] = mapped_column(Code)
    level: Mapped[int]
    description: Mapped[str] = mapped_column(default="")
    storm: Mapped[bool] = mapped_column(default=False)
    storm_id: Mapped[int | None] = mapped_column(ForeignKey("storm.id"))
    imported: Mapped[bool] = mapped_column(default=False)
    flags: Mapped[list[Any]] = mapped_column(default=list)
    external_source: Mapped[str | None] = mapped_column(Code)
    external_id: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)

    address: Mapped[str] = mapped_column(default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    given_lat: Mapped[float | None]
    given_lon: Mapped[float | None]
    given_datum: Mapped[str | None] = mapped_column(Code)
    place_source: Mapped[str | None] = mapped_column(Code)
    accuracy_metres: Mapped[float | None]
    place_standing: Mapped[str] = mapped_column(Code, default="not_located")
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    zone: Mapped[str] = mapped_column(Code, default="town")
    in_circle: Mapped[bool] = mapped_column(default=True)
    pipe_mm: Mapped[int | None]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("service_policy.id"))

    received_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    en_route_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    working_at: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    called_back_at: Mapped[datetime | None]
    called_back_by: Mapped[str | None]
    followed_up_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    dispatch_due_at: Mapped[datetime | None]
    acknowledge_due_at: Mapped[datetime | None]
    call_back_owed: Mapped[bool] = mapped_column(default=False, server_default=false())
    call_back_due_at: Mapped[datetime | None]
    arrive_due_at: Mapped[datetime | None]
    restore_due_at: Mapped[datetime | None]
    repair_due_at: Mapped[datetime | None]
    follow_up_due_at: Mapped[datetime | None]
    held_seconds: Mapped[float] = mapped_column(default=0.0)
    held_seconds_before_arrival: Mapped[float] = mapped_column(default=0.0)

    dispatches: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0)
    reopenings: Mapped[int] = mapped_column(default=0)
    report_count: Mapped[int] = mapped_column(default=1)
    pinned: Mapped[bool] = mapped_column(default=False)
    overridden: Mapped[bool] = mapped_column(default=False)
    last_event_hash: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")

    grid: Mapped[Grid | None] = relationship(lazy="raise")
    team: Mapped[Team | None] = relationship(lazy="raise")
    household: Mapped[Household | None] = relationship(lazy="raise")
    visits: Mapped[list[Visit]] = relationship(
        back_populates="ticket", lazy="raise", order_by="Visit.id"
    )

    __mapper_args__ = {"version_id_col": version}


class Report(Model):
    """One contact from one person by one channel; `token` opens its track page.

    `answers` are those to the questions of its category, `dangers` what was done about each danger
    to life (`life_safety`), `notice_id` is the interruption that explained the report.
    """

    __tablename__ = "report"
    __table_args__ = (Index(None, "phone"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    first_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    channel: Mapped[str] = mapped_column(Code)
    verified: Mapped[bool] = mapped_column(default=True)
    name: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(Telephone)
    language: Mapped[str | None] = mapped_column(Code)
    description: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    dangers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    received_at: Mapped[datetime]
    token: Mapped[str] = mapped_column(Code, unique=True)
    token_expires_at: Mapped[datetime | None]
    fixed_answer: Mapped[str | None] = mapped_column(Code)
    answered_at: Mapped[datetime | None]


class Visit(Model):
    """One trip of one crew for one ticket. `reasons` holds why this crew and why not the others.

    `eta_basis` are the sentences on what `eta_at` rests on: who reckoned the drive, from where.
    `arrival_evidence` is what `ArrivalEvidence` keeps: since when the phone was there, and why.
    `relief_…` say how the wish to hand over to another crew stands, and which was asked.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index(
            "uq_visit_active_role",
            "ticket_id",
            "crew_role",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index("ix_visit_active_crew", "crew_id", sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index(
            "ix_visit_lacked_part",
            "ticket_id",
            sqlite_where=LACKED_A_PART,
            postgresql_where=LACKED_A_PART,
        ),
        Index(None, "ticket_id"),
        Index(None, "crew_id", "dispatched_at"),
        Index(
            None,
            "relief_crew_id",
            sqlite_where=_RELIEVED,
            postgresql_where=_RELIEVED,
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"))
    crew_role: Mapped[str] = mapped_column(Code, default="lead")
    state: Mapped[str] = mapped_column(Code)
    automatic: Mapped[bool] = mapped_column(default=False)
    override_reason: Mapped[str | None]
    reasons: Mapped[dict[str, Any] | None]
    eta_at: Mapped[datetime | None]
    eta_basis: Mapped[list[Any] | None]
    dispatched_at: Mapped[datetime]
    acknowledge_due_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    en_route_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    working_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str | None] = mapped_column(Code)
    arrival_grade: Mapped[str | None] = mapped_column(Code)
    arrival_evidence: Mapped[dict[str, Any] | None]
    relief_state: Mapped[str | None] = mapped_column(Code)
    relief_reason: Mapped[str | None] = mapped_column(Code)
    relief_crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    relief_asked_at: Mapped[datetime | None]
    note: Mapped[str | None]
    ticket: Mapped[Ticket] = relationship(back_populates="visits", lazy="raise")
    crew: Mapped[Crew] = relationship(lazy="raise", foreign_keys=[crew_id])

    __mapper_args__ = {"version_id_col": version}


class Task(Model):
    """A parallel piece of work under a ticket for another department.

    `waits_for` holds the ids of the tasks before it, `budget` the time allowed from `ready_at`.
    With a `skill` and no crew the planner chooses one; `automatic` and `reasons` are its own,
    `refused_by` the ids of crews that are not to be asked again.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_unsettled", "state", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
        Index("ix_task_crew", "crew_id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    department: Mapped[str] = mapped_column(default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    skill: Mapped[str | None] = mapped_column(Code)
    before_crew: Mapped[bool] = mapped_column(default=False)
    waits_for: Mapped[list[Any]] = mapped_column(default=list)
    budget: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(Code, default="open")
    automatic: Mapped[bool] = mapped_column(default=False)
    refused_by: Mapped[list[Any]] = mapped_column(default=list)
    reasons: Mapped[dict[str, Any] | None]
    note: Mapped[str | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(default="")
    ready_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    eta_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Hold(Model):
    """One pause of a ticket with a reason from a closed list."""

    __tablename__ = "hold"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    reason: Mapped[str] = mapped_column(Code)
    note: Mapped[str | None]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]


class TicketEvent(Model):
    """One thing that happened to a ticket; triggers refuse any later change of the row.

    `effective_at` is when it happened, `recorded_at` when the server heard of it. Personal text
    (`note`) enters the hash only as a salted commitment.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        Index(
            "ix_ticket_event_kit",
            "recorded_at",
            "id",
            sqlite_where=KIT_EVENTS,
            postgresql_where=KIT_EVENTS,
        ),
        Index(
            "ix_ticket_event_other",
            "id",
            sqlite_where=OTHER_NAMED["sqlite"],
            postgresql_where=OTHER_NAMED["postgresql"],
        ),
        UniqueConstraint("device_id", "device_sequence"),
        # Two events cannot follow the same one: the story of a ticket never forks.
        UniqueConstraint("ticket_id", "previous_hash"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    uuid: Mapped[str] = mapped_column(Code, unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[str] = mapped_column(Code)
    from_state: Mapped[str | None] = mapped_column(Code)
    to_state: Mapped[str | None] = mapped_column(Code)
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    acting_for_crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    source: Mapped[str] = mapped_column(Code)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    device_sequence: Mapped[int | None] = mapped_column(RowId)
    base_version: Mapped[int | None]
    device_at: Mapped[datetime | None]
    elapsed_ms: Mapped[int | None] = mapped_column(RowId)
    recorded_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    time_quality: Mapped[str] = mapped_column(Code, default="online")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    datum: Mapped[str | None] = mapped_column(Code)
    accuracy_metres: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Code)
    note: Mapped[str | None]
    note_salt: Mapped[str | None] = mapped_column(Code)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str] = mapped_column(default="")
    hash: Mapped[str] = mapped_column(default="")
