"""Which tickets, open and past, and which households does somebody mean who types a few letters?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.ticket_state import is_open, state_name, ticket_id_of, ticket_number
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.address_book import find_places
from dispatch.queries.households import HOUSEHOLD_COLUMNS, find_households
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from dispatch.domain.permissions import Scope

NEWEST = 20_000
"""Words are looked for in so many of the newest tickets, so that an answer never takes long."""

_COLUMNS: tuple[Any, ...] = (
    Ticket.id, Ticket.state, Ticket.level, Ticket.category, Ticket.address, Ticket.received_at,
    Ticket.imported,
)  # fmt: skip
_CATEGORIES = {rule.key: rule.name for rule in CATEGORIES}
_FEWEST_DIGITS = 4


def meant_tickets(
    search: str, scope: Scope, *, personal: bool, limit: int = 8
) -> list[dict[str, Any]]:
    """Return the tickets that fit, the one of that number first, then the newest.

    A number finds any ticket; words are looked for in address, description and account, and where
    `personal` may be seen in the names of reporters, digits at the end of their telephone numbers.
    """
    words = search.strip()
    if not words:
        return []
    number = ticket_id_of(words)
    found = select(*_COLUMNS).where(
        or_(Ticket.id == (number or 0), _among_newest(words, personal=personal))
    )
    first = (Ticket.id == (number or 0)).desc()
    rows = db.session.execute(in_scope(found, scope).order_by(first, Ticket.id.desc()).limit(limit))
    return [
        {
            "number": ticket_number(row.id),
            "level": row.level,
            "state": row.state,
            "state_name": state_name(row.state, imported=row.imported),
            "category_name": _CATEGORIES.get(row.category, row.category),
            "address": row.address,
            "received_at": row.received_at,
            "is_open": is_open(row.state, imported=row.imported),
        }
        for row in rows
    ]


def meant_households(search: str, *, now: datetime, limit: int = 5) -> list[dict[str, Any]]:
    """Return the households that fit, those spelt or called like that first, each once.

    After them come those that the address book finds: mistyped, in pinyin or by initials.
    """
    words = search.strip()
    spelt = find_households(search=words, phone=words, limit=limit)
    if len(spelt) == limit or not words:
        return spelt
    known = {each["account"] for each in spelt} | {None}
    alike = [
        {name: place[name] for name in HOUSEHOLD_COLUMNS}
        for place in find_places(words, now=now, limit=limit)
        if place["account"] not in known
    ]
    return [*spelt, *alike][:limit]


def _among_newest(words: str, *, personal: bool) -> ColumnElement[bool]:
    newest = db.session.scalar(select(func.max(Ticket.id))) or 0
    oldest = newest - NEWEST
    account = select(Household.id).where(Household.account == words)
    fits = [
        Ticket.address.icontains(words, autoescape=True),
        Ticket.description.icontains(words, autoescape=True),
        Ticket.external_id == words,
        Ticket.household_id.in_(account),
    ]
    digits = "".join(each for each in words if each.isascii() and each.isdigit())
    callers = [Report.name.icontains(words, autoescape=True)] if personal else []
    if personal and len(digits) >= _FEWEST_DIGITS:
        callers.append(Report.phone.endswith(digits))
    if callers:
        called = select(Report.ticket_id).where(Report.ticket_id > oldest, or_(*callers))
        fits.append(Ticket.id.in_(called))
    return (Ticket.id > oldest) & or_(*fits)
