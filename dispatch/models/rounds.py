"""Where does a crew go round on a day, and what came of each stop?"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class Round(Model):
    """The round of a crew on one day of the utility."""

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("crew_id", "day"), Index(None, "day"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"))
    day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class RoundStop(Model):
    """One stop: a household, or a planned ticket with its household where it has one.

    `turn` is its place in the round. `found_ticket_id` is the fault that was found there. A stop
    that ended keeps who ended it, and where the phone was then (WGS-84). `ended_at` is the time
    that counts, `device_at` what the phone's clock said, `received_at` when it reached us.
    """

    __tablename__ = "round_stop"
    __table_args__ = (Index(None, "round_id", "turn"), Index(None, "household_id", "ended_at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    turn: Mapped[int]
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str] = mapped_column(Code, default="waiting")
    note: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    device_at: Mapped[datetime | None]
    time_quality: Mapped[str | None] = mapped_column(Code)
    ended_by: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy_metres: Mapped[float | None]
    found_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))

    __mapper_args__ = {"version_id_col": version}
