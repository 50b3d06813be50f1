"""What does each crew do in some hours: its shifts, visits and tasks, and what they promise?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, or_, select

from dispatch.domain.board import Course, Stop, courses
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.shifts import duties_between
from dispatch.domain.ticket_kinds import PLANNED_KINDS
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.tickets import Task, Ticket, Visit
from dispatch.queries.candidates import IS_ACTIVE
from dispatch.queries.policies import policy_in_force
from dispatch.queries.scoping import in_scope
from dispatch.queries.tasks import IS_UNSETTLED
from dispatch.queries.time_left import times_left
from dispatch.queries.workload import shift_rules, workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Scope
    from dispatch.domain.time_left import TimeLeft

_LONGEST_VISIT = timedelta(hours=24)
_ACTIVE = frozenset(str(state) for state in ACTIVE)
_ON_TICKET: tuple[Any, ...] = (
    Ticket.category, Ticket.level, Ticket.address, Ticket.kind, Ticket.pinned,
    Ticket.arrive_due_at, Ticket.arrived_at.label("first_arrived_at"),
)  # fmt: skip
_VISIT: tuple[Any, ...] = (
    Visit.id, Visit.crew_id, Visit.ticket_id, Visit.crew_role, Visit.state, Visit.dispatched_at,
    Visit.en_route_at, Visit.arrived_at, Visit.ended_at, Visit.eta_at,
)  # fmt: skip
_TASK: tuple[Any, ...] = (
    Task.id, Task.crew_id, Task.ticket_id, Task.kind.label("task_kind"), Task.state,
    Task.opened_at, Task.ready_at, Task.assigned_at, Task.eta_at, Task.started_at, Task.ended_at,
)  # fmt: skip


def board_for(scope: Scope, from_at: datetime, to_at: datetime, now: datetime) -> dict[str, Any]:
    """Return the crews in sight by team and name that are on duty or at work in a window.

    `work` is the mean time on site in seconds by category, for what is still to be sent.
    """
    asked = (
        select(
            Crew.id, Crew.name, Crew.name_zh, Crew.vehicle, Crew.team_id, Team.name.label("team"),
            Team.name_zh.label("team_zh"),
        )
        .join(Team, Team.id == Crew.team_id)
        .where(Crew.active)
        .order_by(Team.name, Crew.name, Crew.id)
    )  # fmt: skip
    crews = db.session.execute(in_scope(asked, scope, crew=Crew)).mappings().all()
    ids = [crew["id"] for crew in crews]
    bars = _bars(_visits(ids, from_at, to_at), _tasks(ids, from_at), now)
    rules, zone = shift_rules(), policy_in_force().policy.calendar.zone
    rows = []
    for crew in crews:
        duties = duties_between(rules.get(crew["id"], ()), zone, from_at, to_at)
        own = [
            bar for bar in bars[crew["id"]] if bar["from_at"] < to_at and bar["ends_at"] >= from_at
        ]
        if duties or own:
            rows.append(_row(crew, duties, own, now))
    return {"crews": rows, "work": _work(now)}


def _row(
    crew: RowMapping,
    duties: Sequence[tuple[datetime, datetime]],
    bars: Sequence[dict[str, Any]],
    now: datetime,
) -> dict[str, Any]:
    return {
        **{name: crew[name] for name in ("id", "name", "name_zh", "vehicle")},
        "team": {"id": crew["team_id"], "name": crew["team"], "name_zh": crew["team_zh"]},
        "on_duty": any(begun <= now < ended for begun, ended in duties),
        "duties": [{"from_at": begun, "to_at": ended} for begun, ended in duties],
        "bars": list(bars),
    }


def _visits(crews: Sequence[int], from_at: datetime, to_at: datetime) -> Sequence[RowMapping]:
    past = (
        (Visit.dispatched_at >= from_at - _LONGEST_VISIT)
        & (Visit.dispatched_at < to_at)
        & (Visit.ended_at >= from_at)
    )
    return (
        db.session.execute(
            select(*_VISIT, *_ON_TICKET)
            .join(Ticket, Ticket.id == Visit.ticket_id)
            .where(Visit.crew_id.in_(crews), or_(IS_ACTIVE, past))
            .order_by(Visit.crew_id, Visit.dispatched_at, Visit.id)
        )
        .mappings()
        .all()
    )


def _tasks(crews: Sequence[int], from_at: datetime) -> Sequence[RowMapping]:
    begun = Task.started_at.is_not(None) & (Task.ended_at >= from_at)
    return (
        db.session.execute(
            select(*_TASK, *_ON_TICKET)
            .join(Ticket, Ticket.id == Task.ticket_id)
            .where(Task.crew_id.in_(crews), IS_UNSETTLED | begun)
            .order_by(Task.crew_id, Task.id)
        )
        .mappings()
        .all()
    )


def _bars(
    visits: Iterable[RowMapping], tasks: Iterable[RowMapping], now: datetime
) -> Mapping[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    by_crew: defaultdict[int, list[RowMapping]] = defaultdict(list)
    for visit in visits:
        by_crew[visit["crew_id"]].append(visit)
    told = times_left(
        each["ticket_id"] for own in by_crew.values() for each in own if _on_site(each)
    )
    for crew_id, own in by_crew.items():
        expected = courses([_stop(visit, told.get(visit["id"]), now) for visit in own], now)
        found[crew_id] = [_visit(*each) for each in zip(own, expected, strict=True)]
    for task in tasks:
        found[task["crew_id"]].append(_task(task, now))
    return found


def _on_site(visit: RowMapping) -> bool:
    return visit["arrived_at"] is not None and visit["ended_at"] is None


def _stop(visit: RowMapping, told: TimeLeft | None, now: datetime) -> Stop:
    law = workload(now).repair_of(visit["category"])
    return Stop(
        sent_at=visit["dispatched_at"],
        arrived_at=visit["arrived_at"],
        ended_at=visit["ended_at"],
        eta_at=visit["eta_at"],
        mean_seconds=law.mean_seconds,
        sigma=law.sigma,
        told=told,
    )


def _visit(visit: RowMapping, course: Course) -> dict[str, Any]:
    due_at = _due_at(visit)
    return _about(visit) | {
        "kind": "visit",
        "task_kind": None,
        "role": visit["crew_role"],
        "from_at": visit["dispatched_at"],
        "set_off_at": visit["en_route_at"],
        "drives_at": course.drives_at,
        "arrives_at": course.arrives_at,
        "is_arrived": visit["arrived_at"] is not None,
        "ends_at": course.ends_at,
        "is_ended": visit["ended_at"] is not None,
        "due_at": due_at,
        "is_missed": None if due_at is None else _is_after(course.arrives_at, due_at),
    }


def _due_at(visit: RowMapping) -> datetime | None:
    """Return the promise that hangs on a visit: on the leading one that is first there, if any."""
    if visit["crew_role"] != "lead" or visit["kind"] in PLANNED_KINDS:
        return None
    first = visit["first_arrived_at"]
    is_first = first is None or first == visit["arrived_at"]
    due_at: datetime | None = visit["arrive_due_at"]
    return due_at if is_first and (visit["arrived_at"] or visit["state"] in _ACTIVE) else None


def _is_after(at: datetime | None, due_at: datetime) -> bool:
    return at is not None and at > due_at


def _task(task: RowMapping, now: datetime) -> dict[str, Any]:
    """Return a task as a bar; one for later stands at the earliest time at which it may begin."""
    law = workload(now).repair_of(task["category"])
    mean = timedelta(seconds=round(law.mean_seconds))
    planned = max(now, task["eta_at"] or task["ready_at"] or now)
    begins = task["started_at"] or planned
    return _about(task) | {
        "kind": "task",
        "task_kind": task["task_kind"],
        "role": None,
        "from_at": begins,
        "set_off_at": None,
        "drives_at": None,
        "arrives_at": begins,
        "is_arrived": task["started_at"] is not None,
        "ends_at": task["ended_at"] or max(now, begins + mean),
        "is_ended": task["ended_at"] is not None,
        "due_at": None,
        "is_missed": None,
    }


def _about(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "ticket": ticket_number(row["ticket_id"]),
        **{name: row[name] for name in ("category", "level", "address", "state", "pinned")},
        "is_planned": row["kind"] in PLANNED_KINDS,
    }


def _work(now: datetime) -> dict[str, int]:
    known = workload(now)
    return {rule.key: round(known.repair_of(rule.key).mean_seconds) for rule in CATEGORIES}
