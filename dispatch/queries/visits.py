"""Which visits has a ticket, and which of them is under way?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.sentences import say
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Visit
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.domain.permissions import Scope

_ACTIVE = tuple(str(state) for state in ACTIVE)


def visits_of(ticket_id: int) -> Sequence[Visit]:
    """Return every visit of a ticket, oldest first."""
    return db.session.scalars(
        select(Visit).where(Visit.ticket_id == ticket_id).order_by(Visit.id)
    ).all()


def active_visits_of(ticket_id: int) -> Sequence[Visit]:
    """Return the visits of a ticket that are under way, oldest first."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.ticket_id == ticket_id, Visit.state.in_(_ACTIVE))
        .order_by(Visit.id)
    ).all()


def visit_under_way(visit_id: int | None) -> Visit | None:
    """Return a visit that has not ended, None for any other."""
    return db.session.scalars(
        select(Visit).where(Visit.id == visit_id, Visit.state.in_(_ACTIVE))
    ).one_or_none()


def active_visit_of(ticket_id: int, crew_id: int | None = None) -> Visit:
    """Return the visit under way: that of a crew, else the leading one.

    Raises:
        Forbidden: when no crew is on this ticket.
    """
    visits = active_visits_of(ticket_id)
    if crew_id is not None:
        visits = [visit for visit in visits if visit.crew_id == crew_id]
    if not visits:
        raise Forbidden(say("No crew is on this ticket now. Look at the newest state of it."))
    leading = [visit for visit in visits if visit.crew_role == "lead"]
    return (leading or list(visits))[0]


def crew_for_change(crew_id: int, scope: Scope) -> Crew:
    """Return a crew that the asker may send.

    Raises:
        NotFound: when there is no such crew in the asker's scope.
    """
    crew = db.session.scalars(
        in_scope(select(Crew).where(Crew.id == crew_id, Crew.active), scope, crew=Crew)
    ).one_or_none()
    if crew is None:
        raise NotFound(say("There is no such crew, or it is not yours to send."))
    return crew
