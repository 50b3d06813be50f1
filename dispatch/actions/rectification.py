"""How does an overdue ticket get onto the list, and who takes it off again?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.actions.new_rows import insert_rows, new_ids
from dispatch.actions.reasons import check_reason
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Stale
from dispatch.domain.permissions import RULE, Permission
from dispatch.domain.rectification import (
    PUT_RIGHT_WITHIN,
    WATCHED,
    ItemState,
    LateCause,
    check_item_transition,
)
from dispatch.domain.responsibility import DESK, holder_at
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.rectification import Rectification, RectificationEvent
from dispatch.queries.rectification import unsigned_item_of, unsigned_items_of
from dispatch.queries.responsibility import broken_promises, spans_by_ticket, spans_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.responsibility import Holder
    from dispatch.models.tickets import Ticket


@dataclass(frozen=True)
class NewItem:
    """What a person says who puts a ticket onto the list; the due date may be left to the rule.

    `responsible` names somebody in place of who had the ticket, for a `reason`.
    """

    cause: str | None = None
    text: str = ""
    due_at: datetime | None = None
    responsible: str = ""
    reason: str = ""


class Breach(NamedTuple):
    """A promise of a ticket, by the name of its clock, and when it broke."""

    ticket: Ticket
    clock: str
    broke_at: datetime


def open_for_breaches(broken: Sequence[Breach], *, now: datetime) -> None:
    """Put the tickets onto the list whose promise to arrive, restore or repair broke.

    A further breach is added to the item that is not signed off yet. It takes as many statements
    for many as for one.
    """
    watched = [each for each in broken if each.clock in WATCHED]
    if not watched:
        return
    items = unsigned_items_of({each.ticket.id for each in watched})
    first: dict[int, Breach] = {}
    for each in watched:
        if each.ticket.id not in items:
            first.setdefault(each.ticket.id, each)
    rows = _rows_for(list(first.values()), now)
    insert_rows(Rectification, rows)
    items |= {row["ticket_id"]: (row["id"], row["state"]) for row in rows}
    events = []
    for each in watched:
        kind = "opened" if first.get(each.ticket.id) is each else "breached_again"
        facts = {"clock": each.clock, "broke_at": each.broke_at.isoformat()}
        events.append(_event(items[each.ticket.id], kind, RULE, now, facts=facts))
    insert_rows(RectificationEvent, events)


def _rows_for(broken: Sequence[Breach], now: datetime) -> list[dict[str, Any]]:
    """Return the columns of a new item for each breach."""
    spans = spans_by_ticket([each.ticket for each in broken], now)
    ids = new_ids(Rectification, len(broken))
    return [
        _columns(each.ticket, holder_at(spans[each.ticket.id], each.broke_at) or DESK, RULE, now)
        | {"id": number, "clock": each.clock, "broke_at": each.broke_at}
        for each, number in zip(broken, ids, strict=True)
    ]


def open_item(ticket: Ticket, new: NewItem, *, actor: Actor, now: datetime) -> Rectification:
    """Put a ticket onto the list by hand.

    Raises:
        Invalid: when the cause is not on the list, the due date is past, or another person is named
            without a reason.
        Forbidden: when the ticket is on the list already.
    """
    if unsigned_item_of(ticket.id) is not None:
        raise Forbidden(say("This ticket is on the rectification list already."))
    spans = spans_for(ticket, now)
    broken = broken_promises(ticket, spans, now)
    holder = broken[0].holder if broken else holder_at(spans, now)
    row = _new(ticket, holder or DESK, actor, now)
    if broken:
        row.clock, row.broke_at = str(broken[0].kind), broken[0].at
    names = ("cause", "text", "due_at", "responsible")
    given = {name: getattr(new, name) for name in names}
    if new.responsible:
        row.responsible_reason = check_reason(new.reason)
    _set(row, {name: value for name, value in given.items() if value}, now)
    _record(row, "opened", actor, now)
    return row


def _new(ticket: Ticket, holder: Holder, actor: Actor, now: datetime) -> Rectification:
    row = Rectification(**_columns(ticket, holder, actor, now))
    db.session.add(row)
    db.session.flush()
    return row


def _columns(ticket: Ticket, holder: Holder, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "ticket_id": ticket.id,
        "state": str(ItemState.OPEN),
        "holder": list(holder),
        "due_at": now + PUT_RIGHT_WITHIN,
        "opened_at": now,
        "opened_by": actor.name,
    }


def change_item(
    row: Rectification,
    changes: Mapping[str, Any],
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Write down cause, what is done about it, due date, or who else is responsible.

    Raises:
        Invalid: when a value is none, or another person is named without a reason.
        Forbidden: when the item is signed off.
        Stale: when somebody changed the item in between.
    """
    _check_version(row, seen_version)
    if row.state == ItemState.SIGNED_OFF:
        raise Forbidden(say("This item is signed off; it stays as it is."))
    new = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if "responsible" in new:
        row.responsible_reason = check_reason(reason)
    was = {name: _plain(getattr(row, name)) for name in new}
    _set(row, new, now)
    if new:
        facts = {"was": was, "now": {name: _plain(value) for name, value in new.items()}}
        _record(row, "changed", actor, now, note=reason.strip() or None, facts=facts)


