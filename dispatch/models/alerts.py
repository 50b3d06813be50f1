"""Who is on duty, who is told at which rung, and what became of each alert?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_OPEN = text("state = 'open'")


class RotaEntry(Model):
    """One person in one duty role: minutes of the utility's local day, on some weekdays.

    Without a team it holds for the whole utility. `weekdays` is a bit mask, Monday = 1; an end at
    or before the start is next day's. Both dates are days on which the duty may begin.
    """

    __tablename__ = "rota_entry"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    duty: Mapped[str] = mapped_column(Code)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    weekdays: Mapped[int] = mapped_column(default=127)
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    from_date: Mapped[date | None]
    to_date: Mapped[date | None]


class LadderStep(Model):
    """From which fraction of a promise on which duty role is told, and how long it may be silent.

    Without minutes an alert is not passed on.
    """

    __tablename__ = "ladder_step"

    fraction: Mapped[float] = mapped_column(primary_key=True)
    duty: Mapped[str] = mapped_column(Code)
    pass_on_minutes: Mapped[int | None]


class Alert(Model):
    """One rung of one clock that somebody must take note of.

    `state` is ``open``, ``acknowledged``, ``passed_on`` or ``settled``; `due_at` is when the rung
    was reached, `target_at` when the promise falls due. `everybody` is set where nobody was on
    duty. `rule` is the sentence that says why these people were told; `crew_id` the crew that was.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_open", "ticket_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id"))
    clock: Mapped[str] = mapped_column(Code)
    rung: Mapped[int]
    fraction: Mapped[float]
    duty: Mapped[str] = mapped_column(Code)
    crew_id: Mapped[int | None] = mapped_column(ForeignKey("crew.id"))
    everybody: Mapped[bool] = mapped_column(default=False)
    rule: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    target_at: Mapped[datetime]
    raised_at: Mapped[datetime] = mapped_column(index=True)
    late_ms: Mapped[int] = mapped_column(RowId)
    state: Mapped[str] = mapped_column(Code, default="open")
    pass_on_at: Mapped[datetime | None]
    passed_from_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AlertPerson(Model):
    """One person whom an alert was told to."""

    __tablename__ = "alert_person"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id"), primary_key=True, index=True
    )
