"""How do tests get a ticket that is completed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, complete_visit
from dispatch.models.base import db
from dispatch.models.people import Crew
from tests.factories import DESK, make_crew, make_team, make_ticket

if TYPE_CHECKING:
    from datetime import datetime


def complete_one(now: datetime, **report: Any) -> int:
    """Open a ticket and let a crew complete it, all at one instant; return its id."""
    with transaction():
        crew = db.session.scalars(select(Crew)).first() or make_crew("Any", team=make_team("Any"))
        ticket = make_ticket(now, **report).ticket
        visit = dispatch_visit(ticket, crew, actor=DESK, now=now)
        arrive(ticket, visit, actor=DESK, now=now)
        complete_visit(ticket, visit, actor=DESK, now=now)
    return ticket.id
