"""Who held a ticket in each span, and who when a promise broke?"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import load_only

from dispatch.domain.attainment import CIRCLE
from dispatch.domain.clocks import Hold as Pause
from dispatch.domain.clocks import StandingState, standing
from dispatch.domain.responsibility import (
    HOLDER_NAMES,
    Correction,
    Happened,
    Holder,
    HolderKind,
    Span,
    held_by,
    holder_at,
    spans_of,
)
from dispatch.domain.sentences import Sentence
from dispatch.domain.service_policy import CLOCK_NAMES, ClockKind
from dispatch.domain.task_state import department_of
from dispatch.domain.ticket_state import ENDED, EventKind
from dispatch.domain.visit_state import HOLD_NAMES, HoldReason
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Hold, Task, Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

_TELLING = (
    TicketEvent.ticket_id, TicketEvent.visit_id, TicketEvent.kind, TicketEvent.to_state,
    TicketEvent.effective_at, TicketEvent.reason, TicketEvent.facts,
)  # fmt: skip
MISSED = frozenset({StandingState.LATE, StandingState.OVERDUE})


class Broken(NamedTuple):
    """A promise that was not kept: when it broke, and whether only its raw clock did.

    The instant has the holds taken out; where only the raw clock broke it is the raw one.
    """

    kind: ClockKind
    at: datetime
    raw_only: bool
    holder: Holder | None


def spans_for(ticket: Ticket, now: datetime) -> list[Span]:
    """Return who held a ticket, span by span, from its receipt to its end or to `now`."""
    return spans_by_ticket([ticket], now)[ticket.id]


def spans_by_ticket(tickets: Sequence[Any], now: datetime) -> dict[int, list[Span]]:
    """Return the spans of each of several tickets by its id; it takes the statements of one.

    A ticket may be any row with its id, receipt and team.
    """
    ids = [ticket.id for ticket in tickets]
    found = db.session.execute(
        select(TicketEvent, Visit.crew_id)
        .options(load_only(*_TELLING))
        .outerjoin(Visit, Visit.id == TicketEvent.visit_id)
        .where(TicketEvent.ticket_id.in_(ids))
        .order_by(TicketEvent.id)
    ).all()
    stories: dict[int, list[Row[TicketEvent, int | None]]] = defaultdict(list)
    for row in found:
        stories[row[0].ticket_id].append(row)
    before_crew: dict[int, set[int]] = defaultdict(set)
    waited_for = select(Task.ticket_id, Task.id).where(Task.ticket_id.in_(ids), Task.before_crew)
    for ticket_id, task_id in db.session.execute(waited_for):
        before_crew[ticket_id].add(task_id)
    owners = _owners(found)
    return {
        each.id: _spans(each, stories[each.id], owners, before_crew[each.id], now)
        for each in tickets
    }


def holders_at_due(asked: ColumnElement[bool], now: datetime) -> dict[int, Holder | None]:
    """Return who held each ticket when its promise of 30 minutes fell due and nobody had arrived.

    Until it is due that is whoever holds the ticket now: once anything happens it is asked anew.
    """
    columns = (Ticket.id, Ticket.received_at, Ticket.team_id, Ticket.arrive_due_at)
    is_late = or_(Ticket.arrived_at.is_(None), Ticket.arrived_at > Ticket.arrive_due_at)
    rows = db.session.execute(select(*columns).where(asked, is_late)).all()
    dues = {row.id: row.arrive_due_at for row in rows if row.arrive_due_at is not None}
    late = [row for row in rows if row.id in dues and dues[row.id] - row.received_at == CIRCLE]
    if not late:
        return {}
    spans = spans_by_ticket(late, max(now, *dues.values()))
    return {row.id: holder_at(spans[row.id], dues[row.id]) for row in late}


def _spans(
    ticket: Any,
    rows: Sequence[Row[TicketEvent, int | None]],
    owners: dict[int, str],
    before_crew: set[int],
    now: datetime,
) -> list[Span]:
    events = [_happened(event, crew_id, owners) for event, crew_id in rows]
    if (
        events
        and all("grid_id" not in event.facts for event, _ in rows)
        and ticket.team_id is not None
    ):
        # Old records say no place; the team that the ticket has now had it all along.
        events[0] = events[0]._replace(owner=str(ticket.team_id))
    return spans_of(
        events,
        received_at=ticket.received_at,
        now=now,
        corrections=[_correction(event) for event, _ in rows if _is_correction(event)],
        before_crew=frozenset(before_crew),
    )


def _owners(rows: Sequence[Row[TicketEvent, int | None]]) -> dict[int, str]:
    grids = {event.facts.get("grid_id") for event, _ in rows} - {None}
    found = db.session.execute(select(Grid.id, Grid.team_id).where(Grid.id.in_(sorted(grids))))
    return {grid_id: str(team_id) if team_id else "" for grid_id, team_id in found}


def _happened(event: TicketEvent, crew_id: int | None, owners: dict[int, str]) -> Happened:
    facts = event.facts
    return Happened(
        at=event.effective_at,
        kind=event.kind,
        to_state=event.to_state,
        visit_id=event.visit_id,
        crew_id=crew_id,
        owner=_owner(facts, owners),
        reason=event.reason or "",
        task_id=facts.get("task_id") if event.kind.startswith("task_") else None,
        task_kind=facts.get("task", ""),
        task_state=facts.get("state", ""),
        department=facts.get("department") or "",
    )


def _owner(facts: dict[str, Any], owners: dict[int, str]) -> str | None:
    if "grid_id" in facts:
        return owners.get(facts["grid_id"], "")
    # A decided dispute names the team itself.
    return str(facts["owner_team"]) if facts.get("owner_team") else None


def _is_correction(event: TicketEvent) -> bool:
    return event.kind == EventKind.TIME_CORRECTED


def _correction(event: TicketEvent) -> Correction:
    facts = event.facts
    was, now = datetime.fromisoformat(facts["was"]), datetime.fromisoformat(facts["now"])
    return Correction(facts["step"], was, now)


def broken_promises(ticket: Ticket, spans: Sequence[Span], now: datetime) -> list[Broken]:
    """Return the promises counted from the receipt that broke, the earliest first.

    A ticket that ended without a repair broke none after its end.
    """
    ended = spans[-1].to_at if spans and ticket.state in ENDED else None
    restored = ticket.restored_at or ticket.completed_at
    called = ticket.called_back_at or ticket.completed_at
    asked = (
        (ClockKind.DISPATCH, ticket.dispatch_due_at, ticket.dispatched_at),
        (ClockKind.CALL_BACK, ticket.call_back_due_at, called),
        (ClockKind.ARRIVE, ticket.arrive_due_at, ticket.arrived_at),
        (ClockKind.RESTORE, ticket.restore_due_at, restored),
        (ClockKind.REPAIR, ticket.repair_due_at, ticket.completed_at),
    )
    rows = db.session.execute(
        select(Hold.from_at, Hold.to_at).where(Hold.ticket_id == ticket.id).order_by(Hold.id)
    )
    holds = [Pause(from_at, to_at) for from_at, to_at in rows]
    broken = []
    for kind, due_at, kept_at in asked:
        shown = standing(
            started_at=ticket.received_at,
            due_at=due_at,
            stopped_at=kept_at or ended,
            holds=holds,
            now=now,
        )
        if shown.state_raw in MISSED:
            raw_only = shown.state not in MISSED
            at = shown.due_at if raw_only else shown.due_at_adjusted
            at = at or now
            broken.append(Broken(kind, at, raw_only, holder_at(spans, at)))
    return sorted(broken, key=lambda each: (each.at, each.kind))


def responsibility(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return the spans of a ticket, what each holder adds up to, and who held it at each breach.

    Names are sentences and instants are aware; the edge words them.
    """
    spans = spans_for(ticket, now)
    held = held_by(spans)
    broken = broken_promises(ticket, spans, now)
    holders = {each.holder for each in held} | {each.holder for each in broken if each.holder}
    named = named_holders(holders)
    return {
        "from_at": ticket.received_at,
        "to_at": spans[-1].to_at if spans else ticket.received_at,
        "seconds": sum(span.seconds for span in spans),
        "ended": ticket.state in ENDED,
        "spans": [
            {"from_at": span.from_at, "to_at": span.to_at, "seconds": span.seconds}
            | {"holder": named[span.holder]}
            for span in spans
        ],
        "holders": [
            {"holder": named[each.holder], "seconds": each.seconds, "share": each.share}
            for each in held
        ],
        "broken": [
            {
                "clock": str(each.kind),
                "clock_name": CLOCK_NAMES[each.kind],
                "at": each.at,
                "raw_only": each.raw_only,
                "holder": named[each.holder] if each.holder else None,
            }
            for each in broken
        ],
    }


