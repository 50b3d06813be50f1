"""Who takes note of an alert, where is it by now, and what need not be sent any more?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update

from dispatch.actions.outbox import needless
from dispatch.actions.ticket_log import Told, record_aside
from dispatch.domain.errors import Forbidden, NotAllowed, NotFound
from dispatch.domain.messages import MessageState
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
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

_NOT_THERE = say("There is no such alert, or it is not yours.")


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
