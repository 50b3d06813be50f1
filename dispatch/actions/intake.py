"""How does one call become one ticket?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.actions.merged_news import record_told
from dispatch.actions.new_rows import insert_object
from dispatch.actions.outbox import queue_message
from dispatch.actions.placing import place_facts, put_in_grid
from dispatch.actions.promises import arm_all, make_promises, rearm
from dispatch.actions.storms import mark_storm
from dispatch.actions.tasks import open_template
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    begin_story,
    check_version,
    record_event,
)
from dispatch.domain.call_answers import level_asked, told_answers
from dispatch.domain.call_back import owes_call_back
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.life_safety import safety_sentences, standing
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_kinds import check_kind
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.policies import policy_in_force, policy_of
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dispatch.actions.placing import GivenPlace
    from dispatch.domain.permissions import Actor

TRACK_LIFETIME = timedelta(days=90)


@dataclass(frozen=True)
class NewReport:
    """What a person told us; `level` is None where the category and the answers decide it.

    `notice_id` is the interruption that explains it.

    `answers` are checked (`call_answers`), `dangers` say what was done about each danger to life
    (`life_safety`); one that nobody dismissed makes an emergency, whatever the level told.
    `found_at` is when a crew found it, known as well as `time_quality` says; promises still count
    from the receipt.
    """

    category: str
    description: str = ""
    address: str = ""
    place: GivenPlace | None = None
    level: int | None = None
    reporter_name: str | None = None
    reporter_phone: str | None = None
    channel: str = "web"
    language: str | None = None
    household_id: int | None = None
    notice_id: int | None = None
    pipe_mm: int | None = None
    verified: bool = True
    kind: str = "repair"
    answers: Mapping[str, str] = field(default_factory=dict)
    dangers: Mapping[str, str] = field(default_factory=dict)
    found_at: datetime | None = None
    time_quality: str = "online"


class Opened(NamedTuple):
    """The ticket that was opened and the report that opened it."""

    ticket: Ticket
    report: Report


def open_ticket(
    new: NewReport,
    *,
    actor: Actor,
    now: datetime,
    received_at: datetime | None = None,
    told_before: Report | None = None,
) -> Opened:
    """Open the one ticket for a fault: report, place, promises, timers and story together.

    A report with a place is accepted at once; one without waits at the desk to be placed.
    `told_before` is a report that belonged to another ticket and moves to this one.

    Raises:
        Invalid: naming the category, the level, the coordinates, the missing place or the time.
    """
    _check(new)
    heard_at = received_at or now
    if heard_at > now:
        fault = say("This time lies in the future. Check the clock of the device.")
        raise Invalid(fault, fields={"received_at": fault})
    ticket = _new_ticket(new, heard_at, now)
    grid = put_in_grid(ticket, new.place, now=now) if new.place is not None else None
    mark_storm(ticket, grid=grid)
    make_promises(ticket, policy_in_force())
    event = begin_story(
        ticket,
        actor=actor,
        now=now,
        heard=Told(effective_at=heard_at, facts=_heard(ticket, new)),
        accepted=_as_accepted(ticket) if new.place is not None else None,
    )
    report = told_before or _add_report(ticket, new, heard_at)
    if told_before is not None:
        told_before.ticket_id = ticket.id
    if report.phone:
        queue_message(ticket, event, report, now=now)
    arm_all(ticket)
    open_template(ticket, actor=actor, now=now)
    return Opened(ticket, report)


def _heard(ticket: Ticket, new: NewReport) -> dict[str, Any]:
    storm = {"storm_id": ticket.storm_id} if ticket.storm else {}
    return {"channel": new.channel} | storm | _found(new) | _said_of(new)


def _found(new: NewReport) -> dict[str, Any]:
    if new.found_at is None:
        return {}
    return {"found_at": new.found_at.isoformat(), "time_quality": new.time_quality}


def _said_of(new: NewReport) -> dict[str, Any]:
    """Word what a caller answered, and who was told to ring for rescue, for the ticket's story."""
    sentences = safety_sentences(new.dangers)
    sentences += [told.sentence for told in told_answers(new.answers)]
    if new.found_at is not None:
        sentences.append(say("The crew found it at %(at)s.", at=new.found_at))
    return {"reasons": [each.as_json() for each in sentences]} if sentences else {}


