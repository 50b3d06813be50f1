"""Whose rows may the asker see? The one place that narrows a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import and_, false, or_, select

from dispatch.domain.relief import ReliefState
from dispatch.models.people import Crew
from dispatch.models.tickets import Task, Ticket, Visit

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from dispatch.domain.permissions import Scope


AnySelect = TypeVar("AnySelect", bound="Select[*tuple[Any, ...]]")


def in_scope(
    statement: AnySelect,
    scope: Scope,
    *,
    crew: type[Crew] | None = None,
) -> AnySelect:
    """Narrow a selection of tickets, or of crews when `crew` is given, to the asker's scope.

    A crew sees the tickets that it has or had a visit or a task on, or was asked to take over and
    did not decline; a team's people see the tickets of their team and those that one of its crews
    was sent to or has a task on. Everybody sees the tickets on which a task is their own.
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
        tasked = (
            select(Task.ticket_id)
            .outerjoin(Crew, Crew.id == Task.crew_id)
            .where((Task.team_id == scope.team_id) | (Crew.team_id == scope.team_id))
        )
        own = (Ticket.team_id == scope.team_id) | _in_hand(scope)
        return statement.where(own | Ticket.id.in_(visited) | Ticket.id.in_(tasked))
    # Who was asked may still answer from a phone: it is told what has become of the ticket.
    asked = Visit.relief_state != ReliefState.DECLINED
    visited = select(Visit.ticket_id).where(
        or_(Visit.crew_id == scope.crew_id, and_(Visit.relief_crew_id == scope.crew_id, asked))
    )
    tasked = select(Task.ticket_id).where(Task.crew_id == scope.crew_id)
    return statement.where(Ticket.id.in_(visited) | Ticket.id.in_(tasked) | _in_hand(scope))


def _in_hand(scope: Scope) -> ColumnElement[bool]:
    if scope.user_id is None:
        return false()
    return Ticket.id.in_(select(Task.ticket_id).where(Task.user_id == scope.user_id))
