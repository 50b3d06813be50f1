"""When and where is storm mode on, and what was switched before?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.storm import STORM_NAMES, Spell, StormKind, spell_over
from dispatch.models.base import UTCDateTime, current_connection, db
from dispatch.models.places import Grid
from dispatch.models.storms import Storm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

MOST_SHOWN = 20

_at = bindparam("at", type_=UTCDateTime)
_UNTIL = func.coalesce(Storm.ended_at, Storm.ends_at)
_SPELLS = (
    select(Storm.id, Storm.kind, Storm.grids, Storm.begun_at, Storm.ends_at, Storm.ended_at)
    .where(Storm.begun_at <= _at, _at < _UNTIL)
    .order_by(Storm.id)
)


def spells_on(at: datetime) -> list[Spell]:
    """Return where storm mode was on at an instant, the oldest first."""
    return [_spell(row) for row in current_connection().execute(_SPELLS, {"at": at})]


def storm_in(grid: str | None, at: datetime) -> Spell | None:
    """Return the storm that was on in a grid at an instant."""
    return spell_over(spells_on(at), grid, at)


def storm_for_change(storm_id: int) -> Storm:
    """Return a storm to be changed.

    Raises:
        NotFound: when there is none.
    """
    found = db.session.scalars(
        select(Storm).where(Storm.id == storm_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound(say("There is no such storm."))
    return found


def storms_past_their_end(now: datetime) -> Sequence[Storm]:
    """Return the storms whose expected end has passed and whose end is not written down yet."""
    return db.session.scalars(
        select(Storm)
        .where(Storm.ended_at.is_(None), Storm.ends_at <= now)
        .order_by(Storm.id)
        .with_for_update(skip_locked=True)
    ).all()


def storm_rows(now: datetime) -> list[dict[str, Any]]:
    """Return the newest storms, those that are on first, then by their beginning."""
    rows = db.session.scalars(
        select(Storm).order_by(Storm.begun_at.desc(), Storm.id.desc()).limit(MOST_SHOWN)
    ).all()
    shown = _with_places([shown_storm(row, now) for row in rows])
    return sorted(shown, key=lambda row: not row["on"])


def storms_on(now: datetime) -> list[dict[str, Any]]:
    """Return the storms that are on, the oldest first, as `shown_storm` does."""
    on = {spell.id for spell in spells_on(now)}
    if not on:
        return []
    rows = db.session.scalars(select(Storm).where(Storm.id.in_(on)).order_by(Storm.id))
    return _with_places([shown_storm(row, now) for row in rows])


def _with_places(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the names of the grids as their reader calls them."""
    names = {name for row in rows for name in row["grids"]}
    named = select(Grid.name, Grid.name_zh).where(Grid.name.in_(names)).order_by(Grid.version)
    chinese = {row.name: row.name_zh for row in db.session.execute(named)}
    return [
        row | {"places": [LocalName(name, chinese.get(name)) for name in row["grids"]]}
        for row in rows
    ]


def shown_storm(row: Storm, now: datetime) -> dict[str, Any]:
    """Return one storm as everybody at the utility may read it."""
    until = row.ended_at or row.ends_at
    return {
        "id": row.id,
        "version": row.version,
        "kind": row.kind,
        "kind_name": STORM_NAMES[StormKind(row.kind)],
        "reason": row.reason,
        "grids": list(row.grids),
        "begun_at": row.begun_at,
        "begun_by": row.begun_by,
        "ends_at": row.ends_at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
        "on": row.begun_at <= now < until,
    }


def _spell(row: Row[Any]) -> Spell:
    return Spell(
        row.id,
        StormKind(row.kind),
        frozenset(row.grids),
        row.begun_at,
        row.ended_at or row.ends_at,
    )
