"""How do the service points of a city become known?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.places import Household

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class HouseholdDraft:
    """One service point as a list names it: WGS-84 degrees."""

    account: str
    name: str | None
    phone: str | None
    address: str
    lat: float | None = None
    lon: float | None = None


def add_households(drafts: Iterable[HouseholdDraft]) -> int:
    """Add the households whose account is not known yet; return how many."""
    known = set(db.session.scalars(select(Household.account)))
    new = [draft for draft in drafts if draft.account not in known]
    db.session.add_all(Household(**asdict(draft)) for draft in new)
    db.session.flush()
    return len(new)
