"""What does the desk make of what a phone sent that was revoked or is another crew's?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dispatch.actions.field_sync import kept_aside, not_before
from dispatch.actions.held_photos import add_held_photo
from dispatch.actions.merged_news import record_told
from dispatch.actions.phones import given_reason
from dispatch.actions.round_steps import keep_late_words, take_round_step
from dispatch.actions.settings_log import record_setting
from dispatch.actions.site_facts import add_needs
from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told, record_aside
from dispatch.actions.told_visits import check_not_another_visit, visit_told
from dispatch.actions.unit_of_work import savepoint
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Refused
from dispatch.domain.field_commands import FACTS, RELIEVING, ROUND_STEPS, TRANSITIONS
from dispatch.domain.permissions import Permission, Role, Scope
from dispatch.domain.place import Datum, Point
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.queries.phones import all_held_for_change, held_for_change, phone_for_change
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import active_visit_of

if TYPE_CHECKING:
    from dispatch.domain.permissions import Actor
    from dispatch.models.field import FieldEntry
    from dispatch.models.people import Device
    from dispatch.models.tickets import Ticket, Visit

TAKEN, NOTED, SET_ASIDE = "taken_over", "noted", "set_aside"


def take_over(entry_id: int, *, actor: Actor, now: datetime) -> FieldEntry:
    """Do a held command for its crew at the time of the tap, or put a held photo on its ticket.

    A step that the table of states does not allow any more changes nothing; the story of the
    ticket keeps it. `decision` of the entry says which of the two it was.

    Raises:
        NotAllowed: when the asker may not act for a crew.
        NotFound: when it names no ticket that the asker sees.
        Forbidden: when somebody decided on it before.
        Refused: when the ticket cannot take the photo, which stays held.
    """
    if not actor.can(Permission.ACT_FOR_CREW):
        raise NotAllowed(say("Your role may not take this step. Ask a dispatcher."))
    entry, device = _undecided(entry_id, actor)
    if entry.kind in ROUND_STEPS:
        return _take_over_round(entry, device, actor, now)
    if entry.ticket_id is None:
        raise NotFound(say("It names no ticket that there is. Set it aside with a reason."))
    ticket = ticket_for_change(ticket_number(entry.ticket_id), actor.scope)
    told = _told(entry, device)
    visit = visit_told(ticket, device.crew_id or 0, told)
    doing = replace(actor, device_id=device.id, crew_id=device.crew_id)
    if entry.photo_sha256 is not None:
        add_held_photo(ticket, entry, actor=replace(doing, role=Role.CREW), now=now, told=told)
        return _taken(entry, device, actor, now)
    try:
        with savepoint():
            _take(ticket, visit, entry, told, doing, now)
    except Refused as refusal:
        kept = kept_aside(entry.kind, entry.args or {}, told, refusal.sentence)
        record_told(ticket, EventKind.FOR_REVIEW, actor=doing, now=now, told=kept, visit=visit)
        if entry.kind == "cannot-complete" and not isinstance(refusal, Invalid):
            with suppress(Invalid):
                add_needs(ticket, entry.args or {}, actor=doing, now=now, told=told)
        _decide(entry, device, NOTED, None, actor=actor, now=now)
        return entry
    return _taken(entry, device, actor, now)


def _taken(entry: FieldEntry, device: Device, actor: Actor, now: datetime) -> FieldEntry:
    """Write down that it was done: what it said stands where it belongs from now on."""
    _decide(entry, device, TAKEN, None, actor=actor, now=now)
    entry.args = entry.told = entry.photo_sha256 = None
    return entry


def _take_over_round(entry: FieldEntry, device: Device, actor: Actor, now: datetime) -> FieldEntry:
    """Do what was tapped on a round; where the stop has ended, what was written there is kept."""
    doing = replace(actor, device_id=device.id, crew_id=device.crew_id)
    told = _told(entry, device)
    try:
        with savepoint():
            found = take_round_step(entry.kind, entry.args or {}, actor=doing, now=now, told=told)
    except Forbidden as late:
        kept = kept_aside(entry.kind, entry.args or {}, told, late.sentence)
        keep_late_words(entry.args or {}, kept, actor=doing, now=now)
        _decide(entry, device, NOTED, None, actor=actor, now=now)
        return entry
    entry.ticket_id = None if found is None else found.id
    return _taken(entry, device, actor, now)


def set_aside(entry_id: int, reason: str, *, actor: Actor, now: datetime) -> FieldEntry:
    """Leave a held command undone, with the reason; the story of its ticket says so.

    Raises:
        Invalid: when no reason is given.
        NotFound: when there is no such command of the asker's crews.
        Forbidden: when somebody decided on it before.
    """
    reason = given_reason(reason)
    entry, device = _undecided(entry_id, actor)
    _leave(entry, device, reason, actor, now)
    return entry


def set_all_aside(device_id: int, reason: str, *, actor: Actor, now: datetime) -> int:
    """Leave all undone that is held of a phone, with one reason; return how many there were.

    Raises:
        Invalid: when no reason is given.
        NotFound: when there is no such phone of the asker's crews.
    """
    reason = given_reason(reason)
    device = phone_for_change(device_id, actor.scope)
    held = all_held_for_change(device.id)
    for entry in held:
        _leave(entry, device, reason, actor, now)
    return len(held)


def _leave(entry: FieldEntry, device: Device, reason: str, actor: Actor, now: datetime) -> None:
    if entry.ticket_id is not None:
        ticket = ticket_for_change(ticket_number(entry.ticket_id), Scope(everything=True))
        why = say("The desk set it aside: %(reason)s", reason=reason)
        told = replace(_told(entry, device), event_uuid=None)
        told = kept_aside(entry.kind, {}, told, why)
        doing = replace(actor, device_id=device.id)
        visit = visit_told(ticket, device.crew_id or 0, told)
        record_aside(ticket, EventKind.FOR_REVIEW, actor=doing, now=now, told=told, visit=visit)
    _decide(entry, device, SET_ASIDE, reason, actor=actor, now=now)


def _undecided(entry_id: int, actor: Actor) -> tuple[FieldEntry, Device]:
    entry, device = held_for_change(entry_id, actor.scope)
    if entry.decided_at is not None:
        raise Forbidden(
            say(
                "%(who)s decided on this at %(when)s. Nothing is left to do.",
                who=entry.decided_by,
                when=entry.decided_at,
            )
        )
    return entry, device


def _take(
    ticket: Ticket, visit: Visit | None, entry: FieldEntry, told: Told, actor: Actor, now: datetime
) -> None:
    if entry.kind not in TRANSITIONS | FACTS:
        raise NotFound(say("There is no step “%(step)s”.", step=entry.kind))
    args = dict(entry.args or {})
    if entry.kind in RELIEVING:
        args["crew_id"] = told.acting_for_crew_id
    elif entry.kind in TRANSITIONS:
        check_not_another_visit(ticket, visit)
        args["crew_id"] = active_visit_of(ticket.id, told.acting_for_crew_id).crew_id
    if entry.kind in TRANSITIONS:
        told = not_before(ticket, visit, told, now)
    else:
        # What was found on site only a crew may say: it is the crew's, passed on by the desk.
        actor = replace(actor, role=Role.CREW)
    take_step(ticket, entry.kind, args, actor=actor, now=now, told=told)


def _told(entry: FieldEntry, device: Device) -> Told:
    kept: dict[str, Any] = entry.told or {}
    place = kept.get("position")
    at = kept.get("at")
    return Told(
        effective_at=entry.effective_at,
        time_quality=entry.time_quality or "online",
        event_uuid=entry.uuid,
        device_sequence=entry.sequence,
        device_at=datetime.fromisoformat(at) if at else None,
        elapsed_ms=kept.get("late_ms"),
        base_version=kept.get("base_version"),
        seen=kept.get("seen"),
        position=Point(*place) if place else None,
        datum=str(Datum.WGS84) if place else None,
        accuracy_metres=kept.get("accuracy_metres"),
        acting_for_crew_id=device.crew_id,
        facts={"mocked": True} if kept.get("mocked") else {},
    )


def _decide(
    entry: FieldEntry,
    device: Device,
    decision: str,
    reason: str | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    entry.decided_at, entry.decided_by = now, actor.name
    entry.decision, entry.decision_reason = decision, reason
    told = {"held": entry.kind, "command": entry.uuid, "decision": decision, "reason": reason}
    if entry.ticket_id is not None:
        told["ticket"] = ticket_number(entry.ticket_id)
    record_setting("phone", device.name, None, told, actor=actor, now=now)
