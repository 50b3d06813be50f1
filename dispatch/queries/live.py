"""What has changed since a desk looked last?"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew, Position
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from dispatch.domain.permissions import Scope

OVERLAP = timedelta(seconds=15)
"""A transaction may commit this long after the instant it stamps, and clocks of hosts differ."""

OLDEST = timedelta(hours=1)
"""A desk that was away longer starts from a fresh list."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
_MARK = re.compile(r"([0-9a-f]{1,14})-([0-9a-f]{1,14})-([0-9a-f]{1,10})-([0-9a-f]{12})")
_SEEN: tuple[Any, ...] = (Ticket.id, Ticket.version, Ticket.state, Ticket.changed_at)
_MOVED: tuple[Any, ...] = (Position.crew_id, Position.measured_at)
_ENDED = frozenset(str(state) for state in ENDED)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a desk knows: the newest change and position, the minute, a digest of the overlap.

    The same mark twice means that nothing has changed: it serves as the ETag too. The minute is
    in it because duty begins and ends without any row changing.
    """

    newest: datetime
    moved: datetime
    minute: int
    digest: str

    def __str__(self) -> str:
        """Write the mark as a cursor."""
        newest, moved = ((at - _EPOCH) // _MICROSECOND for at in (self.newest, self.moved))
        return f"{newest:x}-{moved:x}-{self.minute:x}-{self.digest}"

    @classmethod
    def read(cls, text: str) -> Mark:
        """Read what `str` wrote.

        Raises:
            Invalid: when the text is not one of ours.
        """
        found = _MARK.fullmatch(text)
        if found is None:
            fault = say("This cursor is not one of ours. Leave it out to begin at the start.")
            raise Invalid(fault, fields={"since": fault})
        newest, moved = (_EPOCH + int(found[at], 16) * _MICROSECOND for at in (1, 2))
        return cls(newest, moved, int(found[3], 16), found[4])


class _Seen(NamedTuple):
    id: int
    version: int
    state: str
    changed_at: datetime


class _Moved(NamedTuple):
    crew_id: int
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What a desk must redraw. `since` is None where it must start from a fresh list.

    `removed` holds the numbers of tickets that have ended; `crews` the ids of crews to send again,
    None for all of them.
    """

    mark: Mark
    since: datetime | None
    removed: list[str]
    crews: frozenset[int] | None


def changes_since(
    known: Mark | None, scope: Scope, now: datetime, *, watched: str
) -> Changes | None:
    """Return what changed since a mark, None when nothing did; `watched` is the clockwork's level.

    A change may be told twice, never not at all: the desk keeps the newer one.
    """
    known = _still_good(known, now)
    if known is None:
        newest = db.session.scalar(select(func.max(Ticket.changed_at))) or _EPOCH
        moved = db.session.scalar(select(func.max(Position.measured_at))) or _EPOCH
        return Changes(_mark(_window(newest, moved, scope), now, watched), None, [], None)
    window = _window(known.newest, known.moved, scope)
    minute = _minute(now)
    if known == Mark(known.newest, known.moved, minute, window.digest(watched)):
        return None
    crews = None
    if minute == known.minute:
        crews = frozenset(each.crew_id for each in window.positions)
        crews |= _crews_on([each.id for each in window.tickets])
    return Changes(
        _mark(window, now, watched),
        known.newest - OVERLAP,
        [ticket_number(each.id) for each in window.tickets if each.state in _ENDED],
        crews,
    )


def _still_good(known: Mark | None, now: datetime) -> Mark | None:
    """Return the mark unless it lies in the future or more than an hour behind the changes."""
    if known is None or known.newest > now + OVERLAP or known.moved > now + OVERLAP:
        return None
    if now - known.newest > OLDEST:
        # A quiet night is not an absence: only the newest change of all can tell them apart.
        newest = db.session.scalar(select(func.max(Ticket.changed_at)))
        if newest is not None and newest - known.newest > OLDEST:
            return None
    return known


@dataclass(frozen=True, slots=True)
class _Window:
    """The tickets and positions that changed from shortly before two instants on."""

    newest: datetime
    moved: datetime
    tickets: list[_Seen]
    positions: list[_Moved]

    def digest(self, watched: str) -> str:
        known: list[Any] = [(each.id, each.version, each.changed_at) for each in self.tickets]
        known += [(each.crew_id, each.measured_at) for each in self.positions]
        return hashlib.blake2b(repr((known, watched)).encode(), digest_size=6).hexdigest()


def _window(newest: datetime, moved: datetime, scope: Scope) -> _Window:
    # Past tickets come in by the hundred thousand and are on no desk.
    tickets = (
        select(*_SEEN)
        .where(Ticket.changed_at >= newest - OVERLAP, ~Ticket.imported)
        .order_by(Ticket.id)
    )
    positions = (
        select(*_MOVED)
        .join(Crew, Crew.id == Position.crew_id)
        .where(Position.measured_at >= moved - OVERLAP)
        .order_by(Position.crew_id)
    )
    return _Window(
        newest,
        moved,
        [_Seen(*row) for row in db.session.execute(in_scope(tickets, scope))],
        [_Moved(*row) for row in db.session.execute(in_scope(positions, scope, crew=Crew))],
    )


def _mark(window: _Window, now: datetime, watched: str) -> Mark:
    """Move the window on to the newest change inside it."""
    newest = max([window.newest, *(each.changed_at for each in window.tickets)])
    moved = max([window.moved, *(each.measured_at for each in window.positions)])
    left = _Window(
        newest,
        moved,
        [each for each in window.tickets if each.changed_at >= newest - OVERLAP],
        [each for each in window.positions if each.measured_at >= moved - OVERLAP],
    )
    return Mark(newest, moved, _minute(now), left.digest(watched))


def _minute(now: datetime) -> int:
    return (now - _EPOCH) // _MINUTE


def _crews_on(ticket_ids: list[int]) -> frozenset[int]:
    return frozenset(
        db.session.scalars(select(Visit.crew_id).where(Visit.ticket_id.in_(ticket_ids)))
    )
