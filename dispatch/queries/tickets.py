"""Which tickets may the asker see, and how do they stand?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, ticket_id_of
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid, Household
from dispatch.models.tickets import Report, Ticket, Visit
from dispatch.queries.scoping import in_scope
from dispatch.queries.ticket_shape import shaped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from dispatch.domain.permissions import Scope

TICKET = Ticket.__table__
_ENDED = tuple(sorted(str(state) for state in ENDED))
_ACTIVE = tuple(sorted(str(state) for state in ACTIVE))
_FEWEST_DIGITS_OF_A_PHONE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilters:
    """Which tickets are asked for; None lets every one through.

    `since` compares the receipt, `changed_since` the last change. `search` looks into number,
    address, description, outside id and household account, and with `search_phones` into the
    telephone numbers of reporters.
    """

    states: tuple[str, ...] = ()
    grid: str | None = None
    team: str | int | None = None
    crew_id: int | None = None
    level: int | None = None
    category: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    changed_since: datetime | None = None
    open_only: bool = False
    imported: bool | None = None
    household_id: int | None = None
    search: str | None = None
    search_phones: bool = False


EVERY_TICKET = TicketFilters()


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of tickets, and where the next one begins; None at the end."""

    rows: list[dict[str, Any]]
    next_after: tuple[datetime, int] | None


def ticket_for_change(number: str, scope: Scope) -> Ticket:
    """Return the row of a ticket that an action may change, locked until the transaction ends.

    Raises:
        NotFound: when there is no such ticket in the asker's scope.
    """
    return _one(select(Ticket).where(Ticket.id == _id_of(number)).with_for_update(of=Ticket), scope)


def lock_merging(number: str, into: str = "") -> None:
    """Lock every ticket that a merge or its undoing changes, the lowest id first.

    These are the ticket, the other one, its parent and its duplicates. In one order, two tickets
    that are merged into each other at once wait for one another no longer than a step takes.
    """
    own = ticket_id_of(number)
    parent = select(Ticket.parent_id).where(Ticket.id == own).scalar_subquery()
    chosen = or_(
        Ticket.id.in_([own, ticket_id_of(into)]), Ticket.id == parent, Ticket.parent_id == own
    )
    db.session.execute(select(Ticket.id).where(chosen).order_by(Ticket.id).with_for_update())


def ticket_seen(number: str, scope: Scope) -> Ticket:
    """Return the row of a ticket to look at.

    Raises:
        NotFound: when there is no such ticket in the asker's scope.
    """
    return _one(select(Ticket).where(Ticket.id == _id_of(number)), scope)


def _one(statement: Select[Ticket], scope: Scope) -> Ticket:
    ticket = db.session.scalars(in_scope(statement, scope)).one_or_none()
    if ticket is None:
        raise _no_ticket()
    return ticket


def ticket_row(number: str, scope: Scope) -> dict[str, Any]:
    """Return one ticket in the shape that everybody reads, with the reasons of its visits.

    Raises:
        NotFound: when there is no such ticket in the asker's scope.
    """
    rows = shaped(
        _read(in_scope(select(TICKET).where(Ticket.id == _id_of(number)), scope)), reasons=True
    )
    if not rows:
        raise _no_ticket()
    return rows[0]


def ticket_rows(
    scope: Scope,
    filters: TicketFilters = EVERY_TICKET,
    *,
    limit: int | None = None,
    after: tuple[datetime, int] | None = None,
) -> list[dict[str, Any]]:
    """Return the tickets in the asker's scope, the newest receipt first.

    Names are `Sentence` values and instants are aware: the JSON provider and templates word them.
    """
    return ticket_page(scope, filters, limit=limit, after=after).rows


def ticket_page(
    scope: Scope,
    filters: TicketFilters = EVERY_TICKET,
    *,
    limit: int | None = None,
    after: tuple[datetime, int] | None = None,
) -> TicketPage:
    """Return one page of tickets after a place in the list, the newest receipt first."""
    statement = in_scope(select(TICKET).where(*_conditions(filters)), scope)
    if after is not None:
        at, ticket_id = after
        statement = statement.where(
            or_(
                Ticket.received_at < at,
                and_(Ticket.received_at == at, Ticket.id < ticket_id),
            )
        )
    statement = statement.order_by(Ticket.received_at.desc(), Ticket.id.desc())
    if limit is not None:
        statement = statement.limit(limit + 1)
    found = _read(statement)
    more = limit is not None and len(found) > limit
    shown = found[:limit] if more else found
    last = (shown[-1]["received_at"], shown[-1]["id"]) if more else None
    return TicketPage(shaped(shown), last)


def open_ticket_counts(scope: Scope) -> dict[str, int]:
    """Count the tickets that are open now, imported ones left out, by state."""
    columns: tuple[Any, ...] = (Ticket.state, func.count())
    counted = (
        select(*columns).where(Ticket.state.not_in(_ENDED), ~Ticket.imported).group_by(Ticket.state)
    )
    return {row[0]: row[1] for row in db.session.execute(in_scope(counted, scope))}


def _read(statement: Select[Any]) -> list[dict[str, Any]]:
    found = db.session.execute(statement)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def _conditions(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    if filters.states:
        yield Ticket.state.in_(filters.states)
    if filters.open_only:
        yield Ticket.state.not_in(_ENDED)
    if filters.imported is not None:
        yield Ticket.imported.is_(filters.imported)
    yield from _equal(filters)
    if filters.since is not None:
        yield Ticket.received_at >= filters.since
    if filters.before is not None:
        yield Ticket.received_at < filters.before
    if filters.changed_since is not None:
        yield Ticket.changed_at >= filters.changed_since
    if filters.search and filters.search.strip():
        yield _found_by(filters.search.strip(), phones=filters.search_phones)


def _equal(filters: TicketFilters) -> Iterator[ColumnElement[bool]]:
    if filters.grid is not None:
        yield Ticket.grid_id.in_(select(Grid.id).where(Grid.name == filters.grid))
    if isinstance(filters.team, int):
        yield Ticket.team_id == filters.team
    elif filters.team is not None:
        yield Ticket.team_id.in_(select(Team.id).where(Team.name == filters.team))
    if filters.crew_id is not None:
        yield Ticket.id.in_(
            select(Visit.ticket_id).where(
                Visit.crew_id == filters.crew_id, Visit.state.in_(_ACTIVE)
            )
        )
    if filters.level is not None:
        yield Ticket.level == filters.level
    if filters.category is not None:
        yield Ticket.category == filters.category
    if filters.household_id is not None:
        yield Ticket.household_id == filters.household_id


def _found_by(search: str, *, phones: bool) -> ColumnElement[bool]:
    number = ticket_id_of(search)
    found: list[ColumnElement[bool]] = [
        Ticket.address.icontains(search, autoescape=True),
        Ticket.description.icontains(search, autoescape=True),
        Ticket.external_id == search,
        Ticket.household_id.in_(select(Household.id).where(Household.account == search)),
    ]
    if number is not None:
        found.append(Ticket.id == number)
    digits = "".join(each for each in search if each.isascii() and each.isdigit())
    if phones and len(digits) >= _FEWEST_DIGITS_OF_A_PHONE:
        found.append(Ticket.id.in_(select(Report.ticket_id).where(Report.phone.endswith(digits))))
    return or_(*found)


def _id_of(number: str) -> int:
    found = ticket_id_of(number)
    if found is None:
        raise _no_ticket()
    return found


def _no_ticket() -> NotFound:
    return NotFound(say("There is no ticket with this number, or it is not yours to see."))
