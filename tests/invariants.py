"""What is true of every ticket after every step, whatever happened before?"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.promises import dispute_clock, running_clocks, task_clock
from dispatch.actions.ticket_log import step_times, visit_times
from dispatch.domain.arrival import check_order
from dispatch.domain.event_chain import SealedEvent, sealed_content, verify
from dispatch.domain.relief import RELIEF_LADDER
from dispatch.domain.visit_state import ACTIVE, ROAD, ticket_state_for
from dispatch.models.alerts import Alert
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.disputes import Dispute
from dispatch.models.tickets import Hold, Report, Task, Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

DUES = ("dispatch", "call_back", "arrive", "restore", "repair")


def rows_of(model: Any, ticket_id: int) -> list[Any]:
    """Return the rows of a table that belong to a ticket, as the database holds them."""
    chosen = select(model).where(model.ticket_id == ticket_id).order_by(model.id)
    return list(db.session.scalars(chosen.execution_options(populate_existing=True)))


def stored(ticket_id: int) -> Ticket:
    """Return a ticket as the database holds it."""
    return db.session.get_one(Ticket, ticket_id, populate_existing=True)


def snapshot(*ticket_ids: int) -> dict[str, list[Any]]:
    """Return every row that a step could change, by value."""
    found: dict[str, list[Any]] = {}
    for model in (Ticket, Visit, Report, Hold, Dispute, Timer, Outbox, TicketEvent):
        table = model.__table__
        key = table.c.id if model is Ticket else table.c.ticket_id
        chosen = table.select().where(key.in_(ticket_ids)).order_by(table.c.id)
        found[model.__tablename__] = [tuple(row) for row in db.session.execute(chosen)]
    return found


def expect_whole(ticket_id: int) -> None:
    """Fail unless a ticket, its visits, holds, timers, reports and story agree."""
    ticket = stored(ticket_id)
    visits = rows_of(Visit, ticket_id)
    check_order(step_times(ticket))
    assert ticket.received_at <= (ticket.restored_at or ticket.received_at)
    _expect_visits(ticket, visits)
    _expect_clocks(ticket, visits)
    _expect_alerts(ticket)
    _expect_holds(ticket)
    _expect_story(ticket)
    _expect_call_back(ticket)
    assert ticket.report_count == len(rows_of(Report, ticket_id))


def _expect_visits(ticket: Ticket, visits: Sequence[Visit]) -> None:
    for visit in visits:
        times = visit_times(visit)
        assert times == sorted(times), f"visit {visit.id}: {times}"
        assert ticket.received_at <= times[0]
        assert (visit.ended_at is None) == (visit.state in ACTIVE)
        assert visit.state in ACTIVE or visit.relief_state != "asked"
    active = [visit for visit in visits if visit.state in ACTIVE]
    assert max(Counter(each.crew_role for each in active).values(), default=0) <= 1
    assert len({each.crew_id for each in active}) == len(active)
    state = ticket.held_from or ticket.state
    if active:
        assert state == ticket_state_for([each.state for each in active], fixed=False)
    else:
        assert state not in ROAD
    _expect_first_times(ticket, visits)
    assert ticket.dispatches == len(visits)


def _expect_first_times(ticket: Ticket, visits: Sequence[Visit]) -> None:
    events = rows_of(TicketEvent, ticket.id)
    waits = {each.facts["step"] for each in events if each.kind == "for_review"}
    for step in ("dispatched", "acknowledged", "en_route", "arrived", "working"):
        first = getattr(ticket, f"{step}_at")
        known = [at for each in visits if (at := getattr(each, f"{step}_at")) is not None]
        if step in waits:
            assert first is None or first >= min(known), step
        elif step in {"dispatched", "arrived"}:
            assert first == min(known, default=None), step
        else:
            assert first is None or first == min(known), step


def _expect_clocks(ticket: Ticket, visits: Sequence[Visit]) -> None:
    own = [timer for timer in rows_of(Timer, ticket.id) if timer.alert_id is None]
    armed = [timer for timer in own if timer.state == "armed"]
    fired = Counter(_clock_of(timer) for timer in own if timer.state == "fired")
    running = [] if ticket.state == "on_hold" else running_clocks(ticket, visits)
    # Neither a hold nor the end of the ticket stops the clock of a task or of a dispute.
    running += [clock for task in rows_of(Task, ticket.id) if (clock := task_clock(task))]
    disputes = rows_of(Dispute, ticket.id)
    assert sum(each.state == "open" for each in disputes) <= 1
    running += [clock for each in disputes if (clock := dispute_clock(each))]
    expected = [
        (str(each.kind), *(row and row.id for row in each[3:]), each.due_at) for each in running
    ]
    # What is paused goes on by itself at the end of its hold.
    lasting = [hold for hold in rows_of(Hold, ticket.id) if hold.to_at is None]
    expected += [("hold", None, None, None, hold.until_at) for hold in lasting]
    found = [_clock_of(timer) for timer in armed]
    # A clock whose whole ladder has been told has nothing left to arm.
    rungs = {"relief": len(RELIEF_LADDER)}
    unsaid = [each for each in expected if fired[each] < rungs.get(each[0], 4)]
    assert sorted(map(str, found)) == sorted(map(str, unsaid))
    assert all(timer.rung == fired[each] for timer, each in zip(armed, found, strict=True))


def _clock_of(timer: Timer) -> tuple[Any, ...]:
    return timer.clock, timer.visit_id, timer.task_id, timer.dispute_id, timer.target_at


def _expect_alerts(ticket: Ticket) -> None:
    timers = [timer for timer in rows_of(Timer, ticket.id) if timer.key.startswith("pass/")]
    armed = {timer.alert_id for timer in timers if timer.state == "armed"}
    waiting = {
        alert.id
        for alert in rows_of(Alert, ticket.id)
        if alert.state == "open" and alert.pass_on_at is not None
    }
    assert armed <= waiting
    # While the ticket rests, only alerts of its tasks and disputes are passed on.
    assert armed == waiting or ticket.state == "on_hold"


def _expect_holds(ticket: Ticket) -> None:
    holds = rows_of(Hold, ticket.id)
    lasting = [hold for hold in holds if hold.to_at is None]
    assert len(lasting) == (ticket.state == "on_hold") == (ticket.held_from is not None)
    ended = [(hold.from_at, hold.to_at) for hold in holds if hold.to_at is not None]
    total = sum((to_at - from_at).total_seconds() for from_at, to_at in ended)
    assert abs(ticket.held_seconds - total) < 1e-6
    assert all(to_at <= after for (_, to_at), (after, _) in pairwise(ended))
    assert all(hold.from_at < hold.until_at for hold in holds)
    assert all(hold.to_at <= hold.until_at for hold in holds if hold.to_at is not None)


def _expect_call_back(ticket: Ticket) -> None:
    """Only a reporter who waits is called, only speaking to one counts, and it counts once."""
    assert ticket.call_back_due_at is None or ticket.call_back_owed
    events = rows_of(TicketEvent, ticket.id)
    reached = [(each.effective_at, each.actor) for each in events if each.kind == "called_back"]
    noted = ticket.called_back_at is not None
    assert reached == ([(ticket.called_back_at, ticket.called_back_by)] if noted else [])
    if ticket.called_back_at is None:
        return
    assert ticket.call_back_owed
    timers = rows_of(Timer, ticket.id)
    assert not [each for each in timers if each.clock == "call_back" and each.state == "armed"]


def _expect_story(ticket: Ticket) -> None:
    events = rows_of(TicketEvent, ticket.id)
    chain = [SealedEvent(sealed_content(each), each.previous_hash, each.hash) for each in events]
    assert verify(chain, head=ticket.last_event_hash) is None
    state = None
    for event in events:
        if event.to_state is not None:
            assert event.from_state == state
            state = event.to_state
    assert state == ticket.state
