"""Who wants to hear of interruptions where, and what have they heard of one so far?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import shapely
from shapely.geometry import shape
from sqlalchemy import func, or_, select

from dispatch.domain.errors import NotFound
from dispatch.domain.notices import overlap
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.notices import NoticeSubscription
from dispatch.queries.grids import valid_grids
from dispatch.queries.notices import announced, public_notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement

    from dispatch.models.notices import NoticeRow

CONFIRM_WITHIN = timedelta(days=2)
"""A subscription that nobody confirms for so long never was one."""

LASTS = timedelta(days=365)
"""So long somebody is told after they confirmed it last."""

_AT_ONCE = 500


def subscription_behind(token: str, now: datetime, *, lock: bool = False) -> NoticeSubscription:
    """Return the subscription that a link opens.

    Raises:
        NotFound: when the link is unknown or too old, or the subscription was ended.
    """
    wanted = select(NoticeSubscription).where(NoticeSubscription.token == token)
    is_readable = token.isascii() and "\0" not in token
    row = db.session.scalar(wanted.with_for_update() if lock else wanted) if is_readable else None
    if row is None or ends_at(row) <= now:
        raise NotFound(say("This subscription is unknown or has ended."))
    return row


def ends_at(row: NoticeSubscription) -> datetime:
    """Return when a subscription ends by itself."""
    if row.confirmed_at is None:
        return row.asked_at + CONFIRM_WITHIN
    return row.confirmed_at + LASTS


def subscriptions_of(recipients: Iterable[str]) -> list[NoticeSubscription]:
    """Return the confirmed and unconfirmed subscriptions of some people, the oldest first."""
    wanted = sorted(set(recipients))
    found: list[NoticeSubscription] = []
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        found += db.session.scalars(
            select(NoticeSubscription)
            .where(NoticeSubscription.recipient.in_(some))
            .order_by(NoticeSubscription.id)
        ).all()
    return found


def subscriptions_touched(row: NoticeRow, now: datetime) -> list[NoticeSubscription]:
    """Return the confirmed subscriptions whose place an interruption holds, the oldest first."""
    area = shape(row.geometry)
    west, south, east, north = shapely.bounds(area).tolist()
    is_near = NoticeSubscription.lat.between(south, north) & NoticeSubscription.lon.between(
        west, east
    )
    asked = select(NoticeSubscription.grid).where(_is_on(now)).distinct()
    grids = _grids_touched(row, set(db.session.scalars(asked)), now)
    found = db.session.scalars(
        select(NoticeSubscription)
        .where(_is_on(now), or_(is_near, NoticeSubscription.grid.in_(grids)))
        .order_by(NoticeSubscription.id)
    )
    shapely.prepare(area)
    return [
        each
        for each in found
        if each.grid is not None or shapely.intersects_xy(area, each.lon, each.lat)
    ]


def _grids_touched(row: NoticeRow, wanted: set[str | None], now: datetime) -> list[str]:
    area, named = shape(row.geometry), set(row.grids)
    return [
        grid.name
        for grid in valid_grids(now)
        if grid.name in wanted and (grid.name in named or overlap(area, shape(grid.geometry)))
    ]


def _is_on(now: datetime) -> ColumnElement[bool]:
    return NoticeSubscription.confirmed_at > now - LASTS


def notices_at(row: NoticeSubscription, now: datetime) -> list[NoticeRow]:
    """Return the interruptions in force and coming that touch the place of a subscription."""
    return [each for each in announced(now) if _touches(each, row, now)]


def _touches(notice: NoticeRow, row: NoticeSubscription, now: datetime) -> bool:
    if row.grid is not None:
        return bool(_grids_touched(notice, {row.grid}, now))
    return bool(shapely.intersects_xy(shape(notice.geometry), row.lon, row.lat))


def public_notices_at(row: NoticeSubscription, now: datetime) -> list[dict[str, Any]]:
    """Return what a subscriber reads of the interruptions at their place."""
    return [public_notice(each, now) for each in notices_at(row, now)]


def news_of(notice_id: int) -> Sequence[Outbox]:
    """Return the news of one interruption that were queued for subscribers, the oldest first."""
    return db.session.scalars(
        select(Outbox)
        .where(Outbox.effect_key.startswith(f"notice/{notice_id}/", autoescape=True))
        .order_by(Outbox.id)
        .with_for_update()
    ).all()


def subscriber_counts(now: datetime) -> dict[str, int]:
    """Count the people who are told, their places, and the requests that nobody confirmed yet."""
    row = NoticeSubscription
    people, places, waiting = db.session.execute(
        select(
            func.count(row.recipient.distinct()).filter(_is_on(now)),
            func.count().filter(_is_on(now)),
            func.count().filter(row.confirmed_at.is_(None), row.asked_at > now - CONFIRM_WITHIN),
        ).select_from(row)
    ).one()
    return {"people": people, "places": places, "waiting": waiting}


def people_told_of(row: NoticeRow, now: datetime) -> int:
    """Count the people who are told of an interruption."""
    return len({each.recipient for each in subscriptions_touched(row, now)})
