"""Which places of the utility does somebody mean who types an address, and whose are they?"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from dispatch.domain.masking import masked_phone
from dispatch.domain.place import Point
from dispatch.domain.typed_address import MOST_CHARACTERS, read_address, with_number
from dispatch.models.base import current_connection, db
from dispatch.models.people import Team
from dispatch.models.places import Grid, Household
from dispatch.queries.address_index import AddressIndex, Fit, Place
from dispatch.queries.grids import grid_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection, Engine

log = logging.getLogger(__name__)

MOST_PLACES = 200_000
"""So many of the newest households are searched; the older ones are found by account and number."""
AT_ONCE = 5_000
"""So many rows are read while somebody waits; a larger book is read beside the answers."""
AS_GOOD = 5.0
"""A place within so many points of the first is as likely as it is."""

_SPELT = re.compile(r"[^\W\d_]{2,}")
_STAMP = select(func.count(Household.id), func.max(Household.id))


@dataclass
class _Book:
    """The index of one database and the state of the table that it was made from."""

    stamp: tuple[Any, ...]
    index: AddressIndex
    is_being_read: bool = False


_lock = Lock()
_books: WeakKeyDictionary[Engine, _Book] = WeakKeyDictionary()


def find_places(text: str, *, now: datetime, limit: int = 8) -> list[dict[str, Any]]:
    """Return the places that fit what is typed, the best first.

    Each has its grid and team, and says whether it is as good as the first. One whose house number
    is not the typed one names the known address in `near`: its own has the typed number, and it is
    nobody's household. An account is found by itself.
    """
    own = db.session.scalars(select(Household).where(Household.account == text.strip())).first()
    if own is not None:
        return _shown([own], {own.id: Fit(own.id, 100.0, is_number=True)}, "", now)
    fits = _fits(text, limit)
    by_id = {fit.id: fit for fit in fits}
    rows = {
        row.id: row for row in db.session.scalars(select(Household).where(Household.id.in_(by_id)))
    }
    numbers = read_address(text).numbers
    known = [rows[fit.id] for fit in fits if fit.id in rows]
    return _shown(known, by_id, numbers[0] if numbers else "", now)


def _fits(text: str, limit: int) -> list[Fit]:
    index = _index()
    if index is not None:
        return index.search(text, limit)
    # The book is being read for the first time: until then only what is spelt like that is found.
    words = _SPELT.findall(text[:MOST_CHARACTERS])
    if not words:
        return []
    spelt = select(Household.id).where(
        *(Household.address.icontains(word, autoescape=True) for word in words)
    )
    return [
        Fit(row, 90.0, is_number=True)
        for row in db.session.scalars(spelt.order_by(Household.id).limit(limit))
    ]


def _index() -> AddressIndex | None:
    """Return the index of the book, read again once households were added; None at first."""
    connection = current_connection()
    stamp = tuple(connection.execute(_STAMP).one())
    engine = db.engine
    with _lock:
        book = _books.get(engine)
        if book is not None and (book.stamp == stamp or book.is_being_read):
            return book.index if book.stamp else None
        if stamp[0] <= AT_ONCE:
            _books[engine] = _Book(stamp, _read(connection))
            return _books[engine].index
        if book is None:
            book = _books[engine] = _Book((), AddressIndex(()))
        book.is_being_read = True
    Thread(target=_read_beside, args=(engine,), name="address book", daemon=True).start()
    return book.index if book.stamp else None


def _read_beside(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            stamp = tuple(connection.execute(_STAMP).one())
            book = _Book(stamp, _read(connection))
        with _lock:
            _books[engine] = book
    except Exception:
        log.exception("the address book could not be read; it is tried again")
        with _lock:
            _books[engine].is_being_read = False


def _read(connection: Connection) -> AddressIndex:
    newest = (
        select(Household.id, Household.address, Household.name)
        .order_by(Household.id.desc())
        .limit(MOST_PLACES)
    )
    rows = [Place(*row) for row in connection.execute(newest)]
    rows.reverse()
    return AddressIndex(rows)


def _shown(
    rows: Sequence[Household], fits: dict[int, Fit], number: str, now: datetime
) -> list[dict[str, Any]]:
    points = [
        None if row.lat is None or row.lon is None else Point(row.lat, row.lon) for row in rows
    ]
    owners = owners_of(points, now)
    best = max((fits[row.id].fit for row in rows), default=0.0)
    return [
        {
            "account": row.account if fits[row.id].is_number else None,
            "name": row.name,
            "phone": masked_phone(row.phone),
            "address": row.address if fits[row.id].is_number else with_number(row.address, number),
            "place": None if point is None else {"lat": point.lat, "lon": point.lon},
            "remarks": row.remarks,
            "vulnerable": row.vulnerable,
            "near": None if fits[row.id].is_number else row.address,
            "as_good": fits[row.id].fit >= best - AS_GOOD,
            **owner,
        }
        for row, point, owner in zip(rows, points, owners, strict=True)
    ]


def owners_of(points: Iterable[Point | None], now: datetime) -> list[dict[str, Any]]:
    """Return grid, team and standing of each WGS-84 point, by their names in both languages."""
    index = grid_index(now)
    found = [None if point is None else index.find_grid(point) for point in points]
    keys = {each.key for each in found if each is not None and each.key is not None}
    rows = db.session.execute(
        select(Grid.id, Grid.name, Grid.name_zh, Team.name, Team.name_zh)
        .outerjoin(Team, Team.id == Grid.team_id)
        .where(Grid.id.in_(keys))
    )
    known = {
        key: {
            "grid": {"name": name, "name_zh": zh},
            "team": {"name": team, "name_zh": team_zh} if team else None,
        }
        for key, name, zh, team, team_zh in rows
    }
    nobody = {"grid": None, "team": None}
    return [
        {**(nobody if each is None or each.key is None else known[each.key])}
        | {"standing": None if each is None else each.standing}
        for each in found
    ]
