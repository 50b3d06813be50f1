"""How does a simulated crew do what it does next, through the same actions as a real one?"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from dispatch.actions import visits
from dispatch.actions.calling_back import call_back
from dispatch.actions.dispatching import decline_visit
from dispatch.actions.follow_up_page import answer_on_page
from dispatch.actions.positions import record_position
from dispatch.actions.ticket_log import Told
from dispatch.cli.demo_movement import Lapse, Step
from dispatch.domain.permissions import RESIDENT, Actor, Role, Scope
from dispatch.domain.place import Point
from dispatch.domain.ticket_state import ENDED, TicketState, ticket_number
from dispatch.queries.finished import first_report
from dispatch.queries.follow_ups import question_for
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.under_way import trips, whereabouts
from dispatch.queries.visits import active_visit_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.cli.demo_cities import Said
    from dispatch.cli.demo_movement import Habits
    from dispatch.models.tickets import Ticket
    from dispatch.queries.under_way import Trip

EVERYWHERE = Scope(everything=True)
GPS_METRES = 8.0
AFAR_DEGREES = 0.006
"""Of latitude: 670 m."""
CALL_BACK_SECONDS = (70.0, 560.0)
"""After so long the desk of the demo calls; most promises are for 600 seconds."""
SCORES = (5, 5, 5, 4, 4, 4, 3, 2, None)
"""What reporters whose fault was fixed give the work and its result; None skips the score."""


def crew_actor(crew_id: int, name: str) -> Actor:
    """Return a crew as the one who taps."""
    return Actor(name=name, role=Role.CREW, crew_id=crew_id, source="mobile")


def any_ticket(ticket_id: int) -> Ticket:
    """Return a ticket by its id, for a change."""
    return ticket_for_change(ticket_number(ticket_id), EVERYWHERE)


def do_step(step: Step, trip: Trip, habits: Habits, said: Said, now: datetime) -> None:
    """Do a step of a visit inside the caller's transaction.

    Raises:
        Refused: when the ticket is on hold, or was changed or ended in between.
    """
    ticket = any_ticket(trip.ticket_id)
    visit = active_visit_of(trip.ticket_id, trip.crew_id)
    by: dict[str, Any] = {"actor": crew_actor(trip.crew_id, trip.crew), "now": now}
    match step:
        case Step.ACKNOWLEDGE:
            visits.acknowledge(ticket, visit, **by)
        case Step.DECLINE:
            decline_visit(ticket, visit, reason=said.declined[habits.remark], **by)
        case Step.SET_OFF:
            visits.set_off(ticket, visit, **by)
        case Step.ARRIVE:
            visits.arrive(ticket, visit, told=_evidence(trip, habits, now), **by)
        case Step.START:
            visits.start_work(ticket, visit, **by)
        case Step.RESTORE:
            visits.restore_supply(ticket, **by)
        case Step.COMPLETE:
            visits.complete_visit(ticket, visit, note=said.fixed, **by)
        case Step.CANNOT_COMPLETE:
            visits.cannot_complete(
                ticket, visit, cause=str(habits.failure), note=said.not_fixed, **by
            )


def go_home(crew_id: int, now: datetime) -> None:
    """Let a crew be back at its base, unless it is under way again or has none."""
    if any(trip.crew_id == crew_id for trip in trips()):
        return
    home = next((each.base for each in whereabouts() if each.crew_id == crew_id), None)
    if home is not None:
        record_position(crew_id, home, measured_at=now, accuracy_metres=GPS_METRES)


def _evidence(trip: Trip, habits: Habits, now: datetime) -> Told:
    """Keep where the crew's phone is at the tap and return it as the evidence of the arrival.

    That is the goal, but for a crew that taps on the way; one that hides says nothing.
    """
    if trip.goal is None or habits.lapse is Lapse.HIDES:
        return Told()
    place = trip.goal
    if habits.lapse is Lapse.TAPS_AFAR:
        place = Point(place.lat + AFAR_DEGREES * (1 + habits.remark), place.lon)
    record_position(trip.crew_id, place, measured_at=now, accuracy_metres=GPS_METRES)
    return Told(position=place, datum="wgs84", accuracy_metres=GPS_METRES)


def call_back_after(ticket: Ticket) -> float | None:
    """Return after how many seconds the desk calls a reporter, None where nobody waits for it."""
    if ticket.call_back_due_at is None:
        return None
    return Random(ticket.id).uniform(*CALL_BACK_SECONDS)  # noqa: S311  a demo


def call_reporter(ticket_id: int, by: Actor, now: datetime) -> bool:
    """Let the desk reach the reporter of a ticket; False when nobody waits any more."""
    ticket = any_ticket(ticket_id)
    if ticket.called_back_at is not None or TicketState(ticket.state) in ENDED:
        return False
    call_back(ticket, actor=by, now=now)
    return True


def answer(ticket_id: int, word: str, now: datetime) -> bool:
    """Let the first reporter say whether it is fixed; False when it cannot be asked any more."""
    ticket = any_ticket(ticket_id)
    report = first_report(ticket_id)
    if report is None or ticket.state not in {TicketState.COMPLETED, TicketState.CLOSED}:
        return False
    row = question_for(report, now)
    given: dict[str, Any] = {
        "answer": word,
        "process": None,
        "result": None,
        "note": "",
        "version": None,
    }
    if row is not None and word == "fixed":
        dice = Random(ticket_id)  # noqa: S311  a demo
        scores = {"process": dice.choice(SCORES), "result": dice.choice(SCORES)}
        given |= scores | {"version": row.version}
    answer_on_page(report, given, actor=RESIDENT, now=now)
    return True
