"""Of which tickets can somebody be called?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.ticket_state import ticket_id_of, ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

_IDS_AT_ONCE = 500


def numbers_with_phone(numbers: Sequence[str]) -> frozenset[str]:
    """Return those tickets that have a report with a telephone number."""
    ids = [each for each in map(ticket_id_of, numbers) if each is not None]
    found: set[int] = set()
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        asked = select(Report.ticket_id).where(Report.ticket_id.in_(some), Report.phone != "")
        found.update(db.session.scalars(asked.distinct()))
    return frozenset(ticket_number(each) for each in found)
