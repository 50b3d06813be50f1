"""Who may set a state or write the story? Only the functions here."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from dispatch.actions.many_rows import update_many
from dispatch.actions.new_rows import insert_object, insert_rows
from dispatch.actions.outbox import queue_webhooks
from dispatch.actions.unit_of_work import note_news
from dispatch.domain.arrival import STEPS, needs_review
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.event_chain import GENESIS, SHORTEST_SALT, seal, sealed_content
from dispatch.domain.permissions import RULE
from dispatch.domain.relief import ReliefState
from dispatch.domain.sentences import say
from dispatch.domain.task_state import TaskState, check_task_transition
from dispatch.domain.ticket_state import EventKind, TicketState, check_transition
from dispatch.domain.visit_state import ACTIVE, VisitState, check_visit_transition
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.place import Point
    from dispatch.domain.sentences import Sentence
    from dispatch.models.tickets import Task, Visit


@dataclass(frozen=True)
class Told:
    """How we came to know of an event, where that differs from "just now, from the desk".

    `effective_at` is when it happened (None: now); the device fields come from a phone, `seen` too:
    the last event that its page held.
    """

    effective_at: datetime | None = None
    time_quality: str = "online"
    event_uuid: str | None = None
    device_sequence: int | None = None
    device_at: datetime | None = None
    elapsed_ms: int | None = None
    base_version: int | None = None
    seen: int | None = None
    position: Point | None = None
    datum: str | None = None
    accuracy_metres: float | None = None
    acting_for_crew_id: int | None = None
    reason: str | None = None
    note: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


JUST_NOW = Told()
_HEAD = ("last_event_hash", "changed_at", "id")


def dated(told: Told, now: datetime, *earlier: datetime | None) -> Told:
    """Return what was told with its effective time: as told, else now.

    `earlier` are the steps before it. Untold, it is never before them, so that a clock that was
    stepped back refuses nobody's tap.

    Raises:
        Invalid: when the time told lies in the future or before a step that came before.
    """
    latest = max((each for each in earlier if each is not None), default=None)
    at = told.effective_at
    if at is None:
        return replace(told, effective_at=max(now, latest or now))
    if at > now:
        fault = say("This time lies in the future. Check the clock of the device.")
        raise Invalid(fault, fields={"at": fault})
    if latest is not None and at < latest:
        fault = say("This step cannot be earlier than the one before it, at %(at)s.", at=latest)
        raise Invalid(fault, fields={"at": fault})
    return told


def check_version(row: Ticket | Visit, seen_version: int | None) -> None:
    """Refuse a change by somebody who saw an older state; None means the caller did not look.

    Raises:
        Stale: saying who changed the ticket and when.
    """
    if seen_version is None or seen_version == row.version:
        return
    changed_by = getattr(row, "changed_by", "")
    changed_at = getattr(row, "changed_at", None)
    raise Stale(
        say(
            "%(who)s changed this ticket at %(when)s (version %(version)s, you saw %(seen)s). "
            "Look at it again before you change it.",
            who=say("The clockwork") if changed_by == RULE.name else changed_by,
            when=changed_at,
            version=row.version,
            seen=seen_version,
        ),
        facts={
            "version": row.version,
            "seen_version": seen_version,
            "changed_by": changed_by,
            "changed_at": changed_at.isoformat() if changed_at else None,
            "state": row.state,
        },
    )


def record_event(
    ticket: Ticket,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    visit: Visit | None = None,
    states: tuple[str | None, str | None] = (None, None),
) -> TicketEvent:
    """Add one event to the story of a ticket and seal it to the one before.

    `states` are those before and after, where the event changed the state.
    """
    row = _sealed(ticket.last_event_hash, kind, actor, now, told, states, visit)
    _lead_on(ticket, row)
    event = TicketEvent(ticket_id=ticket.id, **row)
    db.session.add(event)
    queue_webhooks(ticket, [row], now=now)
    return event


def record_aside(
    ticket: Ticket,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    visit: Visit | None = None,
) -> TicketEvent:
    """Add an event that changes nothing about the ticket, so that nobody's view of it grows stale.

    The version stays; a step that raced with it is refused by the chain and asked again.
    """
    row = aside_row(ticket, kind, actor=actor, now=now, told=told, visit=visit)
    event = TicketEvent(**row)
    db.session.add(event)
    db.session.flush()
    _keep_heads([row])
    queue_webhooks(ticket, [row], now=now)
    return event


def aside_row(
    ticket: Ticket,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    visit: Visit | None = None,
) -> dict[str, Any]:
    """Return the columns of such an event, sealed to the last; `write_asides` makes it true.

    The ticket in memory goes on from it, so that the next one is sealed to this.
    """
    row = _sealed(ticket.last_event_hash, kind, actor, now, told, (None, None), visit)
    set_committed_value(ticket, "last_event_hash", row["hash"])
    set_committed_value(ticket, "changed_at", now)
    return {"ticket_id": ticket.id} | row


def write_asides(rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows of `aside_row`, those of one ticket in the order of its story."""
    insert_rows(TicketEvent, rows)
    _keep_heads(rows)


