"""Which crew is sent to a ticket, and how is it called back?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dispatch.actions.crew_news import tell_crew
from dispatch.actions.outbox import tell_reporters
from dispatch.actions.promises import RunningClock, arm, disarm, due_from
from dispatch.actions.reasons import check_reason
from dispatch.actions.settling import settle
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_not_on_hold,
    check_version,
    dated,
    move_ticket,
    move_visit,
    record_aside,
    record_event,
    visit_times,
)
from dispatch.domain.crew_news import CrewStep
from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind, TicketState, check_transition
from dispatch.domain.visit_state import (
    ACTIVE,
    ON_SITE,
    VisitState,
    check_visit_transition,
    ticket_state_for,
)
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.sentences import Sentence
    from dispatch.models.people import Crew
    from dispatch.models.tickets import Ticket


@dataclass(frozen=True)
class Decision:
    """Why this crew: by rule or by hand, with the reasons for and against each candidate.

    `reasons` is JSON: ``{"rule", "why": [sentence], "candidates": [{"crew_id", "crew", "chosen",
    "excluded_by", "eta_seconds", "eta_source", "chance", "reasons": [sentence]}]}``.
    `changes_mind`: the planner takes this crew, or the one before it, from another drive.
    """

    automatic: bool = False
    reasons: dict[str, Any] | None = None
    eta_at: datetime | None = None
    eta_basis: list[Any] | None = None
    override_reason: str | None = None
    crew_role: str = "lead"
    changes_mind: bool = False


BY_HAND = Decision()


def dispatch_visit(
    ticket: Ticket,
    crew: Crew,
    *,
    actor: Actor,
    now: datetime,
    decision: Decision = BY_HAND,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> Visit:
    """Send a crew; the one in that role before is withdrawn first.

    Raises:
        Forbidden: when the ticket's state does not allow it, or a crew is already on site.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    check_not_on_hold(ticket)
    visits = visits_of(ticket.id)
    replaced = _visit_to_replace(visits, crew, decision.crew_role)
    others = [VisitState(each.state) for each in visits if each is not replaced]
    target = ticket_state_for([*others, VisitState.DISPATCHED], fixed=False)
    if target != ticket.state:
        check_transition(TicketState(ticket.state), target)
    told = dated(told, now, *_times_before(ticket, visits, decision.crew_role))
    if replaced is not None:
        back = Told(effective_at=told.effective_at)
        end_visit(ticket, replaced, VisitState.WITHDRAWN, actor=actor, now=now, told=back)
    visit = _new_visit(ticket, crew, decision, told.effective_at or now)
    db.session.add(visit)
    db.session.flush()
    ticket.dispatches += 1
    ticket.overridden = ticket.overridden or decision.override_reason is not None
    told = replace(told, facts=_facts(crew, decision), note=told.note or decision.override_reason)
    _record_dispatch(ticket, visit, target, actor=actor, now=now, told=told)
    tell_crew(ticket, crew.id, CrewStep.SENT, str(visit.id), actor=actor, now=now)
    disarm(ticket, ClockKind.DISPATCH)
    _arm_acknowledge(ticket, visit)
    return visit


def _facts(crew: Crew, decision: Decision) -> dict[str, Any]:
    facts = {"crew_id": crew.id, "role": decision.crew_role, "automatic": decision.automatic}
    return facts | ({"changed_mind": True} if decision.changes_mind else {})


def _times_before(ticket: Ticket, visits: Sequence[Visit], role: str) -> list[datetime]:
    own = [at for visit in visits if visit.crew_role == role for at in visit_times(visit)]
    return [ticket.received_at, *([ticket.accepted_at] if ticket.accepted_at else []), *own]


def _new_visit(ticket: Ticket, crew: Crew, decision: Decision, at: datetime) -> Visit:
    return Visit(
        ticket_id=ticket.id,
        crew_id=crew.id,
        crew_role=decision.crew_role,
        state=str(VisitState.DISPATCHED),
        automatic=decision.automatic,
        override_reason=decision.override_reason,
        reasons=decision.reasons,
        eta_at=decision.eta_at,
        eta_basis=decision.eta_basis or None,
        dispatched_at=at,
        acknowledge_due_at=due_from(ticket, ClockKind.ACKNOWLEDGE, at),
    )


def _record_dispatch(
    ticket: Ticket,
    visit: Visit,
    target: TicketState,
    *,
    actor: Actor,
    now: datetime,
    told: Told,
) -> None:
    if target == ticket.state:
        record_event(ticket, EventKind.DISPATCHED, actor=actor, now=now, told=told, visit=visit)
        return
    event = move_ticket(
        ticket, target, EventKind.DISPATCHED, actor=actor, now=now, told=told, visit=visit
    )
    tell_reporters(ticket, event, now=now)


def _arm_acknowledge(ticket: Ticket, visit: Visit) -> None:
    if visit.acknowledge_due_at is None:
        return
    if ticket.acknowledge_due_at is None:
        ticket.acknowledge_due_at = visit.acknowledge_due_at
    clock = RunningClock(
        ClockKind.ACKNOWLEDGE, visit.dispatched_at, visit.acknowledge_due_at, visit
    )
    arm(ticket, clock)


