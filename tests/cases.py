"""How does a test lead one ticket through its life, minute by minute?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.actions import dispatching, visits
from dispatch.actions.unit_of_work import transaction
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import DESK, make_city, make_ticket
from tests.invariants import expect_whole, rows_of, stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

FIELD = {
    "acknowledge": visits.acknowledge,
    "set_off": visits.set_off,
    "arrive": visits.arrive,
    "start": visits.start_work,
    "complete": visits.complete_visit,
}


class Case:
    """One ticket in a city of three crews; every step is checked to leave it whole."""

    def __init__(self, now: datetime, **ticket: Any) -> None:
        """Open the ticket at minute 0."""
        self.start = now
        with transaction():
            self.city = make_city(now)
            self.crews = self.city.crews
            self.ticket, self.report = make_ticket(now, **ticket)
        self.id = self.ticket.id

    def minute(self, minutes: float) -> datetime:
        """Return the instant so many minutes after the call."""
        return self.start + timedelta(minutes=minutes)

    def do(self, action: Callable[..., Any], *args: Any, at: float, **named: Any) -> Any:
        """Take a step in a transaction of its own."""
        with transaction():
            found = action(self.reload(), *args, actor=DESK, now=self.minute(at), **named)
        expect_whole(self.id)
        return found

    def send(self, crew: int = 0, *, at: float, role: str = "lead", **named: Any) -> Visit:
        """Dispatch a crew."""
        decision = dispatching.Decision(crew_role=role)
        chosen = self.crews[crew]
        return self.do(dispatching.dispatch_visit, chosen, at=at, decision=decision, **named)

    def go(self, visit: Visit, *steps: str, at: float) -> None:
        """Let a crew take its steps, a minute apart."""
        for later, step in enumerate(steps):
            self.do(FIELD[step], visit, at=at + later)

    def fixed(self, *, at: float = 1) -> Visit:
        """Send a crew that fixes the fault: dispatched, and completed four minutes later."""
        visit = self.send(at=at)
        self.go(visit, "acknowledge", "set_off", "arrive", "complete", at=at + 1)
        return visit

    def reload(self) -> Ticket:
        """Return the ticket as it is stored."""
        self.ticket = stored(self.id)
        return self.ticket

    def armed(self) -> dict[str, datetime]:
        """Return what is armed: each clock with the instant of its next warning."""
        timers = rows_of(Timer, self.id)
        return {timer.clock: timer.due_at for timer in timers if timer.state == "armed"}

    def told(self) -> list[str]:
        """Return the kinds of the ticket's events, oldest first."""
        return [event.kind for event in rows_of(TicketEvent, self.id)]

    def last_event(self) -> TicketEvent:
        """Return the newest event."""
        newest: TicketEvent = rows_of(TicketEvent, self.id)[-1]
        return newest