def _keep_heads(rows: Sequence[dict[str, Any]]) -> None:
    """Keep on each ticket the last of its events; its version stays."""
    last = {
        row["ticket_id"]: dict(
            zip(_HEAD, (row["hash"], row["recorded_at"], row["ticket_id"]), strict=True)
        )
        for row in rows
    }
    if last:
        update_many(Ticket, _HEAD, list(last.values()))


def _lead_on(ticket: Ticket, row: dict[str, Any]) -> None:
    ticket.last_event_hash = row["hash"]
    ticket.changed_at = row["recorded_at"]
    ticket.changed_by = row["actor"]


def _sealed(
    previous: str | None,
    kind: EventKind,
    actor: Actor,
    now: datetime,
    told: Told,
    states: tuple[str | None, str | None],
    visit: Visit | None = None,
) -> dict[str, Any]:
    note_news()
    previous = previous or GENESIS
    row = _as_told(told, now) | {
        "visit_id": visit.id if visit else None,
        "kind": str(kind),
        "from_state": states[0],
        "to_state": states[1],
        "actor": actor.name,
        "user_id": actor.user_id,
        "source": actor.source,
        "device_id": actor.device_id,
        "recorded_at": now,
        "previous_hash": previous,
    }
    row["hash"] = seal(previous, sealed_content(SimpleNamespace(**row)))
    return row


def begin_story(
    ticket: Ticket,
    *,
    actor: Actor,
    now: datetime,
    heard: Told,
    accepted: Told | None,
) -> SimpleNamespace:
    """Write a new ticket with its first events: received, and accepted where that is told too.

    The ticket is inserted once, in the state that its events lead to. Returns the first event.
    """
    received, ready = str(TicketState.RECEIVED), str(TicketState.ACCEPTED)
    kind = EventKind.REPORT_RECEIVED
    events = [_sealed(None, kind, actor, now, heard, (None, received))]
    if accepted is not None:
        ticket.state, ticket.accepted_at = ready, now
        kind = EventKind.ACCEPTED
        head = events[0]["hash"]
        events.append(_sealed(head, kind, actor, now, accepted, (received, ready)))
    _lead_on(ticket, events[-1])
    insert_object(ticket)
    insert_rows(TicketEvent, [{"ticket_id": ticket.id} | event for event in events])
    queue_webhooks(ticket, events, now=now)
    return SimpleNamespace(**events[0])


def _as_told(told: Told, now: datetime) -> dict[str, Any]:
    columns = {name: value for name, value in vars(told).items() if name != "seen"}
    position: Point | None = columns.pop("position")
    return columns | {
        "uuid": columns.pop("event_uuid") or str(uuid.uuid4()),
        "effective_at": told.effective_at or now,
        "lat": position.lat if position else None,
        "lon": position.lon if position else None,
        "note_salt": secrets.token_hex(SHORTEST_SALT) if told.note else None,
    }


_VISIT_TIMES = {
    VisitState.ACKNOWLEDGED: "acknowledged_at",
    VisitState.EN_ROUTE: "en_route_at",
    VisitState.ARRIVED: "arrived_at",
    VisitState.WORKING: "working_at",
    VisitState.COMPLETED: "ended_at",
    VisitState.CANNOT_COMPLETE: "ended_at",
    VisitState.DECLINED: "ended_at",
    VisitState.WITHDRAWN: "ended_at",
    VisitState.HANDED_OVER: "ended_at",
}