def _visit_to_replace(visits: Sequence[Visit], crew: Crew, role: str) -> Visit | None:
    """Return the visit that a new one in this role takes the place of.

    Raises:
        Forbidden: when that crew is on the ticket already, or the one to replace is on site.
    """
    active = [visit for visit in visits if visit.state in ACTIVE]
    if any(visit.crew_id == crew.id for visit in active):
        raise Forbidden(say("%(crew)s is on this ticket already.", crew=crew.name))
    same = next((visit for visit in active if visit.crew_role == role), None)
    if same is not None and same.state in ON_SITE:
        raise Forbidden(
            say("A crew is on site. Let it finish or say that it cannot, then send another.")
        )
    return same


def end_visit(
    ticket: Ticket,
    visit: Visit,
    target: VisitState,
    *,
    actor: Actor,
    now: datetime,
    told: Told,
) -> None:
    """End a visit before the repair and write it into the story; the ticket is moved elsewhere.

    A time that nobody told is never before the visit's own: the machine's clock may be set back.
    """
    kinds = {
        VisitState.DECLINED: EventKind.DECLINED,
        VisitState.WITHDRAWN: EventKind.WITHDRAWN,
    }
    at = told.effective_at
    if at is None or at >= now:
        told = dated(replace(told, effective_at=None), at or now, *visit_times(visit))
    else:
        told = dated(told, now, *visit_times(visit))
    move_visit(visit, target, at=told.effective_at or now)
    disarm(ticket, visit=visit)
    record_event(ticket, kinds[target], actor=actor, now=now, told=told, visit=visit)
    _tell_called_back(ticket, visit, actor=actor, now=now)


def decline_visit(
    ticket: Ticket,
    visit: Visit,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Let a crew decline; the ticket goes back to be offered to the next one.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the crew has already arrived.
        Stale: when somebody changed the ticket in between.
    """
    said = check_reason(reason)
    _call_off(
        ticket,
        visit,
        VisitState.DECLINED,
        actor=actor,
        now=now,
        told=replace(told, note=said),
        seen_version=seen_version,
    )


def withdraw_visit(
    ticket: Ticket,
    visit: Visit,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Call a crew back before it arrives; the ticket waits for another.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the crew has already arrived.
        Stale: when somebody changed the ticket in between.
    """
    said = check_reason(reason)
    if VisitState(visit.state) in ON_SITE:
        raise Forbidden(say("The crew is on site already, so it cannot be called back."))
    _call_off(
        ticket,
        visit,
        VisitState.WITHDRAWN,
        actor=actor,
        now=now,
        told=replace(told, note=said),
        seen_version=seen_version,
    )


def recall_visit(
    ticket: Ticket,
    visit: Visit,
    why: Sentence,
    *,
    actor: Actor,
    now: datetime,
    turned_to: int | None = None,
) -> None:
    """Let the planner call a crew back before it arrives, with a reason in both languages.

    `turned_to` is the ticket that gets the crew instead; the one that it leaves may have it again.

    Raises:
        Forbidden: when the crew has arrived or is gone, or the ticket is on hold.
    """
    if VisitState(visit.state) in ON_SITE:
        raise Forbidden(say("The crew is on site already, so it cannot be called back."))
    facts: dict[str, Any] = {"reasons": [why.as_json()]}
    if turned_to is not None:
        facts["turned_to"] = turned_to
    _call_off(
        ticket,
        visit,
        VisitState.WITHDRAWN,
        actor=actor,
        now=now,
        told=Told(facts=facts),
        seen_version=None,
    )


def _call_off(
    ticket: Ticket,
    visit: Visit,
    target: VisitState,
    *,
    actor: Actor,
    now: datetime,
    told: Told,
    seen_version: int | None,
) -> None:
    check_version(ticket, seen_version)
    check_not_on_hold(ticket)
    kind = EventKind.DECLINED if target is VisitState.DECLINED else EventKind.WITHDRAWN
    check_visit_transition(VisitState(visit.state), target)
    told = dated(told, now, *visit_times(visit))
    move_visit(visit, target, at=told.effective_at or now)
    disarm(ticket, visit=visit)
    settle(ticket, kind, visit=visit, actor=actor, now=now, told=told)
    _tell_called_back(ticket, visit, actor=actor, now=now)


def _tell_called_back(ticket: Ticket, visit: Visit, *, actor: Actor, now: datetime) -> None:
    if visit.state == VisitState.WITHDRAWN:
        tell_crew(ticket, visit.crew_id, CrewStep.TAKEN_AWAY, str(visit.id), actor=actor, now=now)


def report_nobody(
    ticket: Ticket,
    reasons: Sequence[Sentence],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write into the story that no crew may go, and why, so that the desk can act."""
    facts = {"reasons": [sentence.as_json() for sentence in reasons]}
    record_event(ticket, EventKind.NOBODY_AVAILABLE, actor=actor, now=now, told=Told(facts=facts))


def report_waiting(
    ticket: Ticket, crew_id: int | None, why: Sentence, *, actor: Actor, now: datetime
) -> None:
    """Write into the story for which crew a ticket waits, None until one can be spared."""
    facts = {"reasons": [why.as_json()], "crew_id": crew_id}
    record_aside(ticket, EventKind.WAITS, actor=actor, now=now, told=Told(facts=facts))
