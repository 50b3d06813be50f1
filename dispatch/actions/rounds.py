"""How is a steward's round made, and what becomes of each stop?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.intake import open_ticket
from dispatch.actions.settings_log import record_setting
from dispatch.actions.ticket_log import JUST_NOW
from dispatch.actions.visits import arrive, cannot_complete, complete_visit
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.domain.planned_visits import PLANNED_KINDS
from dispatch.domain.rounds import (
    StopState,
    check_day,
    check_stops,
    check_waits,
    route_order,
)
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import WITHOUT_CREW, ticket_number
from dispatch.domain.visit_state import ON_SITE, Cause
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.rounds import Round, RoundStop
from dispatch.models.tickets import Ticket
from dispatch.queries.round_choice import households_to_visit, is_waiting, stops_at_door
from dispatch.queries.rounds import round_for_change, stop_rows
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import active_visits_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from dispatch.actions.intake import NewReport
    from dispatch.actions.ticket_log import Told
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
    _end(row, StopState.TAKEN_OFF, "", JUST_NOW, actor, now)


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

    Raises:
        Forbidden: when the stop has ended.
        Invalid: naming what is wrong with the report.
    """
    opened = open_ticket(new, actor=actor, now=now).ticket
    if row is not None:
        end_stop(
            row, crew, StopState.FAULT_FOUND, note=new.description, actor=actor, now=now, told=told
        )
        row.found_ticket_id = opened.id
        db.session.flush()
    return opened


def _end(
    row: RoundStop, outcome: StopState, note: str, told: Told, actor: Actor, now: datetime
) -> None:
    check_waits(row.state)
    row.state = str(outcome)
    row.note = note.strip() or None
    row.ended_at, row.ended_by, row.user_id = now, actor.name, actor.user_id
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
    visit = own or dispatch_visit(ticket, crew, actor=actor, now=now)
    if visit.state not in ON_SITE:
        arrive(ticket, visit, actor=actor, now=now, told=told)
    if outcome is StopState.NOBODY_HOME:
        cause = str(Cause.NO_ACCESS)
        cannot_complete(ticket, visit, cause=cause, note=note, actor=actor, now=now)
    else:
        complete_visit(ticket, visit, note=note, actor=actor, now=now)