def move_ticket(
    ticket: Ticket,
    target: TicketState,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    visit: Visit | None = None,
) -> TicketEvent:
    """Check a step against the table, record it and make it; the first time of each is kept.

    Raises:
        Forbidden: when the table does not allow the step.
    """
    check_transition(TicketState(ticket.state), target, imported=ticket.imported)
    before = ticket.state
    ticket.state = str(target)
    stamp_first(ticket, str(target), told.effective_at or now)
    states = (before, str(target))
    return record_event(ticket, kind, actor=actor, now=now, told=told, visit=visit, states=states)


def move_visit(visit: Visit, target: VisitState, *, at: datetime) -> None:
    """Check a step of a visit against the table and make it; `at` is its effective time.

    A wish to hand over that nobody has answered ends with the visit.

    Raises:
        Forbidden: when the table does not allow the step.
    """
    check_visit_transition(VisitState(visit.state), target)
    visit.state = str(target)
    setattr(visit, _VISIT_TIMES[target], at)
    if target not in ACTIVE and visit.relief_state == ReliefState.ASKED:
        visit.relief_state = str(ReliefState.LAPSED)


_TASK_TIMES = {
    TaskState.OPEN: "ready_at",
    TaskState.IN_PROGRESS: "started_at",
    TaskState.DONE: "ended_at",
    TaskState.CANCELLED: "ended_at",
}


def move_task(task: Task, target: TaskState, *, actor: Actor, now: datetime) -> None:
    """Check a step of a task against the table and make it; the first time of each is kept.

    Raises:
        Forbidden: when the table does not allow the step.
    """
    check_task_transition(TaskState(task.state), target)
    task.state = str(target)
    task.changed_at, task.changed_by = now, actor.name
    column = _TASK_TIMES.get(target)
    if column is not None and getattr(task, column) is None:
        setattr(task, column, now)


def stamp_first(ticket: Ticket, step: str, at: datetime) -> Sentence | None:
    """Keep the first effective time of a step on the ticket.

    A step that the first trip skipped stays empty when a later trip takes it, so that the times of
    a ticket follow each other. Returns why an earlier time than the one known does not fit the
    other steps, for a person to look at; None otherwise.
    """
    if step not in STEPS[1:]:
        return None
    times = step_times(ticket)
    known = times[step]
    if known is not None and known <= at:
        return None
    misfit = needs_review(times, step=step, at=at)
    if misfit is None:
        setattr(ticket, f"{step}_at", at)
    return misfit if known is not None else None


def step_times(ticket: Ticket) -> dict[str, datetime | None]:
    """Return the first effective time of each step of a ticket, None where it has none."""
    return {step: getattr(ticket, f"{step}_at") for step in STEPS}


def visit_times(visit: Visit) -> list[datetime]:
    """Return the times of a visit that are known, in the order of its steps."""
    columns = ("dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "working_at")
    times = [getattr(visit, column) for column in (*columns, "ended_at")]
    return [at for at in times if at is not None]


def check_not_on_hold(ticket: Ticket) -> None:
    """Refuse to move a visit while its ticket is on hold.

    Raises:
        Forbidden: saying that the hold must be released first.
    """
    if ticket.state == TicketState.ON_HOLD:
        raise Forbidden(say("This ticket is on hold. Release the hold first."))


def set_held_from(ticket: Ticket, state: str | None) -> None:
    """Remember the state that a hold will give back, or forget it after the release."""
    ticket.held_from = state


def clear_completion(ticket: Ticket) -> None:
    """Forget the ends of a reopened ticket; the story keeps them."""
    ticket.completed_at = ticket.verified_at = ticket.closed_at = None
    ticket.restored_at = ticket.follow_up_due_at = ticket.followed_up_at = None


def correct_stamp(row: Ticket | Visit, step: str, at: datetime) -> None:
    """Replace the time of a step; the event of the correction holds both values."""
    is_visit_end = step == "completed" and not hasattr(row, "completed_at")
    setattr(row, "ended_at" if is_visit_end else f"{step}_at", at)
