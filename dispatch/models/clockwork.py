"""What must happen later or only once: timers, the outbox, idempotency keys, heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_ARMED = text("state = 'armed'")
_TO_ENDPOINT = text("endpoint_id IS NOT NULL")
_WAITING = text("state = 'waiting'")


class Timer(Model):
    """One warning that is due later. `key` names ticket, clock, rung and policy version.

    `state` is ``armed``, ``fired`` or ``cancelled``; `rung` counts from 0 up the ladder. With an
    `alert_id` it is no warning: it passes that alert on, or tells it to the next crew. On the
    clock ``hold`` it releases the ticket.
    """

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_armed", "due_at", sqlite_where=_ARMED, postgresql_where=_ARMED),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    clock: Mapped[str] = mapped_column(Code)
    rung: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    target_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Code, default="armed")
    fired_at: Mapped[datetime | None]
    late_ms: Mapped[int | None] = mapped_column(RowId)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id"))


class Outbox(Model):
    """One message to one recipient, sent outside the transaction; `effect_key` makes it once.

    `lease` names the claim of the sender that holds the row until `leased_until`. `lane` is what a
    hanging peer may hold up: a channel, or one endpoint. `routes` are the ways that are left when
    this one fails.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "next_try_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_outbox_state_id", "state", "id"),
        Index(None, "endpoint_id", sqlite_where=_TO_ENDPOINT, postgresql_where=_TO_ENDPOINT),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    effect_key: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("webhook_endpoint.id"))
    channel: Mapped[str] = mapped_column(Code)
    lane: Mapped[str] = mapped_column(Code, default="")
    recipient: Mapped[str]
    template: Mapped[str] = mapped_column(Code)
    language: Mapped[str | None] = mapped_column(Code)
    urgency: Mapped[str] = mapped_column(Code, default="ordinary")
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    routes: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(Code, default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(Code)
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    fault: Mapped[dict[str, Any] | None]
    text: Mapped[str | None]


class Idempotency(Model):
    """One request that was answered, so that its repetition gets the same answer."""

    __tablename__ = "idempotency"

    scope: Mapped[str] = mapped_column(Code, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Code)
    status: Mapped[int | None]
    reply: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Heartbeat(Model):
    """When each loop of the clockwork last ran, and what it last did."""

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(Code, primary_key=True)
    runner: Mapped[str] = mapped_column(Code, primary_key=True)
    beat_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    took_ms: Mapped[int | None]
    last_result: Mapped[dict[str, Any] | None]
    last_error: Mapped[str | None]
