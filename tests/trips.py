"""How do tests send a crew to a ticket and let it work there, minute by minute?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.steps import take_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import RULE, Actor, Role
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from tests.factories import make_city, make_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.actions.intake import Opened

STEPS = ("acknowledge", "set-off", "arrive", "start", "complete")


def open_burst(now: datetime, **given: Any) -> Opened:
    """Add the city and one ticket in the west of it."""
    with transaction():
        make_city(now)
        return make_ticket(now, **given)


def another_ticket(now: datetime, **given: Any) -> Opened:
    """Add one more ticket to the city."""
    with transaction():
        return make_ticket(now, **given)


def steward(crew_id: int) -> Actor:
    """Return a member of a crew, without an account."""
    return Actor(name="Wang", role=Role.CREW, crew_id=crew_id, source="mobile")


def send(ticket_id: int, crew_id: int, at: datetime, eta_minutes: int | None = 12) -> None:
    """Send a crew to a ticket."""
    eta = None if eta_minutes is None else at + timedelta(minutes=eta_minutes)
    with transaction():
        ticket, crew = db.session.get_one(Ticket, ticket_id), db.session.get_one(Crew, crew_id)
        decision = Decision(automatic=True, eta_at=eta)
        dispatch_visit(ticket, crew, actor=RULE, now=at, decision=decision)


def step(ticket_id: int, name: str, actor: Actor, at: datetime, **args: Any) -> None:
    """Take one step on a ticket."""
    with transaction():
        take_step(db.session.get_one(Ticket, ticket_id), name, args, actor=actor, now=at)


def work(ticket_id: int, crew_id: int, begin: datetime, *, until: str = "complete") -> datetime:
    """Let a crew take its steps five minutes apart, up to one of them; return the last instant."""
    at = begin
    for name in STEPS[: STEPS.index(until) + 1]:
        at += timedelta(minutes=5)
        step(ticket_id, name, steward(crew_id), at)
    return at


def lack(
    ticket_id: int, at: datetime, *parts: str, needs: bool = True, until: str = "complete"
) -> datetime:
    """Send crew 1, which lacks some parts, and then comes back and can do it."""
    send(ticket_id, 1, at)
    at = work(ticket_id, 1, at, until="arrive")
    said = {"parts": list(parts)} if needs else {}
    step(ticket_id, "cannot-complete", steward(1), at, cause="part_missing", **said)
    send(ticket_id, 1, at + timedelta(minutes=1))
    return work(ticket_id, 1, at + timedelta(minutes=1), until=until)


def use(ticket_id: int, at: datetime, item: str) -> None:
    """Let crew 1 write down a part that it used."""
    step(ticket_id, "parts", steward(1), at, item=item, count=1)
