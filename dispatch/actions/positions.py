"""Where is a crew now, which way did it take on its shift, and who looked at that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.actions.settings_log import record_setting
from dispatch.domain.place import check_point
from dispatch.domain.tracks import Fix, Track, add_fix, is_worth_drawing, pack, stretch_of, unpack
from dispatch.models.base import db
from dispatch.models.people import CrewTrack, Position
from dispatch.queries.tracks import is_on_duty

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.place import Point


def record_position(
    crew_id: int, point: Point, *, measured_at: datetime, accuracy_metres: float | None = None
) -> None:
    """Keep where a crew is, WGS-84; an answer older than the one we have does not move it.

    On shift it becomes a part of the crew's way too, the late ones as well.

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
    # This locks the row even where nothing changes, so that ways are written one after another.
    db.session.execute(
        insert(Position)
        .values(crew_id=crew_id, **row)
        .on_conflict_do_update(
            index_elements=["crew_id"], set_=row, where=Position.measured_at <= measured_at
        )
    )
    if is_worth_drawing(accuracy_metres) and is_on_duty(crew_id, measured_at):
        _draw_on(crew_id, Fix(measured_at, point, accuracy_metres))


def _draw_on(crew_id: int, fix: Fix) -> None:
    begins_at = stretch_of(fix.at)
    kept = db.session.execute(
        select(CrewTrack.points, CrewTrack.settled).where(
            CrewTrack.crew_id == crew_id, CrewTrack.begins_at == begins_at
        )
    ).one_or_none()
    known = Track(tuple(unpack(begins_at, kept.points)), kept.settled) if kept else Track()
    track = add_fix(known, fix)
    row = {"points": pack(begins_at, track.fixes), "settled": track.settled}
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    db.session.execute(
        insert(CrewTrack)
        .values(crew_id=crew_id, begins_at=begins_at, **row)
        .on_conflict_do_update(index_elements=["crew_id", "begins_at"], set_=row)
    )


def log_track_look(
    crew: str, from_at: datetime, to_at: datetime, *, actor: Actor, now: datetime
) -> None:
    """Write down who looked at the way of a crew, and at which hours of it."""
    seen = {"from": from_at.isoformat(), "to": to_at.isoformat()}
    record_setting("track", crew, None, seen, actor=actor, now=now)
