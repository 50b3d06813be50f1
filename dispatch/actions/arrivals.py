"""How is an arrival graded, at the tap and again whenever a late witness comes?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from dispatch.actions.unit_of_work import note_news
from dispatch.domain.arrival import ArrivalGrade
from dispatch.domain.arrival_evidence import BESIDE_TAP, SILENCE, Fence, weigh
from dispatch.domain.place import Point, metres_between
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.arrival_evidence import locked_for_change, visits_around, witnesses_of
from dispatch.queries.policies import policy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.domain.arrival_evidence import Witnesses
    from dispatch.domain.tracks import Fix


def judge_arrival(ticket: Ticket, visit: Visit, *, now: datetime) -> None:
    """Grade the arrival of a visit by all that is known now, and keep the grade with its reasons.

    Before the tap only the reasons are kept: that the phone was there proposes an arrival. The
    versions stay, so that nobody's step is refused for a late witness; desks look again. What was
    found stays once the positions that showed it are forgotten.
    """
    found: dict[str, Any] = {}
    if ticket.lat is not None and ticket.lon is not None:
        told = witnesses_of(visit)
        if _is_forgotten(visit, told):
            return
        evidence = weigh(told, _fence(ticket))
        found["arrival_evidence"] = evidence.as_json() if evidence else None
        if visit.arrived_at is not None and evidence is not None:
            found["arrival_grade"] = str(evidence.grade)
    elif visit.arrived_at is not None:
        found["arrival_grade"] = str(ArrivalGrade.CREW_ONLY)
    changed = {name: value for name, value in found.items() if getattr(visit, name) != value}
    if not changed:
        return
    db.session.flush()
    db.session.execute(
        update(Visit).where(Visit.id == visit.id).values(**changed),
        execution_options={"synchronize_session": False},
    )
    for name, value in changed.items():
        set_committed_value(visit, name, value)
    db.session.execute(
        update(Ticket).where(Ticket.id == ticket.id).values(changed_at=now),
        execution_options={"synchronize_session": False},
    )
    set_committed_value(ticket, "changed_at", now)
    note_news()


def judge_by_positions(crew_id: int, fixes: Sequence[Fix], *, now: datetime) -> None:
    """Grade again the arrivals that some positions of a crew, in order, may say something about."""
    if not fixes:
        return
    for visit, ticket in visits_around(crew_id, fixes[0].at, fixes[-1].at):
        if _matters(visit, _fence(ticket), fixes):
            judge_arrival(*locked_for_change(visit.id), now=now)


def _is_forgotten(visit: Visit, told: Witnesses) -> bool:
    """Tell whether the phone was seen there, and its positions of that time are kept no more."""
    since = (visit.arrival_evidence or {}).get("since")
    if since is None:
        return False
    at = datetime.fromisoformat(since)
    return not any(abs(fix.at - at) <= SILENCE for fix in told.fixes)


def _fence(ticket: Ticket) -> Fence:
    """Return the fence that was in force when the ticket was received."""
    rules = policy_of(ticket.policy_id).policy.arrival
    return Fence.around(Point(ticket.lat or 0.0, ticket.lon or 0.0), rules)


def _matters(visit: Visit, fence: Fence, fixes: Sequence[Fix]) -> bool:
    """Tell whether positions can change what is known; most come from far or after all is clear."""
    since = (visit.arrival_evidence or {}).get("since")
    if since is not None and fixes[0].at > datetime.fromisoformat(since):
        told = visit.arrived_at
        if told is None or fixes[0].at > told + BESIDE_TAP:
            return False
    tapped = visit.arrived_at
    return any(
        fix.mocked
        or metres_between(fix.point, fence.place) <= fence.metres
        or (tapped is not None and abs(fix.at - tapped) <= BESIDE_TAP)
        for fix in fixes
    )
