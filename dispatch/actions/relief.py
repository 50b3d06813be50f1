"""How does a crew hand its ticket over to another crew, without a gap in who is on it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dispatch.actions.crew_news import tell_crew
from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.promises import await_answer, disarm
from dispatch.actions.reasons import check_reason
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_not_on_hold,
    check_version,
    dated,
    move_visit,
    record_event,
    visit_times,
)
from dispatch.actions.visits import acknowledge
from dispatch.domain.crew_news import CrewStep
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.permissions import Role
from dispatch.domain.relief import ReliefState, check_wish
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.visit_state import VisitState, check_visit_transition
from dispatch.domain.written_reasons import expected_there, written_basis
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.queries.candidates import candidates_for
from dispatch.queries.relief import crews_beside, visit_to_relieve
from dispatch.queries.visits import active_visits_of, crew_for_change

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket, Visit


@dataclass(frozen=True)
class Wish:
    """Why a crew hands over, what it has done so far, and to whom; None leaves that to the desk."""

    reason: str = ""
    done: str = ""
    to_crew_id: int | None = None


def ask_relief(
    ticket: Ticket,
    visit: Visit,
    wish: Wish,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Ask another crew to take a ticket over; until it does, the visit goes on as it is.

    Asked again it names another crew; what is left empty then stays as it was.

    Raises:
        Invalid: without a reason or a word on what was done, or for a crew that may not be asked.
        Forbidden: before the crew took the ticket, after its visit, or while the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    check_not_on_hold(ticket)
    check_visit_transition(VisitState(visit.state), VisitState.HANDED_OVER)
    told = dated(told, now, *visit_times(visit))
    is_asked = visit.relief_state == ReliefState.ASKED
    reason = wish.reason or (is_asked and visit.relief_reason) or ""
    done = wish.done.strip() or (is_asked and visit.note) or ""
    check_wish(reason, done)
    other = _crew_named(ticket, visit, wish.to_crew_id, actor)
    visit.relief_state, visit.relief_reason = str(ReliefState.ASKED), reason
    visit.relief_crew_id = other.id if other else None
    visit.relief_asked_at, visit.note = told.effective_at, done
    told = replace(told, reason=reason, note=done, facts=told.facts | _named(other))
    event = record_event(
        ticket, EventKind.RELIEF_ASKED, actor=actor, now=now, told=told, visit=visit
    )
    if other is not None:
        tell_crew(ticket, other.id, CrewStep.ASKED, str(event.uuid), actor=actor, now=now)
    await_answer(ticket, visit)


def _crew_named(ticket: Ticket, visit: Visit, crew_id: int | None, actor: Actor) -> Crew | None:
    """Return the crew that is to be asked: a crew names one of its own team, the desk any."""
    if crew_id is None:
        return None
    busy = {each.crew_id for each in active_visits_of(ticket.id)}
    beside = {row.id for row in crews_beside(visit.crew_id)}
    if crew_id in busy or (actor.role is Role.CREW and crew_id not in beside):
        fault = say("Choose another crew of your team, or leave the choice to the desk.")
        raise Invalid(fault, fields={"to_crew_id": fault})
    if actor.role is Role.CREW:
        return db.session.get_one(Crew, crew_id)
    return crew_for_change(crew_id, actor.scope)


def _named(crew: Crew | None) -> dict[str, object]:
    if crew is None:
        return {}
    return {"to_crew_id": crew.id, "to_crew": crew.name, "to_crew_zh": crew.name_zh}


def take_back(
    ticket: Ticket,
    visit: Visit,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Keep a ticket that was to be handed over.

    Raises:
        Forbidden: when nobody was asked, or the answer is there already.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if visit.relief_state != ReliefState.ASKED:
        raise Forbidden(say("No hand-over of this ticket waits for an answer."))
    told = dated(told, now, visit.relief_asked_at, *visit_times(visit))
    visit.relief_state, visit.note = str(ReliefState.TAKEN_BACK), None
    record_event(ticket, EventKind.RELIEF_TAKEN_BACK, actor=actor, now=now, told=told, visit=visit)
    disarm(ticket, ClockKind.RELIEF, visit)


def take_over(
    ticket: Ticket,
    crew_id: int | None,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> Visit:
    """Let the crew that was asked take a ticket over: one visit ends as the other begins.

    `crew_id` is the crew that takes it, None for the one that was asked. No clock starts anew.

    Raises:
        Forbidden: when this crew is not asked or not asked any more, or the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    check_not_on_hold(ticket)
    visit = visit_to_relieve(ticket.id, crew_id)
    if visit.relief_crew_id is None:
        raise Forbidden(say("No crew was named to take this ticket over. Name one first."))
    crew = db.session.get_one(Crew, visit.relief_crew_id)
    told = _not_before_asked(told, visit, now)
    if actor.role is not Role.CREW:
        told = replace(told, acting_for_crew_id=crew.id)
    move_visit(visit, VisitState.HANDED_OVER, at=told.effective_at or now)
    visit.relief_state = str(ReliefState.DONE)
    disarm(ticket, visit=visit)
    over = replace(told, reason=visit.relief_reason, facts=told.facts | _named(crew))
    record_event(ticket, EventKind.HANDED_OVER, actor=actor, now=now, told=over, visit=visit)
    db.session.flush()
    at = Told(told.effective_at, told.time_quality, acting_for_crew_id=told.acting_for_crew_id)
    decision = _decision(ticket, visit, crew, now)
    taken = dispatch_visit(ticket, crew, actor=actor, now=now, decision=decision, told=at)
    acknowledge(ticket, taken, actor=actor, now=now, told=at)
    return taken


def _decision(ticket: Ticket, visit: Visit, crew: Crew, now: datetime) -> Decision:
    """Return the crew's part in the ticket as it was, and when the crew that takes it is there."""
    candidates = candidates_for(ticket, now)
    return Decision(
        eta_at=expected_there(crew.id, candidates),
        eta_basis=written_basis(crew.id, candidates),
        crew_role=visit.crew_role,
    )


def decline_relief(
    ticket: Ticket,
    crew_id: int | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Let the crew that was asked, or the desk, say no: the crew that has the ticket keeps it.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when this crew is not asked or not asked any more.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    visit = visit_to_relieve(ticket.id, crew_id)
    told = replace(_not_before_asked(told, visit, now), note=said)
    visit.relief_state, visit.note = str(ReliefState.DECLINED), None
    record_event(ticket, EventKind.RELIEF_DECLINED, actor=actor, now=now, told=told, visit=visit)
    disarm(ticket, ClockKind.RELIEF, visit)


def _not_before_asked(told: Told, visit: Visit, now: datetime) -> Told:
    """Date an answer; a phone whose clock is wrong for a while answers no earlier than asked."""
    earlier = [*visit_times(visit), *([visit.relief_asked_at] if visit.relief_asked_at else [])]
    if told.effective_at is not None:
        told = replace(told, effective_at=max(told.effective_at, *earlier))
    return dated(told, now, *earlier)