def _set(row: Rectification, values: Mapping[str, Any], now: datetime) -> None:
    if values.get("cause") is not None and values["cause"] not in set(LateCause):
        fault = say("Choose a cause from the list: %(causes)s.", causes=", ".join(LateCause))
        raise Invalid(fault, fields={"cause": fault})
    if values.get("due_at") is not None and values["due_at"] <= now:
        fault = say("The due date is past. Give a later one.")
        raise Invalid(fault, fields={"due_at": fault})
    for name in ("cause", "text", "due_at", "responsible"):
        if name in values:
            setattr(row, name, values[name])


def take_item_step(
    row: Rectification,
    step: str,
    *,
    note: str = "",
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Take one step of an item by its name: begin, finish, sign-off or reject.

    Raises:
        NotFound: when there is no such step.
        NotAllowed: when the asker may not sign off, or put it right alone and would sign it off.
        Forbidden: when the state of the item does not allow the step.
        Invalid: when cause or text are missing at the end, or the reason of a rejection.
        Stale: when somebody changed the item in between.
    """
    if step not in ITEM_STEPS:
        fault = say("There is no such step.")
        raise NotFound(fault, fields={"step": fault}, facts={"steps": sorted(ITEM_STEPS)})
    _check_version(row, seen_version)
    target = ITEM_STEPS[step]
    check_item_transition(ItemState(row.state), target)
    if target in (ItemState.SIGNED_OFF, ItemState.REJECTED):
        _check_may_sign(row, actor)
    if target is ItemState.REJECTED:
        note = check_reason(note)
    if target is ItemState.DONE:
        _check_complete(row)
    _move(row, target, actor, now)
    _record(row, step.replace("-", "_"), actor, now, note=note.strip() or None)


ITEM_STEPS = {
    "begin": ItemState.IN_PROGRESS,
    "finish": ItemState.DONE,
    "sign-off": ItemState.SIGNED_OFF,
    "reject": ItemState.REJECTED,
}


def _move(row: Rectification, target: ItemState, actor: Actor, now: datetime) -> None:
    """Set the state of an item and who brought it there; the only place that does."""
    row.state = str(target)
    if target is ItemState.DONE:
        row.done_at, row.done_by_id, row.done_by = now, actor.user_id, actor.name
    if target is ItemState.SIGNED_OFF:
        row.signed_at, row.signed_by = now, actor.name


def _check_may_sign(row: Rectification, actor: Actor) -> None:
    if not actor.can(Permission.SIGN_OFF):
        raise NotAllowed(say("Only a manager may sign this off or send it back."))
    if row.done_by_id == actor.user_id:
        raise NotAllowed(say("You put this right yourself; another manager must sign it off."))


def _check_complete(row: Rectification) -> None:
    faults = {}
    if row.cause is None:
        faults["cause"] = say("Choose the cause first.")
    if not row.text.strip():
        faults["text"] = say("Write down first what was done about it.")
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)


def _check_version(row: Rectification, seen_version: int | None) -> None:
    if seen_version is None or seen_version == row.version:
        return
    raise Stale(
        say("Somebody changed this item in between. Look at it again before you change it."),
        facts={"version": row.version, "seen_version": seen_version, "state": row.state},
    )


def _record(
    row: Rectification,
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    note: str | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    event = _event((row.id, row.state), kind, actor, now, note=note, facts=facts)
    db.session.add(RectificationEvent(**event))


def _event(
    item: tuple[int, str],
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    note: str | None = None,
    facts: dict[str, Any] | None = None,
) -> dict[str, Any]:
    item_id, state = item
    return {
        "item_id": item_id,
        "kind": kind,
        "state": state,
        "at": now,
        "actor": actor.name,
        "user_id": actor.user_id,
        "note": note,
        "facts": facts or {},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
