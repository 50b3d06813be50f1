"""What does every table of work hold that waits for its turn and runs beside the clockwork?"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  a mixin is read when its tables are made
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, RowId


class Background:
    """The columns of such work; `key` is its address.

    `state` is ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``; one runs at a time.
    `beat_at` is when its process was last heard of, `tries` how often it was begun.
    """

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(Code, unique=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Code, default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    fault: Mapped[dict[str, Any] | None]
    tries: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
