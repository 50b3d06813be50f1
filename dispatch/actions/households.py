"""How do the service points of a city become known?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.actions.settings_log import record_setting
from dispatch.actions.ticket_log import record_aside
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, EventKind
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dispatch.domain.permissions import Actor

_ENDED = tuple(str(state) for state in ENDED)


@dataclass(frozen=True)
class HouseholdDraft:
    """One service point as a list names it: WGS-84 degrees."""

    account: str
    name: str | None
    phone: str | None
    address: str
    lat: float | None = None
    lon: float | None = None
    vulnerable: bool = False


def add_households(drafts: Iterable[HouseholdDraft]) -> int:
    """Add the households whose account is not known yet; return how many."""
    known = set(db.session.scalars(select(Household.account)))
    new = [draft for draft in drafts if draft.account not in known]
    db.session.add_all(Household(**asdict(draft)) for draft in new)
    db.session.flush()
    return len(new)


def mark_vulnerable(account: str, *, vulnerable: bool, actor: Actor, now: datetime) -> None:
    """Note that the people of a household need water or help first, or no longer; never why.

    Its open tickets say so in their stories.

    Raises:
        Invalid: when there is no household with this account.
    """
    named = select(Household).where(Household.account == account).with_for_update()
    row = db.session.scalars(named).one_or_none()
    if row is None:
        fault = say("There is no household with this account.")
        raise Invalid(fault, fields={"account": fault})
    if row.vulnerable == vulnerable:
        return
    row.vulnerable = vulnerable
    was, now_is = ({"vulnerable": each} for each in (not vulnerable, vulnerable))
    record_setting("household", account, was, now_is, actor=actor, now=now)
    kind = EventKind.HOUSEHOLD_MARKED if vulnerable else EventKind.HOUSEHOLD_UNMARKED
    theirs = select(Ticket).where(Ticket.household_id == row.id, Ticket.state.not_in(_ENDED))
    tickets = db.session.scalars(theirs.order_by(Ticket.id)).all()
    for ticket in tickets:
        record_aside(ticket, kind, actor=actor, now=now)
