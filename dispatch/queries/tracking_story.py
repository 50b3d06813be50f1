"""Which steps of a ticket may a resident read, and which are still to come?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState
from dispatch.domain.visit_state import HOLD_NAMES, Cause, HoldReason, VisitState
from dispatch.models.base import db
from dispatch.models.tickets import Hold, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dispatch.models.people import Crew
    from dispatch.models.tickets import Report, Ticket, Visit

S = TicketState

CAUSES_FOR_RESIDENTS: dict[Cause, Sentence] = {
    Cause.PART_MISSING: say("A part has to be fetched first."),
    Cause.SKILL_MISSING: say("It needs other tools or more hands."),
    Cause.PLACE_NOT_FOUND: say("The crew did not find the place. Please call and describe it."),
    Cause.NO_ACCESS: say("The crew could not get in. Please call to agree on a time."),
    Cause.VALVE_WILL_NOT_SHUT: say("A valve could not be shut; it is dealt with first."),
    Cause.NOT_OUR_PIPE: say("The pipe belongs to somebody else; the desk finds out whose it is."),
    Cause.WEATHER_OR_TRAFFIC: say("Weather or traffic did not allow the repair."),
    Cause.RESIDENT_POSTPONED: say("It was put off as agreed on site."),
    Cause.TEMPORARY_REPAIR: say("A temporary repair holds; the lasting one follows."),
}

_CALLED_OFF = frozenset({VisitState.DECLINED, VisitState.WITHDRAWN, VisitState.HANDED_OVER})
TOLD: dict[str, tuple[str, str, Sentence]] = {
    EventKind.REOPENED: ("rotate", "warn", say("The ticket was opened again")),
    EventKind.SOLVED_BY_PHONE: ("phone", "good", say("Solved on the telephone")),
    EventKind.ANSWERED_BY_NOTICE: ("info-circle", "info", say("Part of a known interruption")),
    EventKind.CANCELLED: ("ban", "neutral", say("Ended without a repair")),
    EventKind.CLOSED: ("checks", "neutral", say("Closed")),
}

AHEAD = (
    ("send", say("A crew is chosen")),
    ("truck", say("The crew sets off")),
    ("map-pin", say("The crew arrives")),
    ("circle-check", say("Fixed")),
)
# How many of the steps above lie behind a ticket in each state.
DONE = {
    S.DISPATCHED: 1,
    S.ACKNOWLEDGED: 1,
    S.EN_ROUTE: 2,
    S.ARRIVED: 3,
    S.WORKING: 3,
    S.COMPLETED: 4,
}


@dataclass(frozen=True)
class TrackStep:
    """One line of the story: what happened and when; `at` is None while it lies ahead."""

    icon: str
    tone: str
    text: Sentence
    at: datetime | None = None
    more: Sentence | None = None


def past_steps(
    ticket: Ticket, report: Report, visits: Sequence[tuple[Visit, Crew]]
) -> tuple[TrackStep, ...]:
    """Return what has happened so far, in the order in which it happened."""
    steps = [*_receipt(ticket, report), *_told(ticket), *_pauses(ticket)]
    for visit, crew in visits:
        steps += _trip(visit, crew)
    if ticket.restored_at is not None and ticket.restored_at != ticket.completed_at:
        text = say("The water is back or the leak is stopped")
        steps.append(TrackStep("droplet", "good", text, ticket.restored_at))
    return tuple(sorted(steps, key=lambda step: step.at or ticket.received_at))


def steps_ahead(ticket: Ticket) -> tuple[TrackStep, ...]:
    """Return what is still to come; nothing once the ticket has ended."""
    state = S(ticket.held_from) if ticket.held_from else S(ticket.state)
    if state in ENDED:
        return ()
    return tuple(TrackStep(icon, "neutral", text) for icon, text in AHEAD[DONE.get(state, 0) :])


def _receipt(ticket: Ticket, report: Report) -> Iterator[TrackStep]:
    if report.received_at > ticket.received_at:
        text = say("Somebody else reported it first")
        yield TrackStep("users", "neutral", text, ticket.received_at)
    yield TrackStep("bell", "info", say("We received your report"), report.received_at)


def _told(ticket: Ticket) -> Iterator[TrackStep]:
    rows = db.session.execute(
        select(TicketEvent.kind, TicketEvent.effective_at)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_([str(k) for k in TOLD]))
        .order_by(TicketEvent.id)
    )
    for kind, at in rows:
        icon, tone, text = TOLD[kind]
        yield TrackStep(icon, tone, text, at)


def _pauses(ticket: Ticket) -> Iterator[TrackStep]:
    for hold in db.session.scalars(select(Hold).where(Hold.ticket_id == ticket.id)):
        reason = HOLD_NAMES[HoldReason(hold.reason)]
        yield TrackStep("player-pause", "hold", say("The work was paused"), hold.from_at, reason)
        if hold.to_at is not None:
            yield TrackStep("player-play", "info", say("The work goes on"), hold.to_at)


def _trip(visit: Visit, crew: Crew) -> Iterator[TrackStep]:
    state = VisitState(visit.state)
    if state in _CALLED_OFF and visit.arrived_at is None:
        return
    name = LocalName(crew.name, crew.name_zh)
    chosen = say("A crew was chosen: %(crew)s", crew=name)
    yield TrackStep("send", "info", chosen, visit.dispatched_at)
    if visit.en_route_at is not None:
        yield TrackStep("truck", "accent", say("The crew set off"), visit.en_route_at)
    if visit.arrived_at is not None:
        yield TrackStep("map-pin", "accent", say("The crew arrived"), visit.arrived_at)
    if state is VisitState.COMPLETED:
        yield TrackStep("circle-check", "good", say("The crew fixed it"), visit.ended_at)
    elif state is VisitState.CANNOT_COMPLETE:
        text = say("It could not be fixed on this visit")
        more = CAUSES_FOR_RESIDENTS[Cause(visit.cause)] if visit.cause else None
        yield TrackStep("alert-triangle", "warn", text, visit.ended_at, more)
    elif state is VisitState.WITHDRAWN:
        text = say("The crew left; the desk decides who goes on")
        yield TrackStep("arrow-back-up", "warn", text, visit.ended_at)
    elif state is VisitState.HANDED_OVER:
        yield TrackStep("users", "info", say("Another crew goes on with the work"), visit.ended_at)
