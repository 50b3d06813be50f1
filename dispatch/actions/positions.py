"""Where is a crew now, which way did it take on its shift, and who looked at that?"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.actions.arrivals import judge_by_positions
from dispatch.actions.settings_log import record_setting
from dispatch.domain.place import check_point
from dispatch.domain.position_batch import newest
from dispatch.domain.tracks import Fix, Track, add_fix, is_worth_drawing, pack, stretch_of, unpack
from dispatch.models.base import db
from dispatch.models.people import CrewTrack, Position
from dispatch.queries.tracks import watched_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
    fix = Fix(measured_at, point, accuracy_metres)
    _keep_newest(crew_id, fix)
    _draw_on(crew_id, _watched(crew_id, [fix]))


def take_positions(crew_id: int, fixes: Sequence[Fix], *, now: datetime) -> int:
    """Keep what a phone sent of a crew's way, in order of measurement; return how many counted.

    Only what was measured on shift, or on a ticket that the crew took, is kept at all.
    """
    watched = _watched(crew_id, fixes)
    now_at = newest(watched)
    if now_at is not None:
        _keep_newest(crew_id, now_at)
    _draw_on(crew_id, watched)
    judge_by_positions(crew_id, watched, now=now)
    return len(watched)


def _watched(crew_id: int, fixes: Sequence[Fix]) -> list[Fix]:
    if not fixes:
        return []
    spans = watched_spans(crew_id, fixes[0].at, fixes[-1].at)
    return [fix for fix in fixes if any(begun <= fix.at <= ended for begun, ended in spans)]


def _keep_newest(crew_id: int, fix: Fix) -> None:
    row = {
        "lat": fix.point.lat,
        "lon": fix.point.lon,
        "accuracy_metres": fix.accuracy_metres,
        "measured_at": fix.at,
    }
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    # This locks the row even where nothing changes, so that ways are written one after another.
    db.session.execute(
        insert(Position)
        .values(crew_id=crew_id, **row)
        .on_conflict_do_update(
            index_elements=["crew_id"], set_=row, where=Position.measured_at <= fix.at
        )
    )


def _draw_on(crew_id: int, fixes: Iterable[Fix]) -> None:
    drawn = [fix for fix in fixes if is_worth_drawing(fix.accuracy_metres)]
    for begins_at, some in groupby(drawn, key=lambda fix: stretch_of(fix.at)):
        kept = db.session.execute(
            select(CrewTrack.points, CrewTrack.settled).where(
                CrewTrack.crew_id == crew_id, CrewTrack.begins_at == begins_at
            )
        ).one_or_none()
        track = Track(tuple(unpack(begins_at, kept.points)), kept.settled) if kept else Track()
        for fix in some:
            track = add_fix(track, fix)
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