def _level_of(new: NewReport) -> int:
    if standing(new.dangers):
        return int(Level.EMERGENCY)
    return new.level or int(level_asked(new.category, new.answers))


def _as_accepted(ticket: Ticket) -> Told:
    return Told(facts=place_facts(ticket) | {"team_id": ticket.team_id})


def _new_ticket(new: NewReport, received_at: datetime, now: datetime) -> Ticket:
    return Ticket(
        state=str(TicketState.RECEIVED),
        kind=new.kind,
        category=new.category,
        level=_level_of(new),
        description=new.description,
        address=new.address,
        household_id=new.household_id,
        pipe_mm=new.pipe_mm,
        zone="town",
        in_circle=True,
        place_standing="not_located",
        held_seconds=0.0,
        flags=[],
        call_back_owed=owes_call_back(new.channel, new.reporter_phone),
        received_at=received_at,
        changed_at=now,
    )


def _check(new: NewReport) -> None:
    check_kind(new.kind, new.category)
    category_rule(new.category)
    if new.level is not None and new.level not in set(Level):
        fault = say("The level is a whole number from 1 to 4.")
        raise Invalid(fault, fields={"level": fault})
    if new.place is None and not new.address.strip() and new.household_id is None:
        fault = say("Say where it is: an address, a pin on the map, or coordinates.")
        raise Invalid(fault, fields={"place": fault})


def _add_report(ticket: Ticket, new: NewReport, received_at: datetime) -> Report:
    report = Report(
        ticket_id=ticket.id,
        channel=new.channel,
        verified=new.verified,
        name=new.reporter_name,
        phone=new.reporter_phone,
        language=new.language,
        description=new.description,
        answers=dict(new.answers),
        dangers=dict(new.dangers),
        household_id=new.household_id,
        notice_id=new.notice_id,
        received_at=received_at,
        token=secrets.token_urlsafe(18),
        token_expires_at=received_at + TRACK_LIFETIME,
    )
    insert_object(report)
    return report


def add_report(
    ticket: Ticket,
    new: NewReport,
    *,
    actor: Actor,
    now: datetime,
) -> Report:
    """Attach another caller to a fault that has a ticket already; a danger makes it an emergency.

    Raises:
        Forbidden: when that ticket has ended.
        Invalid: naming a wrong field of the report.
    """
    _check(new)
    if TicketState(ticket.state) in ENDED:
        raise Forbidden(say("That ticket has ended. Open a new one, or reopen it."))
    report = _add_report(ticket, new, now)
    ticket.report_count += 1
    event = record_event(
        ticket,
        EventKind.REPORT_MERGED,
        actor=actor,
        now=now,
        told=Told(facts={"report_id": report.id, "reports": ticket.report_count} | _said_of(new)),
    )
    if report.phone:
        queue_message(ticket, event, report, now=now)
    if standing(new.dangers) and ticket.level > Level.EMERGENCY:
        change_level(ticket, int(Level.EMERGENCY), reason="", actor=actor, now=now)
    return report


def change_level(
    ticket: Ticket,
    level: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Change how urgent a ticket is; its promises count anew from the same receipt.

    Raises:
        Invalid: when the level is none of the four.
        Forbidden: when the ticket has ended.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if level not in set(Level):
        fault = say("The level is a whole number from 1 to 4.")
        raise Invalid(fault, fields={"level": fault})
    state = TicketState(ticket.state)
    if state in ENDED:
        raise Forbidden(say("This ticket has ended, so its level stays as it is."))
    was, ticket.level = ticket.level, level
    make_promises(ticket, policy_of(ticket.policy_id))
    facts = {"was": was, "level": level}
    record_event(
        ticket,
        EventKind.LEVEL_CHANGED,
        actor=actor,
        now=now,
        told=Told(note=reason or None, facts=facts),
    )
    if state is not TicketState.ON_HOLD:
        rearm(ticket, visits_of(ticket.id))


def add_note(
    ticket: Ticket,
    note: str,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
) -> None:
    """Add a remark to the story; it is never refused for the ticket's state.

    Raises:
        Invalid: when the note is empty.
    """
    if not note.strip():
        fault = say("Write the note first.")
        raise Invalid(fault, fields={"note": fault})
    told = replace(told, note=note.strip())
    record_told(ticket, EventKind.NOTE_ADDED, actor=actor, now=now, told=told)
