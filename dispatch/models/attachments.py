"""Which photos belong to a ticket, from whom, and which file holds each?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_COVERED = text("covered_sha256 IS NOT NULL")


class Attachment(Model):
    """One photo; its file is named by `sha256`, and the row stays when the file is removed.

    With a report it goes where the report goes, without one it stays on `ticket_id`. `sent_sha256`
    is the hash of the file as it was sent, `uuid` the sender's own name of it, so that sending it
    twice is harmless. `taken_at` is what the camera or the telephone said, None where it cannot be
    right; a crew's phone that knows how far its clock is off says it by the server's.
    `covered_sha256` names the copy that is shown in its place, `covered_boxes` what is covered
    there, as shares. `signer` is who signed, as told with a signature; it goes with the file.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index(None, "covered_sha256", sqlite_where=_COVERED, postgresql_where=_COVERED),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(Code, unique=True)
    uuid: Mapped[str | None] = mapped_column(Code, unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[str] = mapped_column(Code)
    name: Mapped[str]
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    source: Mapped[str] = mapped_column(Code)
    taken_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(Code, index=True)
    sent_sha256: Mapped[str] = mapped_column(Code)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy_metres: Mapped[float | None]
    covered_sha256: Mapped[str | None] = mapped_column(Code)
    covered_boxes: Mapped[list[Any] | None]
    covered_at: Mapped[datetime | None]
    covered_by: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[str | None]
    deleted_reason: Mapped[str | None]
    signer: Mapped[str | None]
