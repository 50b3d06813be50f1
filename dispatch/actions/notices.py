"""How is an interruption written, published, extended and ended, with each step on record?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape

from dispatch.actions.notice_news import tell_subscribers
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.notices import (
    EXPLAINED,
    NoticeKind,
    NoticeState,
    check_complete,
    check_extension,
    check_resumption,
    check_times,
)
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.notices import NoticeEvent, NoticeRow
from dispatch.queries.grids import valid_grids
from dispatch.queries.notices import notice_seen, times_of
from dispatch.queries.tickets import ticket_seen

if TYPE_CHECKING:
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.permissions import Actor
    from dispatch.models.places import Grid

_TOLD = (
    "kind",
    "categories",
    "area",
    "area_zh",
    "text",
    "text_zh",
    "grids",
    "begins_at",
    "ends_at",
)


@dataclass(frozen=True, kw_only=True)
class NoticeWish:
    """What the desk writes; its area is that of the named grids and of what was drawn."""

    kind: str
    begins_at: datetime
    ends_at: datetime
    categories: tuple[str, ...] = ()
    area: str = ""
    area_zh: str = ""
    text: str = ""
    text_zh: str = ""
    grids: tuple[str, ...] = ()
    outline: BaseGeometry | None = None
    ticket: str = ""


def draft_notice(wish: NoticeWish, *, actor: Actor, now: datetime) -> NoticeRow:
    """Write a draft that only the desk sees.

    Raises:
        Invalid: naming each wrong field.
        NotFound: when the ticket is not there or not the asker's to see.
    """
    row = NoticeRow(**_columns(wish, actor, now), changed_at=now)
    db.session.add(row)
    db.session.flush()
    _record(row, "drafted", actor=actor, now=now)
    return row


def change_notice(
    notice_id: int, wish: NoticeWish, *, actor: Actor, now: datetime, seen_version: int
) -> NoticeRow:
    """Write a draft anew, or mend one that is published.

    Raises:
        NotFound: when there is none, or the ticket is not the asker's to see.
        Forbidden: when it has ended.
        Invalid: naming each wrong field.
        Stale: when somebody changed it since.
    """
    row = _open_one(notice_id, now, seen_version)
    was = _facts(row)
    for name, value in _columns(wish, actor, now, begun=row.begins_at).items():
        setattr(row, name, value)
    if row.published_at is not None:
        _check_complete(row)
    now_facts = _facts(row)
    changed = {name: was[name] for name in was if was[name] != now_facts[name]}
    row.changed_at = now
    _record(row, "changed", actor=actor, now=now, facts={"was": changed})
    tell_subscribers(row, now=now)
    return row


def publish_notice(notice_id: int, *, actor: Actor, now: datetime, seen_version: int) -> NoticeRow:
    """Let everybody read a notice; from its beginning it answers calls from its area.

    Raises:
        NotFound: when there is none.
        Forbidden: when it is published already, or was dropped.
        Invalid: naming what is missing in either language, or a time that has passed.
        Stale: when somebody changed it since.
    """
    row = _open_one(notice_id, now, seen_version)
    if row.published_at is not None:
        raise Forbidden(say("This notice is published already."))
    check_times(row.begins_at, row.ends_at, now)
    _check_complete(row)
    row.published_at = row.changed_at = now
    _record(row, "published", actor=actor, now=now, facts=_facts(row))
    tell_subscribers(row, now=now)
    return row


def extend_notice(
    notice_id: int,
    until: datetime,
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
    seen_version: int,
) -> NoticeRow:
    """Announce a later end.

    Raises:
        NotFound: when there is none.
        Forbidden: when it is a draft or has ended.
        Invalid: when the end is not later, or too far.
        Stale: when somebody changed it since.
    """
    row = _seen(notice_id, seen_version)
    check_extension(times_of(row), until, now)
    was, row.ends_at = row.ends_at, until
    row.changed_at = now
    facts = {"was": was.isoformat(), "ends_at": until.isoformat(), "reason": reason.strip()}
    _record(row, "extended", actor=actor, now=now, facts=facts)
    tell_subscribers(row, now=now)
    return row


def end_notice(
    notice_id: int, *, reason: str = "", actor: Actor, now: datetime, seen_version: int
) -> NoticeRow:
    """End a notice before its time; a draft is dropped.

    Raises:
        NotFound: when there is none.
        Forbidden: when it has ended.
        Stale: when somebody changed it since.
    """
    row = _open_one(notice_id, now, seen_version)
    kind = "dropped" if row.published_at is None else "ended"
    row.ended_at = row.changed_at = now
    _record(row, kind, actor=actor, now=now, facts={"reason": reason.strip()})
    tell_subscribers(row, now=now)
    return row


def resume_notice(
    notice_id: int, *, reason: str = "", actor: Actor, now: datetime, seen_version: int
) -> NoticeRow:
    """Take back an early end, or bring a dropped draft back, until its announced end.

    Raises:
        NotFound: when there is none.
        Forbidden: when nobody ended it, or its announced end has passed.
        Stale: when somebody changed it since.
    """
    row = _seen(notice_id, seen_version)
    check_resumption(times_of(row), now)
    was = row.ended_at.isoformat() if row.ended_at else None
    row.ended_at, row.changed_at = None, now
    _record(row, "resumed", actor=actor, now=now, facts={"was": was, "reason": reason.strip()})
    tell_subscribers(row, now=now)
    return row


def _seen(notice_id: int, seen_version: int) -> NoticeRow:
    row = notice_seen(notice_id)
    if row.version != seen_version:
        raise Stale(
            say("Somebody changed this notice since you opened it. Look at it again."),
            facts={"version": row.version, "seen_version": seen_version},
        )
    return row


def _open_one(notice_id: int, now: datetime, seen_version: int) -> NoticeRow:
    row = _seen(notice_id, seen_version)
    if times_of(row).state(now) is NoticeState.ENDED:
        raise Forbidden(say("This interruption has ended. Publish a new one if it goes on."))
    return row


def _columns(
    wish: NoticeWish, actor: Actor, now: datetime, *, begun: datetime | None = None
) -> dict[str, Any]:
    _check_words(wish)
    check_times(wish.begins_at, wish.ends_at, now, begun=begun)
    named = _grids(wish.grids, now)
    area = _area(named, wish.outline)
    ticket = ticket_seen(wish.ticket, actor.scope) if wish.ticket.strip() else None
    return {
        "kind": wish.kind,
        "categories": [key for key in EXPLAINED if key in wish.categories],
        "area": wish.area.strip() or ", ".join(grid.name for grid in named),
        "area_zh": wish.area_zh.strip() or "、".join(grid.name_zh or grid.name for grid in named),
        "text": wish.text.strip(),
        "text_zh": wish.text_zh.strip(),
        "grids": [grid.name for grid in named],
        "outline": _geojson(wish.outline) if wish.outline is not None else None,
        "geometry": _geojson(area),
        "ticket_id": ticket.id if ticket else None,
        "begins_at": wish.begins_at,
        "ends_at": wish.ends_at,
    }


def _check_words(wish: NoticeWish) -> None:
    if wish.kind not in set(NoticeKind):
        fault = say("Say why: planned work or a burst main.")
        raise Invalid(fault, fields={"kind": fault})
    unknown = set(wish.categories) - set(EXPLAINED)
    if unknown:
        fault = say("An interruption does not explain “%(key)s”.", key=min(unknown))
        raise Invalid(fault, fields={"categories": fault})


def _area(named: list[Grid], outline: BaseGeometry | None) -> BaseGeometry:
    parts = [shape(grid.geometry) for grid in named]
    parts += [outline] if outline is not None else []
    if not parts:
        fault = say("Say where: choose grids, or draw the area.")
        raise Invalid(fault, fields={"grids": fault})
    return shapely.union_all(parts)


def _grids(names: tuple[str, ...], now: datetime) -> list[Grid]:
    by_name = {grid.name: grid for grid in valid_grids(now)}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        fault = say("There is no grid “%(name)s” now.", name=unknown[0])
        raise Invalid(fault, fields={"grids": fault})
    return [by_name[name] for name in sorted(set(names))]


def _geojson(area: BaseGeometry) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shapely.to_geojson(area))
    return found


def _check_complete(row: NoticeRow) -> None:
    texts = {name: getattr(row, name) for name in ("area", "area_zh", "text", "text_zh")}
    check_complete(texts, row.categories)


def _facts(row: NoticeRow) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in _TOLD}
    return facts | {name: facts[name].isoformat() for name in ("begins_at", "ends_at")}


def _record(
    row: NoticeRow,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    event = NoticeEvent(
        notice_id=row.id,
        at=now,
        kind=kind,
        user_id=actor.user_id,
        author=actor.name,
        facts=facts or {},
    )
    db.session.add(event)
    db.session.flush()
