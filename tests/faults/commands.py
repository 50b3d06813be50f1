"""Which write commands does a program send, and which ticket is ready for each?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.endings import cancel_ticket, close_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.merging import merge_ticket
from dispatch.actions.pinning import pin_ticket
from dispatch.actions.tasks import NewTask, open_task, start_task
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive, complete_visit, set_off
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.alerts import Alert
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.follow_ups import FollowUp
from dispatch.models.people import Crew
from dispatch.models.tickets import Report, Task, Ticket, TicketEvent, Visit
from tests.factories import DESK, IN_WEST, make_crew, make_grid, make_team, make_ticket
from tests.invariants import rows_of, stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

API = "/api/v1"
PLACE = {"lat": IN_WEST.lat, "lon": IN_WEST.lon, "datum": "wgs84"}
WHY = {"reason": "because of the test"}


@dataclass(frozen=True)
class Command:
    """One request that writes: address, body, the version that was seen, and what it is about.

    `varied` makes the body of one of several contenders, None where all send the same; `opposite`
    is what every second one sends instead.
    """

    path: str
    body: dict[str, Any]
    tickets: tuple[int, ...] = ()
    version: int | None = None
    row: Any = None
    varied: Callable[[int], dict[str, Any]] | None = None
    opposite: Command | None = None

    def body_of(self, number: int) -> dict[str, Any]:
        """Return the body that a contender sends."""
        return self.body if self.varied is None else self.body | self.varied(number)

    def headers(self, token: str, key: str | None = None) -> dict[str, str]:
        """Return the headers of a program that saw the version; a resident has no token."""
        found = {"Content-Type": "application/json"}
        found |= {"Authorization": f"Bearer {token}"} if token else {}
        found |= {} if self.version is None else {"If-Match": f'"{self.version}"'}
        return found | ({} if key is None else {"Idempotency-Key": key})


@dataclass
class Desk:
    """A grid, its team and crews, and how to get a ticket that is ready for a command."""

    now: datetime
    crews: list[int] = field(default_factory=list)

    def open(self, crews: int) -> None:
        """Make the city."""
        with transaction():
            team = make_team()
            make_grid(team=team, now=self.now)
            self.crews = [make_crew(f"C{each}", team=team).id for each in range(crews)]

    def by(self) -> dict[str, Any]:
        """Return who prepares, and when."""
        return {"actor": DESK, "now": self.now}

    def ticket(self, *steps: str, **report: Any) -> Ticket:
        """Open a ticket and lead it through some steps of the first crew."""
        ticket = make_ticket(self.now, reporter_phone="13800000000", **report).ticket
        visit = None
        for step in steps:
            if step == "dispatch":
                crew = db.session.get_one(Crew, self.crews[0])
                visit = dispatch_visit(ticket, crew, **self.by())
            else:
                assert visit is not None
                FIELD[step](ticket, visit, **self.by())
        return ticket

    def ready(self, name: str) -> Command:
        """Prepare one more ticket for a command in a transaction of its own."""
        with transaction():
            made = READY[name](self)
        if made.row is None or made.version is None:
            return made
        # A flush counts the version on, so it is known only after the commit.
        version = made.row.version
        if made.opposite is not None:
            back = replace(made.opposite, version=made.opposite.row.version)
            made = replace(made, opposite=back)
        if "version" in made.body:
            return replace(made, version=None, body=made.body | {"version": version})
        return replace(made, version=version)


FIELD: dict[str, Callable[..., Any]] = {
    "acknowledge": acknowledge,
    "set_off": set_off,
    "arrive": arrive,
    "complete": complete_visit,
}
FIXED = ("dispatch", "arrive", "complete")


def _step(
    ticket: Ticket,
    step: str,
    varied: Callable[[int], dict[str, Any]] | None = None,
    also: tuple[int, ...] = (),
    **body: Any,
) -> Command:
    path = f"{API}/tickets/{ticket_number(ticket.id)}/{step}"
    return Command(path, body, (ticket.id, *also), 1, ticket, varied)


def _dispatch(desk: Desk) -> Command:
    why = {"override_reason": "because of the test"}
    crews = desk.crews
    return _step(
        desk.ticket(),
        "dispatch",
        lambda number: {"crew_id": crews[number]},
        crew_id=crews[0],
        **why,
    )


def _held(desk: Desk) -> Ticket:
    ticket = desk.ticket()
    hold_ticket(ticket, reason="resident_unavailable", until_at=None, **desk.by())
    return ticket


def _ended(desk: Desk, action: Callable[..., Any], *steps: str) -> Ticket:
    ticket = desk.ticket(*steps)
    action(ticket, reason="because of the test", **desk.by())
    return ticket


def _pinned(desk: Desk) -> Ticket:
    ticket = desk.ticket()
    pin_ticket(ticket, pinned=True, reason="because of the test", **desk.by())
    return ticket


def _merge(desk: Desk) -> Command:
    into, ticket = desk.ticket(), desk.ticket()
    return _step(ticket, "merge", also=(into.id,), into=ticket_number(into.id))


def _merge_each_other(desk: Desk) -> Command:
    one, other = desk.ticket(), desk.ticket()
    back = _step(other, "merge", into=ticket_number(one.id))
    into = ticket_number(other.id)
    return replace(_step(one, "merge", also=(other.id,), into=into), opposite=back)


def _separate(desk: Desk) -> Command:
    into, ticket = desk.ticket(), desk.ticket()
    merge_ticket(ticket, into, **desk.by())
    return _step(ticket, "separate", also=(into.id,))


def _task(desk: Desk, step: str) -> Command:
    ticket = desk.ticket()
    task = open_task(ticket, NewTask("excavation"), **desk.by())
    if step == "finish":
        start_task(ticket, task, **desk.by())
    path = f"{API}/tickets/{ticket_number(ticket.id)}/tasks/{task.id}/{step}"
    return Command(path, WHY if step == "cancel" else {}, (ticket.id,), 1, task)


def _ask_for_task(desk: Desk) -> Command:
    ticket = desk.ticket()
    path = f"{API}/tickets/{ticket_number(ticket.id)}/tasks"
    return Command(path, {"kind": "excavation"}, (ticket.id,))


def _alert(desk: Desk) -> Command:
    ticket, now = desk.ticket(), desk.now
    row = Alert(
        key=f"test/{ticket.id}", ticket_id=ticket.id, clock="arrive", rung=1, fraction=0.8,
        duty="dispatcher", everybody=True, rule=say("Nobody is on duty.").as_json(),
        due_at=now, target_at=now, raised_at=now, late_ms=0,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return Command(f"{API}/alerts/{row.id}/acknowledge", {}, (ticket.id,), row=row)


def _follow_up(desk: Desk, step: str, **body: Any) -> Command:
    ticket = desk.ticket(*FIXED)
    db.session.flush()
    row = rows_of(FollowUp, ticket.id)[0]
    path = f"{API}/follow-ups/{row.id}/{step}"
    return Command(path, {"version": 1} | body, (ticket.id,), 1, row)


def _report(_desk: Desk) -> Command:
    body = {"category": "leak", "place": PLACE, "reporter": {"phone": "13800000000"}}
    return Command(f"{API}/reports", body, varied=lambda number: {"description": f"by {number}"})


def _placed(number: int) -> dict[str, Any]:
    return {"lat": IN_WEST.lat + number / 1_000, "lon": IN_WEST.lon}


READY: dict[str, Callable[[Desk], Command]] = {
    "report": _report,
    "accept": lambda desk: _step(desk.ticket(place=None), "place", _placed, **_placed(0)),
    "assign": _dispatch,
    "acknowledge": lambda desk: _step(desk.ticket("dispatch"), "acknowledge"),
    "set off": lambda desk: _step(desk.ticket("dispatch", "acknowledge"), "set-off"),
    "arrive": lambda desk: _step(desk.ticket("dispatch", "set_off"), "arrive"),
    "start": lambda desk: _step(desk.ticket("dispatch", "arrive"), "start"),
    "restore": lambda desk: _step(desk.ticket("dispatch", "arrive"), "restore"),
    "complete": lambda desk: _step(desk.ticket("dispatch", "arrive"), "complete", note="done"),
    "cannot complete": lambda desk: _step(
        desk.ticket("dispatch", "arrive"), "cannot-complete", cause="no_access", note="shut"
    ),
    "decline": lambda desk: _step(desk.ticket("dispatch"), "decline", **WHY),
    "withdraw": lambda desk: _step(desk.ticket("dispatch"), "withdraw", **WHY),
    "hold": lambda desk: _step(desk.ticket(), "hold", reason="resident_unavailable"),
    "release": lambda desk: _step(_held(desk), "release"),
    "return": lambda desk: _step(desk.ticket("dispatch"), "return", **WHY),
    "solve by phone": lambda desk: _step(desk.ticket(), "solve-by-phone", **WHY),
    "cancel": lambda desk: _step(desk.ticket("dispatch"), "cancel", **WHY),
    "close": lambda desk: _step(desk.ticket(*FIXED), "close"),
    "reopen": lambda desk: _step(_ended(desk, close_ticket, *FIXED), "reopen", **WHY),
    "reopen what was cancelled": lambda desk: _step(_ended(desk, cancel_ticket), "reopen", **WHY),
    "level": lambda desk: _step(desk.ticket(), "level", level=4, **WHY),
    "details": lambda desk: _step(desk.ticket(), "details", description="another"),
    "merge": _merge,
    "merge into each other": _merge_each_other,
    "separate": _separate,
    "note": lambda desk: _step(desk.ticket(), "note", note="a note"),
    "pin": lambda desk: _step(desk.ticket(), "pin", **WHY),
    "unpin": lambda desk: _step(_pinned(desk), "unpin", **WHY),
    "ask for a task": _ask_for_task,
    "start a task": lambda desk: _task(desk, "start"),
    "finish a task": lambda desk: _task(desk, "finish"),
    "cancel a task": lambda desk: _task(desk, "cancel") ,
    "take note of an alert": _alert,
    "answer a follow-up": lambda desk: _follow_up(desk, "answer", answer="not_fixed"),
    "nobody answered": lambda desk: _follow_up(desk, "no-answer"),
}  # fmt: skip


def trace(*ticket_ids: int) -> list[Any]:
    """Return what happened to some tickets, without what differs from one run to the next.

    A version counts flushes, and how many those are depends on what a process has in memory.
    """
    return sorted(_trace(each) for each in ticket_ids)


def _trace(ticket_id: int) -> Any:
    ticket = stored(ticket_id)
    events = [event.kind for event in rows_of(TicketEvent, ticket_id)]
    visits = [(each.state, each.crew_role) for each in rows_of(Visit, ticket_id)]
    tasks = [(each.kind, each.state) for each in rows_of(Task, ticket_id)]
    asked = [(each.state, each.fixed or "", each.tries) for each in rows_of(FollowUp, ticket_id)]
    alerts = [each.state for each in rows_of(Alert, ticket_id)]
    waiting = db.session.scalar(select(func.count()).where(Outbox.ticket_id == ticket_id))
    reports = len(rows_of(Report, ticket_id))
    return (ticket.state, reports, waiting, events, visits, tasks, asked, alerts)
