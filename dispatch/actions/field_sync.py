"""What becomes of a command that a phone stored while it was offline?

Facts are never refused. A step is decided by the table of states as it is now; one that came too
late changes nothing, stays in the story for a person to look at, and both sides are told why.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dispatch.actions.merged_news import record_told
from dispatch.actions.round_steps import keep_late_words, take_round_step
from dispatch.actions.site_facts import add_needs
from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told, visit_times
from dispatch.actions.told_visits import check_not_another_visit, visit_told
from dispatch.actions.unit_of_work import savepoint
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Stale, TooMany
from dispatch.domain.field_commands import (
    FACTS,
    RELIEVING,
    ROUND_STEPS,
    TRANSITIONS,
    FieldOutcome,
)
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Datum
from dispatch.domain.rounds import stop_named
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.visit_state import Cause
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.queries.field_sync import device_for_change, entry_of, is_in_story
from dispatch.queries.phones import held_of, person_on_phone
from dispatch.queries.rounds import round_made_at
from dispatch.queries.tickets import ticket_for_change, ticket_seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dispatch.domain.field_commands import FieldCommand, PhoneClock
    from dispatch.domain.offline_time import EffectiveTime
    from dispatch.domain.permissions import Actor
    from dispatch.models.people import Device
    from dispatch.models.tickets import Ticket, Visit

LONGEST_WORDS = 4_000
MOST_HELD = 500
"""So many commands and photos of a phone may wait for the desk; it keeps the rest."""
UNKNOWN_PERSON = "person_unknown"
_UNSTORABLE = re.compile(r"(\\\\|\\ud[89ab]..\\ud[c-f]..)|\\u0000|\\ud[89a-f]..")
REVOKED = say("This phone was revoked. The desk has what it sent.")


class Gap(Exception):  # noqa: N818  an answer to the phone, not a fault
    """A command before this one has not arrived; the phone sends again from `next_sequence`."""

    def __init__(self, next_sequence: int) -> None:
        """Keep where to go on."""
        super().__init__(next_sequence)
        self.next_sequence = next_sequence


@dataclass(frozen=True)
class Sent:
    """From which phone, by whom, by which clocks and when commands arrived."""

    device_hash: str
    actor: Actor
    clock: PhoneClock
    now: datetime


def take_command(command: FieldCommand, sent: Sent) -> FieldEntry:
    """Take one command and write down what became of it; the same one again gets the same answer.

    Raises:
        NotFound: when nobody knows this phone.
        Gap: when a command before it is missing, or its number was used by another one.
        TooMany: when it would be held, and so many of this phone wait for the desk already.
    """
    command = replace(command, args=_storable(command.args))
    device = device_for_change(sent.device_hash)
    known = entry_of(command.uuid)
    # A phone that was enrolled again sends what it has no answer for under its new number, also
    # when it is another crew's now.
    if known is not None:
        return known
    if command.sequence != device.last_sequence + 1:
        raise Gap(device.last_sequence + 1)
    why = _why_held(device, sent.actor)
    if why is not None:
        check_room_for_held(device.id)
    device.last_sequence = command.sequence
    who = person_behind(command.person, device, sent.actor)
    entry = _entry(command, device, who, sent)
    if is_in_story(command.uuid):
        fault = say("Another step has the number of this one already. Do it again.")
        _answer(entry, FieldOutcome.REJECTED, fault)
    elif why is not None:
        _hold(entry, command, device, sent, why)
    else:
        doing = replace(who or sent.actor, source="mobile", device_id=device.id)
        _decide(entry, command, replace(sent, actor=doing))
    db.session.add(entry)
    db.session.flush()
    return entry


def check_room_for_held(device_id: int) -> None:
    """Refuse more of a phone than the desk can look through.

    Raises:
        TooMany: when so many of its commands and photos wait for the desk.
    """
    if held_of(device_id) >= MOST_HELD:
        raise TooMany(
            say(
                "The desk has %(n)s taps and photos of this phone to decide on. Keep the rest.",
                n=MOST_HELD,
            )
        )


def _why_held(device: Device, sender: Actor) -> Sentence | None:
    if device.revoked_at is not None:
        return REVOKED
    if device.crew_id != sender.crew_id:
        return say("This phone is another crew's. The desk has it.")
    return None


def _entry(command: FieldCommand, device: Device, who: Actor | None, sent: Sent) -> FieldEntry:
    return FieldEntry(
        uuid=command.uuid,
        device_id=device.id,
        sequence=command.sequence,
        user_id=(who or sent.actor).user_id,
        sent_by_id=sent.actor.user_id,
        flag=None if who else UNKNOWN_PERSON,
        kind=command.kind,
        args=command.args,
        received_at=sent.now,
        outcome=str(FieldOutcome.HELD),
    )


def person_behind(person_id: int | None, device: Device, sender: Actor) -> Actor | None:
    """Return whose work a phone sends, None when that person had never signed in on it."""
    if person_id in {None, sender.user_id}:
        return sender
    person = person_on_phone(device.id, person_id or 0)
    if person is None:
        return None
    return replace(sender, name=person.name, user_id=person.id)


def _hold(
    entry: FieldEntry, command: FieldCommand, device: Device, sent: Sent, why: Sentence
) -> None:
    """Keep a command for the desk with all that it needs to be done later at its own time."""
    _answer(entry, FieldOutcome.HELD, why)
    offered_at = None
    if command.kind in ROUND_STEPS:
        offered_at = round_made_at(stop_named(command.args) or 0)
    else:
        with suppress(NotFound):
            ticket = ticket_seen(command.ticket, Scope(everything=True))
            entry.ticket_id = ticket.id
            visit = _visit_of(ticket, device.crew_id or 0, command, sent)
            offered_at = visit.dispatched_at if visit else ticket.received_at
    timed = _timed(entry, command, sent, offered_at)
    place = command.position
    entry.told = {
        "ticket": command.ticket,
        "at": command.told_at.isoformat() if command.told_at else None,
        "late_ms": round(timed.late_seconds * 1000),
        "base_version": command.base_version,
        "seen": command.seen,
        "position": [place.lat, place.lon] if place else None,
        "accuracy_metres": command.accuracy_metres,
        "mocked": command.mocked,
    }


def _visit_of(ticket: Ticket, crew_id: int, command: FieldCommand, sent: Sent) -> Visit | None:
    """Return the visit that a tap belongs to, before that visit limits how early it can be."""
    timed = command.happened(sent.clock, received_at=sent.now, offered_at=ticket.received_at)
    return visit_told(ticket, crew_id, _told(command, timed))


def _timed(
    entry: FieldEntry, command: FieldCommand, sent: Sent, offered_at: datetime | None
) -> EffectiveTime:
    timed = command.happened(sent.clock, received_at=sent.now, offered_at=offered_at)
    entry.effective_at, entry.time_quality = timed.at, str(timed.quality)
    return timed


def _storable(args: dict[str, Any]) -> dict[str, Any]:
    """Write a character that no database keeps as the one that stands for such, no number as null.

    A pair of surrogates is one character; half a pair is none.
    """
    text = _UNSTORABLE.sub(lambda found: found[1] or "\\ufffd", json.dumps(args))
    kept: dict[str, Any] = json.loads(text, parse_constant=lambda _no_number: None)
    return kept


def _answer(entry: FieldEntry, outcome: FieldOutcome, reason: Sentence | None = None) -> None:
    entry.outcome = str(outcome)
    entry.reason = None if reason is None else reason.as_json()
    if outcome is FieldOutcome.APPLIED:
        entry.args = None


def _decide(entry: FieldEntry, command: FieldCommand, sent: Sent) -> None:
    if command.kind in ROUND_STEPS:
        _decide_round(entry, command, sent)
        return
    if command.kind not in TRANSITIONS | FACTS:
        fault = say("There is no step “%(step)s”.", step=command.kind)
        _answer(entry, FieldOutcome.REJECTED, fault)
        return
    try:
        ticket = ticket_for_change(command.ticket, sent.actor.scope)
    except NotFound as refusal:
        _answer(entry, FieldOutcome.REJECTED, refusal.sentence)
        return
    entry.ticket_id = ticket.id
    visit = _visit_of(ticket, sent.actor.crew_id or 0, command, sent)
    offered_at = visit.dispatched_at if visit else ticket.received_at
    told = _told(command, _timed(entry, command, sent, offered_at))
    _settle(
        entry,
        command,
        take=lambda: _take(ticket, visit, command, told, sent),
        keep=lambda why: _keep(ticket, visit, command, told, why, sent),
    )


def _decide_round(entry: FieldEntry, command: FieldCommand, sent: Sent) -> None:
    offered_at = round_made_at(stop_named(command.args) or 0)
    told = _told(command, _timed(entry, command, sent, offered_at))
    by: dict[str, Any] = {"actor": sent.actor, "now": sent.now}

    def take() -> None:
        found = take_round_step(command.kind, command.args, told=told, **by)
        entry.ticket_id = None if found is None else found.id

    def keep(why: Sentence) -> None:
        keep_late_words(command.args, kept_aside(command.kind, command.args, told, why), **by)

    _settle(entry, command, take=take, keep=keep)


def _settle(
    entry: FieldEntry,
    command: FieldCommand,
    *,
    take: Callable[[], None],
    keep: Callable[[Sentence], None],
) -> None:
    """Take a command, or keep one that came too late, and answer what became of it."""
    try:
        _check_words(command.args)
        with savepoint():
            take()
    except (Forbidden, Stale) as late:
        keep(late.sentence)
        _answer(entry, FieldOutcome.SUPERSEDED, late.sentence)
    except Refused as refusal:
        _answer(entry, FieldOutcome.REJECTED, refusal.sentence)
    else:
        _answer(entry, FieldOutcome.APPLIED)


def _take(
    ticket: Ticket, visit: Visit | None, command: FieldCommand, told: Told, sent: Sent
) -> None:
    if command.kind in TRANSITIONS - RELIEVING:
        check_not_another_visit(ticket, visit)
    if command.kind in TRANSITIONS:
        told = not_before(ticket, visit, told, sent.now)
    take_step(ticket, command.kind, command.args, actor=sent.actor, now=sent.now, told=told)


def not_before(ticket: Ticket, visit: Visit | None, told: Told, now: datetime) -> Told:
    """Let a step be no earlier than those before it: a clock was wrong for a while, no tap is."""
    earlier = [ticket.received_at, *(visit_times(visit) if visit else ())]
    return replace(told, effective_at=max(*earlier, told.effective_at or now))


def kept_aside(kind: str, args: dict[str, Any], told: Told, why: Sentence) -> Told:
    """Return what the story keeps of a step that was not taken: which, why, and the words."""
    facts: dict[str, Any] = {"step": kind, "why": why.as_json()}
    said = str(args.get("note") or args.get("reason") or "").strip() or None
    cause = str(args.get("cause") or "")
    return replace(told, facts=facts, note=said, reason=cause if cause in set(Cause) else None)


def _keep(
    ticket: Ticket,
    visit: Visit | None,
    command: FieldCommand,
    told: Told,
    why: Sentence,
    sent: Sent,
) -> None:
    told = kept_aside(command.kind, command.args, told, why)
    record_told(
        ticket, EventKind.FOR_REVIEW, actor=sent.actor, now=sent.now, told=told, visit=visit
    )
    if command.kind == "cannot-complete":
        # What the next visit needs is a fact, and so is never too late.
        add_needs(ticket, command.args, actor=sent.actor, now=sent.now, told=told)


def _told(command: FieldCommand, timed: EffectiveTime) -> Told:
    return Told(
        effective_at=timed.at,
        time_quality=str(timed.quality),
        event_uuid=command.uuid,
        device_sequence=command.sequence,
        device_at=command.told_at,
        elapsed_ms=round(timed.late_seconds * 1000),
        base_version=command.base_version,
        seen=command.seen,
        position=command.position,
        datum=str(Datum.WGS84) if command.position else None,
        accuracy_metres=command.accuracy_metres,
        facts={"mocked": True} if command.mocked else {},
    )


def _check_words(args: dict[str, Any]) -> None:
    if any(isinstance(each, str) and len(each) > LONGEST_WORDS for each in args.values()):
        fault = say("Write at most %(most)s characters.", most=LONGEST_WORDS)
        raise Invalid(fault, fields={"args": fault})
