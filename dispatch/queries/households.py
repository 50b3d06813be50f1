"""Whose water is it? Finds a household by account, telephone or address."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from dispatch.domain.errors import Invalid
from dispatch.domain.masking import masked_phone
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.places import Household

HOUSEHOLD_COLUMNS = ("account", "name", "phone", "address", "place", "remarks", "vulnerable")
"""What the desk is shown of a household."""
_FEWEST_DIGITS = 4


def household_id_of(account: str) -> int:
    """Return the row id of a household.

    Raises:
        Invalid: when there is no household with this account.
    """
    found = db.session.scalar(select(Household.id).where(Household.account == account))
    if found is None:
        fault = say("There is no household with this account.")
        raise Invalid(fault, fields={"household": fault})
    return found


def find_households(
    *, search: str | None = None, phone: str | None = None, limit: int = 10
) -> list[dict[str, Any]]:
    """Return the households that fit, by account; the telephone number is masked.

    `phone` compares the last digits, at least four of them; `search` looks into account, name and
    address. Without either nobody is found.
    """
    asked = []
    digits = "".join(each for each in phone or "" if each.isascii() and each.isdigit())
    if len(digits) >= _FEWEST_DIGITS:
        asked.append(Household.phone.endswith(digits))
    if search and search.strip():
        words = search.strip()
        asked.append(Household.account == words)
        asked.append(Household.name.icontains(words, autoescape=True))
        asked.append(Household.address.icontains(words, autoescape=True))
    if not asked:
        return []
    rows = db.session.scalars(
        select(Household).where(or_(*asked)).order_by(Household.account).limit(limit)
    )
    return [
        {
            "account": row.account,
            "name": row.name,
            "phone": masked_phone(row.phone),
            "address": row.address,
            "place": None if row.lat is None else {"lat": row.lat, "lon": row.lon},
            "remarks": row.remarks,
            "vulnerable": row.vulnerable,
        }
        for row in rows
    ]
