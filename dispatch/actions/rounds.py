"""How is a steward's round made, and what becomes of each stop?"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.intake import open_ticket
from dispatch.actions.settings_log import record_setting
from dispatch.actions.ticket_log import JUST_NOW, Told, visit_times
from dispatch.actions.visits import arrive, cannot_complete, complete_visit
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.place import Point
from dispatch.domain.rounds import (
    UNDOABLE,
    StopState,
    check_day,
    check_may_end,
    check_may_undo,
    check_stops,
    check_waits,
    route_order,
)
from dispatch.domain.sentences import say
from dispatch.domain.ticket_kinds import PLANNED_KINDS
from dispatch.domain.ticket_state import WITHOUT_CREW, ticket_number
from dispatch.domain.visit_state import ON_SITE, Cause
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.rounds import Round, RoundStop
from dispatch.models.tickets import Ticket
from dispatch.queries.policies import policy_in_force
from dispatch.queries.round_choice import households_to_visit, is_waiting, stops_at_door
from dispatch.queries.rounds import round_for_change, stop_rows
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import active_visits_of, visits_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from dispatch.actions.intake import NewReport
    from dispatch.domain.permissions import Actor
    from dispatch.models.people import Crew

_EVERYWHERE = Scope(everything=True)


@dataclass(frozen=True)
class Wanted:
    """Where a round is to go: planned tickets by number, households by account."""

    tickets: Sequence[str] = ()
    accounts: Sequence[str] = ()


def add_to_round(
    crew: Crew, day: date, wanted: Wanted, *, today: date, actor: Actor, now: datetime
) -> Round:
    """Put stops onto a crew's round of a day, made where there is none, in the order of the way.

    Raises:
        Invalid: when the day is past or too far, there is no stop or too many, or a ticket is no
            planned visit that waits for a crew.
        NotFound: when a ticket is not the asker's to see.

    A household in no grid of the asker's is none. Each stays locked until the transaction ends, so
    that two who send it a crew at once put it on one round. Where a planned ticket leads to the
    door of a household, the household's own stop, on whatever round, is taken off for it.
    """
    check_day(day, today)
    going = round_for_change(crew.id, day)
    if going is None:
        going = Round(crew_id=crew.id, day=day, made_at=now, made_by=actor.name)
        db.session.add(going)
        db.session.flush()
    new = [_ticket_stop(number, actor) for number in sorted(set(wanted.tickets))]
    doors = {row.household_id for row in new if row.household_id is not None}
    households = households_to_visit(wanted.accounts, actor.scope, now, besides=doors)
    for row in stops_at_door(doors, today):
        take_off(row, actor=actor, now=now)
    new += [RoundStop(household_id=each) for each in households]
    fresh = [row for row in new if not is_waiting(row.household_id, row.ticket_id, today)]
    known = [row for row in stop_rows(going.id) if row.state != StopState.TAKEN_OFF]
    check_stops(len(known), len(fresh))
    for row in fresh:
        row.round_id, row.turn = going.id, 0
        db.session.add(row)
    db.session.flush()
    _put_in_order(going, crew)
    told = {"tickets": sorted(wanted.tickets), "households": sorted(wanted.accounts)}
    record_setting("round", f"{crew.name} {day}", None, told, actor=actor, now=now)
    return going


def _ticket_stop(number: str, actor: Actor) -> RoundStop:
    ticket = ticket_for_change(number, actor.scope)
    if ticket.kind not in PLANNED_KINDS or ticket.state not in WITHOUT_CREW:
        fault = say("%(number)s is no planned visit that waits for a crew.", number=number)
        raise Invalid(fault, fields={"stop": fault})
    return RoundStop(ticket_id=ticket.id, household_id=ticket.household_id)


def _put_in_order(going: Round, crew: Crew) -> None:
    """Order the stops that are left after those that have ended."""
    rows = stop_rows(going.id)
    over = [row for row in rows if row.state != StopState.WAITING]
    left = [row for row in rows if row.state == StopState.WAITING]
    places = [_place_of(row) for row in left]
    gone = [place for row in over if (place := _place_of(row)) is not None]
    start = gone[-1] if gone else _point(crew.base_lat, crew.base_lon)
    ordered = over + [left[index] for index in route_order(start, places)]
    for turn, row in enumerate(ordered, start=1):
        row.turn = turn
    db.session.flush()


def _place_of(row: RoundStop) -> Point | None:
    place: Ticket | Household | None = (
        db.session.get(Ticket, row.ticket_id)
        if row.ticket_id
        else db.session.get(Household, row.household_id)
    )
    return _point(place.lat, place.lon) if place else None


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)


def take_off(row: RoundStop, *, actor: Actor, now: datetime) -> None:
    """Take a stop off a round before anybody was there; it may go onto another.

    Raises:
        Forbidden: when it has ended.
    """
    check_waits(row.state)
    _end(row, StopState.TAKEN_OFF, "", JUST_NOW, actor, now)


def undo_end(
    row: RoundStop, crew: Crew, *, actor: Actor, now: datetime, told: Told = JUST_NOW
) -> None:
    """Let a stop wait again that was ended by a wrong tap; what was written there stays.

    A crew may do so on the day of the round, who sends crews at any time.

    Raises:
        Forbidden: when it has not ended, a ticket was closed or found there, the day is over, or
            somebody ended it after what is told.
    """
    going = db.session.get_one(Round, row.round_id)
    day = (told.effective_at or now).astimezone(policy_in_force().policy.calendar.zone).date()
    tied_to = row.ticket_id or row.found_ticket_id
    check_may_undo(
        row.state,
        tied_to=None if tied_to is None else ticket_number(tied_to),
        is_its_day=actor.role is not Role.CREW or day == going.day,
    )
    if told.effective_at is not None and row.ended_at and row.ended_at > told.effective_at:
        raise Forbidden(say("%(who)s ended this stop after that.", who=row.ended_by or ""))
    before = {"stop": row.id, "state": row.state, "by": row.ended_by}
    if row.ended_at is not None:
        before["at"] = row.ended_at.isoformat()
    row.state = str(StopState.WAITING)
    row.ended_at = row.ended_by = row.user_id = None
    row.received_at = row.device_at = row.time_quality = None
    row.lat = row.lon = row.accuracy_metres = None
    db.session.flush()
    after = {"stop": row.id, "state": row.state}
    record_setting("round", f"{crew.name} {going.day}", before, after, actor=actor, now=now)


def end_stop(
    row: RoundStop,
    crew: Crew,
    outcome: StopState,
    *,
    note: str = "",
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
) -> None:
    """Note that a stop is done, or that nobody was home; a planned ticket gets its visit.

    Raises:
        Forbidden: when the stop has ended, or another crew is on the planned ticket.
    """
    check_may_end(row.state)
    _end(row, outcome, note, told, actor, now)
    if row.ticket_id is None:
        return
    ticket = ticket_for_change(ticket_number(row.ticket_id), _EVERYWHERE)
    _visit(ticket, crew, outcome, note, told, actor, now)


def find_fault(
    row: RoundStop | None,
    crew: Crew,
    new: NewReport,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
) -> Ticket:
    """Turn what a steward found into a report, and end the stop where it was found at one.

    A stop that was done or shut a moment ago stays so, with what was found there. What a phone kept
    is reported even where the stop cannot end with it any more.

    Raises:
        Forbidden: when a fault was found at the stop before, and this was not kept on a phone.
        Invalid: naming what is wrong with the report.
    """
    new = replace(new, found_at=told.effective_at, time_quality=told.time_quality)
    opened = open_ticket(new, actor=actor, now=now).ticket
    if row is None:
        return opened
    is_free = row.state in UNDOABLE and row.found_ticket_id is None
    if not is_free:
        by: dict[str, Any] = {"note": new.description, "actor": actor, "now": now, "told": told}
        with suppress(Forbidden) if told.event_uuid else nullcontext(), db.session.begin_nested():
            end_stop(row, crew, StopState.FAULT_FOUND, **by)
    if row.found_ticket_id is None:
        row.found_ticket_id = opened.id
    db.session.flush()
    return opened


def add_late_words(row: RoundStop, words: str) -> None:
    """Keep what was typed at a stop that had ended by then, below what stands there."""
    if words:
        row.note = f"{row.note}\n{words}" if row.note else words
        db.session.flush()


def _end(
    row: RoundStop, outcome: StopState, note: str, told: Told, actor: Actor, now: datetime
) -> None:
    row.state = str(outcome)
    row.note = note.strip() or row.note
    row.ended_at, row.received_at, row.device_at = told.effective_at or now, now, told.device_at
    row.time_quality = told.time_quality
    row.ended_by, row.user_id = actor.name, actor.user_id
    if told.position is not None:
        row.lat, row.lon = told.position.lat, told.position.lon
        row.accuracy_metres = told.accuracy_metres
    db.session.flush()


def _visit(
    ticket: Ticket,
    crew: Crew,
    outcome: StopState,
    note: str,
    told: Told,
    actor: Actor,
    now: datetime,
) -> None:
    """Let the crew have been at its planned ticket; one that was ended meanwhile stays as it is."""
    under_way = active_visits_of(ticket.id)
    own = next((visit for visit in under_way if visit.crew_id == crew.id), None)
    if own is None and under_way:
        raise Forbidden(say("Another crew is on %(number)s now.", number=ticket_number(ticket.id)))
    if own is None and ticket.state not in WITHOUT_CREW:
        return
    told = _not_before(ticket, told)
    then = Told(effective_at=told.effective_at, time_quality=told.time_quality)
    visit = own or dispatch_visit(ticket, crew, actor=actor, now=now, told=then)
    if visit.state not in ON_SITE:
        arrive(ticket, visit, actor=actor, now=now, told=told)
    if outcome is StopState.NOBODY_HOME:
        cause = str(Cause.NO_ACCESS)
        cannot_complete(ticket, visit, cause=cause, note=note, actor=actor, now=now, told=then)
    else:
        complete_visit(ticket, visit, note=note, actor=actor, now=now, told=then)


def _not_before(ticket: Ticket, told: Told) -> Told:
    """Let a visit be no earlier than what went before it: a clock was wrong, no tap is."""
    if told.effective_at is None:
        return told
    times = [at for visit in visits_of(ticket.id) for at in visit_times(visit)]
    earlier = [ticket.received_at, *([ticket.accepted_at] if ticket.accepted_at else []), *times]
    return replace(told, effective_at=max(told.effective_at, *earlier))
