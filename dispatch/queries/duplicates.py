"""Which open tickets may be about the same fault?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.duplicates import Reported, suggestions
from dispatch.domain.place import Point
from dispatch.domain.ticket_state import ENDED, ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

    from dispatch.domain.permissions import Scope

_ENDED = tuple(sorted(str(state) for state in ENDED))


def likely_duplicates(new: Reported, scope: Scope, *, now: datetime) -> list[dict[str, Any]]:
    """Return the open tickets that may be the same fault, the likeliest first, with the reasons."""
    rows = (
        db.session.execute(
            in_scope(
                select(
                    Ticket.id, Ticket.category, Ticket.received_at, Ticket.lat, Ticket.lon,
                    Ticket.address, Ticket.description, Ticket.household_id, Ticket.state,
                    Ticket.report_count,
                ).where(Ticket.state.not_in(_ENDED), ~Ticket.imported),
                scope,
            )
        )
        .mappings()
        .all()
    )  # fmt: skip
    by_id = {row["id"]: row for row in rows}
    found = suggestions(new, [_reported(row) for row in rows], now=now)
    return [
        {
            "number": ticket_number(each.ticket_id),
            "score": round(each.score, 3),
            "metres": each.metres,
            "reasons": list(each.reasons),
            **{
                name: by_id[each.ticket_id][name]
                for name in ("category", "state", "address", "received_at")
            },
            "reports": by_id[each.ticket_id]["report_count"],
        }
        for each in found
        if each.ticket_id is not None
    ]


def _reported(row: RowMapping) -> Reported:
    placed = row["lat"] is not None and row["lon"] is not None
    return Reported(
        category=row["category"],
        received_at=row["received_at"],
        ticket_id=row["id"],
        point=Point(row["lat"], row["lon"]) if placed else None,
        text=f"{row['address']} {row['description']}",
        household_id=row["household_id"],
    )
