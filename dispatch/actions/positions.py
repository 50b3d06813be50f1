"""Where is a crew now? Only the latest answer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

from dispatch.domain.place import check_point
from dispatch.models.base import db
from dispatch.models.people import Position

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.place import Point


def record_position(
    crew_id: int, point: Point, *, measured_at: datetime, accuracy_metres: float | None = None
) -> None:
    """Keep where a crew is, WGS-84; an answer older than the one we have changes nothing.

    Raises:
        Invalid: when the coordinates are none, naming lat or lon.
    """
    check_point(point.lat, point.lon)
    row = {
        "lat": point.lat,
        "lon": point.lon,
        "accuracy_metres": accuracy_metres,
        "measured_at": measured_at,
    }
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    db.session.execute(
        insert(Position)
        .values(crew_id=crew_id, **row)
        .on_conflict_do_update(
            index_elements=["crew_id"], set_=row, where=Position.measured_at <= measured_at
        )
    )
