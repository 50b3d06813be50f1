"""Who is told at a rung, who takes note, and to whom does it go when nobody does?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dispatch.actions.alert_ends import passing_on
from dispatch.actions.new_rows import insert_rows, new_ids
from dispatch.actions.outbox import BESIDE, ticket_facts, warning_row
from dispatch.domain.messages import Channel, Route
from dispatch.domain.rota import DutyRole, next_duty, step_at, step_for, why
from dispatch.domain.service_policy import ClockKind
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.clockwork import Outbox, Timer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.models.tickets import Ticket
    from dispatch.queries.rota import Contact, Watch

ADDRESSED = {"sms": "phone", "email": "email"}
"""Channels with an address of the person; the others find it by the account."""


@dataclass(frozen=True)
class Reached:
    """A rung of a clock that was reached: the timer's facts, and the alert that it goes on from.

    `root` names the rung in the keys of everything that follows from it.
    """

    root: str
    timer: Timer
    fraction: float
    template: str
    facts: dict[str, Any]
    passed_from: Alert | None = None


@dataclass(frozen=True)
class NewAlert:
    """The columns of an alert that is not written yet, and who is told of it."""

    columns: dict[str, Any]
    people: Sequence[int]
    template: str
    content: dict[str, Any]


def late_ms(timer: Timer, now: datetime) -> int:
    """Return how late a timer is, in milliseconds."""
    return round((now - timer.due_at).total_seconds() * 1000)


def raise_alert(ticket: Ticket, reached: Reached, watch: Watch, *, now: datetime) -> NewAlert:
    """Tell the people of the rung's duty role, or of the first one above with anybody on duty.

    `write_alerts` makes it true.
    """
    step = step_at(watch.ladder, ClockKind(reached.timer.clock), reached.fraction)
    return _tell(ticket, reached, step.duty, step.pass_on_minutes, watch, now)


def pass_on(
    timer: Timer, row: Alert, ticket: Ticket, watch: Watch, *, now: datetime
) -> NewAlert | None:
    """Do what a timer of an alert is for: tell the next duty role, or the next crew.

    None where nothing is owed: somebody took note, or the clock has stopped. The row is locked.
    """
    is_again = timer.key.startswith("again/")
    above = DutyRole.CREW if is_again else next_duty(DutyRole(row.duty))
    if above is None or row.state not in (("open", "acknowledged") if is_again else ("open",)):
        return None
    root = f"again/{timer.id}" if is_again else row.key.rpartition("/")[0]
    facts = {
        "clock": row.clock,
        "rung": row.rung,
        "fraction": row.fraction,
        "due_at": row.target_at.isoformat(),
        "late_ms": late_ms(timer, now),
    }
    template = "clock_warning" if row.fraction < 1 else "clock_breached"
    template = "released" if row.clock == ClockKind.HOLD else template
    reached = Reached(root, timer, row.fraction, template, facts, passed_from=row)
    step = step_for(watch.ladder, row.fraction)
    if row.state == "open":
        row.state, row.ended_at = "passed_on", now
    return _tell(ticket, reached, above, step.pass_on_minutes, watch, now)


def _tell(
    ticket: Ticket,
    reached: Reached,
    duty: DutyRole,
    minutes: int | None,
    watch: Watch,
    now: datetime,
) -> NewAlert:
    timer, crew_id = reached.timer, watch.leading.get(ticket.id)
    chosen = watch.choose(duty, team_id=ticket.team_id, crew_id=crew_id, now=now)
    stays = minutes is None or chosen.everybody or next_duty(chosen.duty) is None
    columns = {
        "key": f"{reached.root}/{chosen.duty}",
        "ticket_id": ticket.id,
        "visit_id": timer.visit_id,
        "task_id": timer.task_id,
        "dispute_id": timer.dispute_id,
        "clock": timer.clock,
        "rung": timer.rung,
        "fraction": reached.fraction,
        "duty": str(chosen.duty),
        "crew_id": crew_id if chosen.duty is DutyRole.CREW else None,
        "everybody": chosen.everybody,
        "rule": why(chosen).as_json(),
        "due_at": timer.due_at,
        "target_at": timer.target_at,
        "raised_at": now,
        "late_ms": late_ms(timer, now),
        "pass_on_at": None if stays else now + timedelta(minutes=minutes or 0),
        "passed_from_id": reached.passed_from.id if reached.passed_from else None,
    }
    content = ticket_facts(ticket) | {"state": ticket.state} | reached.facts
    return NewAlert(columns, chosen.people, reached.template, content)


def write_alerts(new: Sequence[NewAlert], watch: Watch) -> None:
    """Write alerts with those who are told, their messages and the timers that pass them on."""
    if not new:
        return
    ids = new_ids(Alert, len(new))
    columns = [each.columns | {"id": number} for each, number in zip(new, ids, strict=True)]
    insert_rows(Alert, columns)
    rows = [SimpleNamespace(**each) for each in columns]
    told = list(zip(rows, new, strict=True))
    people = [{"alert_id": row.id, "user_id": one} for row, each in told for one in each.people]
    insert_rows(AlertPerson, people)
    insert_rows(Outbox, [one for row, each in told for one in _messages(row, each, watch)])
    insert_rows(Timer, [passing_on(row) for row in rows if row.pass_on_at is not None])


def _messages(row: SimpleNamespace, new: NewAlert, watch: Watch) -> list[dict[str, Any]]:
    """Return a message by each person's own channel, and one to the person's devices."""
    content = new.content | {"alert_id": row.id}
    contacts = [watch.contacts[each] for each in new.people if each in watch.contacts]
    return [
        warning_row(
            f"alert/{row.key}/{each.id}{ending}",
            Route(channel, address, each.id, each.language),
            (),
            row.ticket_id,
            new.template,
            content,
            now=row.raised_at,
        )
        for each in contacts
        for ending, channel, address in _ways(each)
    ]


def _ways(contact: Contact) -> list[tuple[str, str, str]]:
    """Return the ways to a person: end of the effect key, channel, address.

    Where there is a channel of the person's own, it alone is followed by others when it fails.
    """
    own = _address(contact)
    ways = [("", str(contact.channel), own)] if own else []
    if contact.has_device and contact.channel != Channel.WEB_PUSH:
        ways.append((BESIDE if own else "", str(Channel.WEB_PUSH), f"user/{contact.id}"))
    return ways


def _address(contact: Contact) -> str | None:
    if contact.channel is None:
        return None
    column = ADDRESSED.get(contact.channel)
    return getattr(contact, column) if column else f"user/{contact.id}"
