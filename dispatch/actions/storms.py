"""How is storm mode switched on, prolonged and ended, and which tickets come in it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from dispatch.actions.settings_log import record_setting, refuse_stale
from dispatch.domain.errors import Forbidden
from dispatch.domain.permissions import RULE
from dispatch.domain.sentences import say
from dispatch.domain.storm import check_end, check_wanted
from dispatch.models.base import db
from dispatch.models.storms import Storm
from dispatch.queries.administration import last_change
from dispatch.queries.grids import grid_map
from dispatch.queries.storms import spells_on, storm_for_change, storm_in, storms_past_their_end

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.storm import Wanted
    from dispatch.models.tickets import Ticket

SUBJECT = "storm"


def begin_storm(wanted: Wanted, *, actor: Actor, now: datetime) -> Storm:
    """Switch storm mode on from now to its expected end, for some grids or the whole city.

    Raises:
        Invalid: naming the kind, the reason, a grid or the end.
        Forbidden: when it is on in one of the grids.
    """
    if db.engine.dialect.name == "postgresql":
        # Two who switch it on at once would both find it off; SQLite has one writer.
        db.session.execute(text("LOCK TABLE storm IN SHARE ROW EXCLUSIVE MODE"))
    known = {each.name for each in grid_map(now).facts.values()}
    kind = check_wanted(wanted, known_grids=known, on=spells_on(now), now=now)
    row = Storm(
        kind=str(kind),
        reason=wanted.reason.strip(),
        grids=sorted(set(wanted.grids)),
        begun_at=now,
        begun_by=actor.name,
        user_id=actor.user_id,
        ends_at=wanted.ends_at,
    )
    db.session.add(row)
    db.session.flush()
    record_setting(SUBJECT, str(row.id), None, _facts(row), actor=actor, now=now)
    return row


def change_end(
    storm_id: int, ends_at: datetime, *, actor: Actor, now: datetime, seen_version: int | None
) -> Storm:
    """Give a storm that is on another expected end.

    Raises:
        NotFound: when there is none.
        Forbidden: when it is over.
        Stale: when somebody changed it in between.
        Invalid: naming the end.
    """
    row = _running(storm_id, now, seen_version)
    check_end(ends_at, begun_at=row.begun_at, now=now)
    was = _facts(row)
    row.ends_at = ends_at
    db.session.flush()
    record_setting(SUBJECT, str(row.id), was, _facts(row), actor=actor, now=now)
    return row


def end_storm(storm_id: int, *, actor: Actor, now: datetime, seen_version: int | None) -> Storm:
    """Switch storm mode off by hand.

    Raises:
        NotFound: when there is none.
        Forbidden: when it is over.
        Stale: when somebody changed it in between.
    """
    row = _running(storm_id, now, seen_version)
    _end(row, now, actor=actor, now=now)
    return row


def end_storms_that_are_over(now: datetime) -> int:
    """Write down the end of each storm whose expected end has passed; return how many."""
    rows = storms_past_their_end(now)
    for row in rows:
        _end(row, row.ends_at, actor=RULE, now=now)
    return len(rows)


def mark_storm(ticket: Ticket, *, grid: str | None) -> None:
    """Let a ticket carry the storm that was on in its grid when it was received, or none."""
    found = storm_in(grid, ticket.received_at)
    ticket.storm_id = found.id if found else None
    ticket.storm = found is not None


def _running(storm_id: int, now: datetime, seen_version: int | None) -> Storm:
    row = storm_for_change(storm_id)
    refuse_stale(row.version, seen_version, last_change(SUBJECT, str(row.id)))
    if not row.begun_at <= now < (row.ended_at or row.ends_at):
        raise Forbidden(say("This storm is over."))
    return row


def _end(row: Storm, at: datetime, *, actor: Actor, now: datetime) -> None:
    was = _facts(row)
    row.ended_at, row.ended_by = at, actor.name
    db.session.flush()
    record_setting(SUBJECT, str(row.id), was, _facts(row), actor=actor, now=now)


def _facts(row: Storm) -> dict[str, Any]:
    ended = row.ended_at and row.ended_at.isoformat()
    return {
        "kind": row.kind,
        "reason": row.reason,
        "grids": list(row.grids),
        "ends_at": row.ends_at.isoformat(),
        "ended_at": ended,
    }
