"""Who is told at a rung, who takes note, and to whom does it go when nobody does?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, update

from dispatch.actions.alert_ends import passing_on
from dispatch.actions.new_rows import insert_rows, new_ids
from dispatch.actions.outbox import BESIDE, needless, ticket_facts, warning_row
from dispatch.actions.ticket_log import Told, record_aside
from dispatch.domain.errors import Forbidden, NotAllowed, NotFound
from dispatch.domain.messages import Channel, MessageState, Route
from dispatch.domain.permissions import Permission
from dispatch.domain.rota import DutyRole, next_duty, step_at, step_for, why
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.people import User
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.queries.rota import Contact, Watch

ADDRESSED = {"sms": "phone", "email": "email"}
"""Channels with an address of the person; the others find it by the account."""
_NOT_THERE = say("There is no such alert, or it is not yours.")


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


def acknowledge(alert_id: int, *, actor: Actor, now: datetime) -> Alert:
    """Let a named person take note of an alert; it is passed on no more. Twice is once.

    Of one that was passed on, note is taken where it is now. The lower rungs of the same clock that
    are the person's to note go with it. It is told in the ticket's story, and what of the messages
    is not sent yet stays here.

    Raises:
        NotFound: when it is not this person's to see.
        NotAllowed: when it is others who must take note; they are named.
        Forbidden: when others took note before it was passed on, or its clock has stopped.
    """
    # Ticket, timers, alerts, as everybody does: in another order two could wait for each other.
    ticket = db.session.scalars(
        select(Ticket)
        .join(Alert, Alert.ticket_id == Ticket.id)
        .where(Alert.id == alert_id)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if ticket is None:
        raise NotFound(_NOT_THERE)
    told = _passed_to(alert_id)
    row = _check_may_note(told, actor)
    if row.state == "passed_on":
        raise Forbidden(say("Nobody took note in time: this alert was passed on."))
    if row.state == "settled":
        raise Forbidden(say("This alert is over: its clock has stopped."))
    if row.state == "open":
        below = [each for each in _below(row) if _may_take_note(each, actor)]
        _note([row, *below], actor, now)
        facts = {"clock": row.clock, "fraction": row.fraction, "duty": row.duty}
        facts |= {"below": [each.fraction for each in below]} if below else {}
        record_aside(
            ticket, EventKind.ALERT_ACKNOWLEDGED, actor=actor, now=now, told=Told(facts=facts)
        )
    return row


def _passed_to(alert_id: int) -> list[Alert]:
    """Return an alert and those it was passed on to, up to where it is now."""
    chain = [db.session.get_one(Alert, alert_id, populate_existing=True)]
    while chain[-1].state == "passed_on":
        above = db.session.scalars(
            select(Alert)
            .where(Alert.passed_from_id == chain[-1].id)
            .order_by(Alert.id.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if above is None:
            break
        chain.append(above)
    return chain


def _below(row: Alert) -> Sequence[Alert]:
    """Return the open alerts of the same clock that were told at lower rungs."""
    same = (
        getattr(Alert, name) == getattr(row, name)
        for name in ("ticket_id", "clock", "visit_id", "task_id", "dispute_id", "target_at")
    )
    return db.session.scalars(
        select(Alert)
        .where(*same, Alert.state == "open", Alert.id != row.id, Alert.fraction <= row.fraction)
        .order_by(Alert.id)
    ).all()


def _note(rows: Sequence[Alert], actor: Actor, now: datetime) -> None:
    ids = [row.id for row in rows]
    keys = [f"pass/{each}" for each in ids]
    db.session.execute(
        delete(Timer).where(Timer.alert_id.in_(ids), Timer.state == "armed", Timer.key.in_(keys)),
        execution_options={"synchronize_session": False},
    )
    locked = select(Alert).where(Alert.id.in_(ids)).order_by(Alert.id).with_for_update()
    for row in db.session.scalars(locked, execution_options={"populate_existing": True}):
        row.state = "acknowledged"
        row.acknowledged_by_id, row.acknowledged_by = actor.user_id, actor.name
        row.acknowledged_at = now
        _keep_back(row, now)


def _keep_back(row: Alert, now: datetime) -> None:
    """Send nobody what waits of an alert; what a sender holds now is on its way."""
    free = or_(Outbox.leased_until.is_(None), Outbox.leased_until <= now)
    own = Outbox.effect_key.startswith(f"alert/{row.key}/", autoescape=True)
    waiting = Outbox.state == str(MessageState.WAITING)
    db.session.execute(
        update(Outbox)
        .where(Outbox.ticket_id == row.ticket_id, own, waiting, free)
        .values(state=str(MessageState.CANCELLED), fault=needless(row.acknowledged_by)),
        execution_options={"synchronize_session": False},
    )


def _check_may_note(told: Sequence[Alert], actor: Actor) -> Alert:
    """Return the last of an alert's stations; those who were told at any of them may take note."""
    row = told[-1]
    if any(_may_take_note(each, actor) for each in told):
        return row
    if not (actor.can(Permission.SEE_TICKETS) and _is_in_sight(row, actor)):
        raise NotFound(_NOT_THERE)
    names = db.session.scalars(
        select(User.name)
        .join(AlertPerson, AlertPerson.user_id == User.id)
        .where(AlertPerson.alert_id == row.id)
        .order_by(User.name, User.id)
    )
    who = ", ".join(names) or say("everybody at the desk")
    raise NotAllowed(
        say("This alert waits for %(who)s: they take note of it, or a dispatcher.", who=who)
    )


def _may_take_note(row: Alert, actor: Actor) -> bool:
    if db.session.get(AlertPerson, (row.id, actor.user_id)) is not None:
        return True
    at_desk = row.everybody and actor.can(Permission.SEE_DESK) and actor.can(Permission.WRITE_NOTE)
    return (at_desk or actor.can(Permission.DISPATCH)) and _is_in_sight(row, actor)


def _is_in_sight(row: Alert, actor: Actor) -> bool:
    own = in_scope(select(Ticket.id).where(Ticket.id == row.ticket_id), actor.scope)
    return db.session.scalar(own) is not None
