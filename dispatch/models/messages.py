"""What do messages say, where do they go, and what became of each try?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class Delivery(Model):
    """One try to send one message: when, how it went, what the peer answered."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(Code)
    code: Mapped[int | None]
    took_ms: Mapped[int]
    answer: Mapped[str] = mapped_column(default="")
    fault: Mapped[dict[str, Any] | None]


class MessageTemplate(Model):
    """One version of the text of a step; an empty category is all of them, no text the default."""

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("step", "category", "language", "version"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    step: Mapped[str] = mapped_column(Code)
    category: Mapped[str] = mapped_column(Code)
    language: Mapped[str] = mapped_column(Code)
    version: Mapped[int]
    text: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class WebhookEndpoint(Model):
    """Where events are delivered, signed. The secret is derived from `salt`, never stored."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    url: Mapped[str]
    name: Mapped[str]
    kinds: Mapped[list[Any]]
    salt: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    sees_personal: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    deleted_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}


class PushSubscription(Model):
    """One device of a person who works here, as its push service named it.

    It ends with the session that it was last used in, but outlives one that only expired: then
    `session_id` becomes None when the session is forgotten.
    """

    __tablename__ = "push_subscription"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_session.id", ondelete="SET NULL"), index=True
    )
    endpoint: Mapped[str] = mapped_column(unique=True)
    keys: Mapped[dict[str, Any]]
    agent: Mapped[str | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class OptOut(Model):
    """A telephone number whose owner wants no messages."""

    __tablename__ = "opt_out"

    phone: Mapped[str] = mapped_column(Code, primary_key=True)
    at: Mapped[datetime]