def named_holders(holders: set[Holder]) -> dict[Holder, dict[str, Any]]:
    """Return how each holder is called: its kind, its name, and a team's Chinese name."""
    tables: dict[HolderKind, dict[str, Any]] = {
        HolderKind.TEAM: _names(Team, holders, HolderKind.TEAM),
        HolderKind.CREW: _names(Crew, holders, HolderKind.CREW),
    }
    return {holder: _named(holder, tables) for holder in holders}


def _names(table: type[Team | Crew], holders: set[Holder], kind: HolderKind) -> dict[str, Any]:
    ids = sorted(int(each.key) for each in holders if each.kind is kind)
    wanted: Select[Any] = select(table).where(table.id.in_(ids))
    rows = db.session.scalars(wanted)
    return {str(row.id): row for row in rows}


def _named(holder: Holder, tables: dict[HolderKind, dict[str, Any]]) -> dict[str, Any]:
    row = tables.get(holder.kind, {}).get(holder.key)
    name = HOLDER_NAMES[holder.kind]
    if row is not None:
        name = Sentence(row.name)
    elif holder.kind is HolderKind.HOLD and holder.key in set(HoldReason):
        name = HOLD_NAMES[HoldReason(holder.key)]
    elif holder.kind is HolderKind.DEPARTMENT:
        name = department_of(holder.key, holder.named)
    return {
        "kind": str(holder.kind),
        "kind_name": HOLDER_NAMES[holder.kind],
        "key": holder.key,
        "name": name,
        "name_zh": getattr(row, "name_zh", None),
    }
