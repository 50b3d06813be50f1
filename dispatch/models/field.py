"""Which phones are there to be, who used them, what did they send, and what became of it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_HAS_PHOTO = text("photo_sha256 IS NOT NULL")


class FieldEntry(Model):
    """One command of a phone with its answer, so that it gets the same one when sent again.

    `args` holds what was typed where the story of the ticket does not: of a command that was
    superseded, rejected or held. `reason` is the sentence that the phone was told. `user_id` is
    whose tap it was, `sent_by_id` who was signed in as it was sent; `flag` says that the person
    whom the phone named had never signed in on it. Of a held command `told` keeps when and where
    it was made, and `decision` what the desk made of it. A photo is here only while it is held: it
    has no `sequence`, `photo_sha256` names its file.
    """

    __tablename__ = "field_entry"
    __table_args__ = (
        UniqueConstraint("device_id", "sequence"),
        Index(None, "photo_sha256", sqlite_where=_HAS_PHOTO, postgresql_where=_HAS_PHOTO),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    uuid: Mapped[str] = mapped_column(Code, unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    sequence: Mapped[int | None] = mapped_column(RowId)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    args: Mapped[dict[str, Any] | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    effective_at: Mapped[datetime | None]
    time_quality: Mapped[str | None] = mapped_column(Code)
    outcome: Mapped[str] = mapped_column(Code, index=True)
    reason: Mapped[dict[str, Any] | None]
    told: Mapped[dict[str, Any] | None]
    flag: Mapped[str | None] = mapped_column(Code)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str | None] = mapped_column(Code)
    decision_reason: Mapped[str | None]
    photo_sha256: Mapped[str | None] = mapped_column(Code)


class PhoneCode(Model):
    """A code that enrols one phone of a crew once; only its hash is stored."""

    __tablename__ = "phone_code"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(Code, unique=True)
    crew_id: Mapped[int] = mapped_column(ForeignKey("crew.id"))
    name: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class PhonePerson(Model):
    """Who signed in on a phone, first and last."""

    __tablename__ = "phone_person"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
