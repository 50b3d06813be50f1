"""Whose rows may the asker see? The one place that narrows a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, Visit

if TYPE_CHECKING:
    from sqlalchemy import Select

    from dispatch.domain.permissions import Scope


AnySelect = TypeVar("AnySelect", bound="Select[*tuple[Any, ...]]")


def in_scope(
    statement: AnySelect,
    scope: Scope,
    *,
    crew: type[Crew] | None = None,
) -> AnySelect:
    """Narrow a selection of tickets, or of crews when `crew` is given, to the asker's scope.

    A crew sees the tickets that it has or had a visit on; a team's people see the tickets of their
    team and those that one of its crews was sent to.
    """
    if scope.everything:
        return statement
    if crew is not None:
        own = (
            Crew.team_id == scope.team_id if scope.team_id is not None else Crew.id == scope.crew_id
        )
        return statement.where(own)
    if scope.team_id is not None:
        visited = (
            select(Visit.ticket_id)
            .join(Crew, Crew.id == Visit.crew_id)
            .where(Crew.team_id == scope.team_id)
        )
        return statement.where((Ticket.team_id == scope.team_id) | Ticket.id.in_(visited))
    visited = select(Visit.ticket_id).where(Visit.crew_id == scope.crew_id)
    return statement.where(Ticket.id.in_(visited))
