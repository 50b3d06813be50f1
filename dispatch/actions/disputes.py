"""Who decides whose a fault is, while somebody repairs it all the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dispatch.actions.promises import arm, disarm, dispute_clock
from dispatch.actions.reasons import check_reason
from dispatch.actions.ticket_log import Told, aside_row, check_version, record_event
from dispatch.domain.disputes import (
    LONGEST_DEPARTMENT,
    DisputeGround,
    DisputeState,
    check_open,
)
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, Stale
from dispatch.domain.permissions import RULE, Permission
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind, due_at
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState
from dispatch.models.base import db
from dispatch.models.disputes import Dispute
from dispatch.models.people import Team
from dispatch.queries.disputes import open_dispute_of
from dispatch.queries.policies import policy_in_force

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


@dataclass(frozen=True)
class Whose:
    """Who a fault is said to belong to: another team, or a department outside the utility."""

    team_id: int | None = None
    department: str = ""


@dataclass(frozen=True)
class NewDispute:
    """What a team says that will not have a fault: on which ground, and whose it is then."""

    ground: str
    whose: Whose


def check_dispute(ticket: Ticket, new: NewDispute) -> None:
    """Refuse a dispute that nobody could decide.

    Raises:
        Invalid: when the ground is not on the list, or not exactly one other owner is named.
        Forbidden: when the ticket has no team, has ended, or is in dispute already.
    """
    if new.ground not in set(DisputeGround):
        fault = say("Choose a ground from the list: %(grounds)s.", grounds=", ".join(DisputeGround))
        raise Invalid(fault, fields={"ground": fault})
    _check_whose(new.whose)
    if ticket.team_id is None or TicketState(ticket.state) in ENDED:
        raise Forbidden(say("Only an open ticket that a team owns can be disputed."))
    if new.whose.team_id == ticket.team_id:
        fault = say("This team has the ticket. Name another one.")
        raise Invalid(fault, fields={"team": fault})
    if open_dispute_of(ticket.id) is not None:
        raise Forbidden(say("Whose this is, is in dispute already."))


def open_dispute(
    ticket: Ticket,
    new: NewDispute,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Dispute:
    """Ask the duty manager whose a fault is; clocks and repair go on meanwhile.

    Raises:
        Invalid: when reason, ground or the other owner are missing.
        Forbidden: when the ticket has no team, has ended, or is in dispute already.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    check_dispute(ticket, new)
    row = _new(ticket, new, said, actor, now)
    facts = _facts(row) | {"team": row.other_team_id, "department": row.department}
    told = Told(note=said, reason=row.ground, facts=facts)
    record_event(ticket, EventKind.DISPUTE_OPENED, actor=actor, now=now, told=told)
    clock = dispute_clock(row)
    if clock is not None:
        arm(ticket, clock)
    return row


def _new(ticket: Ticket, new: NewDispute, said: str, actor: Actor, now: datetime) -> Dispute:
    policy = policy_in_force().policy
    row = Dispute(
        ticket_id=ticket.id,
        state=str(DisputeState.OPEN),
        ground=new.ground,
        reason=said,
        from_team_id=ticket.team_id,
        other_team_id=new.whose.team_id,
        department=new.whose.department.strip() or None,
        opened_at=now,
        opened_by=actor.name,
        due_at=due_at(policy.dispute, now, policy),
    )
    db.session.add(row)
    db.session.flush()
    return row


def decide_dispute(
    row: Dispute,
    ticket: Ticket,
    whose: Whose,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Say whose a fault is. A team owns the ticket from now on; visits under way go on.

    Where it is another department's, the team that has the ticket goes on with the repair.

    Raises:
        NotAllowed: when the asker may not decide.
        Invalid: when no reason, or not exactly one owner is given.
        Forbidden: when the dispute is settled already.
        Stale: when somebody settled it in between.
    """
    if not actor.can(Permission.ARBITRATE):
        raise NotAllowed(say("Only a manager may decide a dispute."))
    if seen_version is not None and seen_version != row.version:
        raise Stale(
            say("Somebody changed this dispute in between. Look at it again before you decide."),
            facts={"version": row.version, "seen_version": seen_version, "state": row.state},
        )
    check_open(DisputeState(row.state))
    said = check_reason(reason)
    _check_whose(whose)
    row.owner_team_id = whose.team_id or ticket.team_id
    row.owner_department = whose.department.strip() or None
    row.decision = said
    _settle(row, DisputeState.DECIDED, actor, now)
    ticket.team_id = row.owner_team_id
    told = Told(note=said, facts=_facts(row) | _owner(row))
    record_event(ticket, EventKind.DISPUTE_DECIDED, actor=actor, now=now, told=told)
    db.session.flush()
    disarm(ticket, ClockKind.DISPUTE, dispute=row)


def lapse_row(row: Dispute, ticket: Ticket, *, at: datetime, now: datetime) -> dict[str, Any]:
    """Settle a dispute whose time is up: the team that has the ticket keeps it.

    That is the owner of its grid, or the team that an earlier decision named. Returns the event,
    dated at the end of the time; `write_asides` makes it true, for the ticket stays as it was.
    """
    row.owner_team_id = ticket.team_id
    _settle(row, DisputeState.LAPSED, RULE, at)
    told = Told(effective_at=at, facts=_facts(row) | _owner(row))
    return aside_row(ticket, EventKind.DISPUTE_LAPSED, actor=RULE, now=now, told=told)


def end_dispute(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """End the open dispute of a ticket that was cancelled or merged: nobody need decide it.

    Call it after the step was recorded.
    """
    row = open_dispute_of(ticket.id)
    if row is None:
        return
    _settle(row, DisputeState.OVER, actor, now)
    db.session.flush()
    disarm(ticket, ClockKind.DISPUTE, dispute=row)


def _settle(row: Dispute, state: DisputeState, actor: Actor, at: datetime) -> None:
    """Set the state of a dispute and who brought it there; the only place that does."""
    row.state = str(state)
    row.decided_at, row.decided_by_id, row.decided_by = at, actor.user_id, actor.name


def _check_whose(whose: Whose) -> None:
    department = whose.department.strip()
    if (whose.team_id is None) == (not department):
        fault = say("Name the other team or the other department, one of the two.")
        raise Invalid(fault, fields={"team": fault})
    if len(department) > LONGEST_DEPARTMENT:
        fault = say("Use at most %(most)s characters.", most=LONGEST_DEPARTMENT)
        raise Invalid(fault, fields={"department": fault})
    if whose.team_id is not None and db.session.get(Team, whose.team_id) is None:
        fault = say("There is no such team.")
        raise Invalid(fault, fields={"team": fault})


def _facts(row: Dispute) -> dict[str, Any]:
    return {"dispute_id": row.id, "ground": row.ground}


def _owner(row: Dispute) -> dict[str, Any]:
    return {"owner_team": row.owner_team_id, "department": row.owner_department}
