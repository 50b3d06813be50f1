"""Who waits in a storm, when are the crews free, and what may a caller honestly be told?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from dispatch.domain.live_outlook import UNKNOWN_DRIVE_SECONDS
from dispatch.domain.repair_time import mean_left
from dispatch.domain.service_policy import Level
from dispatch.domain.storm import spell_over
from dispatch.domain.storm_queue import (
    Outlook,
    Turn,
    outlook,
    position_of,
    seconds_until_served,
    turn_of,
)
from dispatch.domain.ticket_kinds import PLANNED_KINDS, STEP_KINDS
from dispatch.domain.ticket_state import WITHOUT_CREW, TicketState
from dispatch.models.base import db
from dispatch.models.places import Grid, Household
from dispatch.models.tickets import Ticket
from dispatch.queries.candidates import IS_OPEN
from dispatch.queries.crews_ahead import crews_ahead
from dispatch.queries.grids import grid_map
from dispatch.queries.kept_answers import KeptAnswers
from dispatch.queries.storms import spells_on, storm_in
from dispatch.queries.workload import workload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.coverage import RepairTimes
    from dispatch.domain.place import Point
    from dispatch.domain.storm import Spell
    from dispatch.queries.crews_ahead import CrewAhead

NEW_CALL = 2**62
"""Stands for the number of a ticket that is not written down yet: it comes after all others."""

WAITING = tuple(sorted(str(state) for state in (*WITHOUT_CREW, TicketState.RECEIVED)))
_OLDEST = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Queue:
    """The tickets of a storm that wait for a crew, and the seconds until each crew is free."""

    turns: Sequence[Turn]
    free_in: Sequence[float]
    work: float

    def outlook_of(self, turn: Turn, now: datetime) -> Outlook:
        """Return the place of a turn, and the hour in which a crew is expected."""
        place = position_of(turn, self.turns)
        drive = UNKNOWN_DRIVE_SECONDS
        seconds = seconds_until_served(place, self.free_in, drive=drive, work=self.work)
        return outlook(place, max(place, len(self.turns)), seconds, now)


_kept: KeptAnswers[Queue] = KeptAnswers(_OLDEST)


def outlook_of_ticket(ticket: Ticket, now: datetime) -> Outlook | None:
    """Return what the reporters of a ticket may be told; None outside a storm or with a crew."""
    if ticket.state not in WAITING or ticket.level >= Level.ENQUIRY:
        return None
    grid = db.session.get(Grid, ticket.grid_id) if ticket.grid_id is not None else None
    spell = storm_in(grid.name if grid else None, now)
    if spell is None:
        return None
    home = db.session.get(Household, ticket.household_id) if ticket.household_id else None
    turn = turn_of(
        ticket.level,
        vulnerable=bool(home and home.vulnerable),
        received_at=ticket.received_at,
        ticket_id=ticket.id,
    )
    return _queue(spell, now).outlook_of(turn, now)


def outlook_of_call(point: Point, level: int, now: datetime) -> Outlook | None:
    """Return what a caller may be told before a ticket is written; None outside a storm."""
    grids = grid_map(now)
    key = grids.index.find_grid(point).key
    spell = storm_in(grids.facts[key].name if key is not None else None, now)
    if spell is None or level >= Level.ENQUIRY:
        return None
    turn = turn_of(level, vulnerable=False, received_at=now, ticket_id=NEW_CALL)
    return _queue(spell, now).outlook_of(turn, now)


def served_first(now: datetime) -> frozenset[int]:
    """Return the open tickets of households that the storms that are on serve first."""
    spells = spells_on(now)
    if not spells:
        return frozenset()
    asked = (
        select(Ticket.id, Grid.name)
        .join(Household, Household.id == Ticket.household_id)
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .where(IS_OPEN, Household.vulnerable)
    )
    rows = db.session.execute(asked)
    return frozenset(row.id for row in rows if spell_over(spells, row.name, now))


def _queue(spell: Spell, now: datetime) -> Queue:
    """Return the queue of a storm, at most ten seconds old: many residents look at once."""
    return _kept.get(spell.id, now, lambda: _read(spell, now))


def _read(spell: Spell, now: datetime) -> Queue:
    law = workload(now).repair
    crews = [each for each in crews_ahead(now) if each.on_shift]
    owners = {each.team_id for each in grid_map(now).facts.values() if each.name in spell.grids}
    own = [each for each in crews if each.team_id in owners] if spell.grids else crews
    return Queue(_turns(spell), [_free_in(each, law) for each in own or crews], law.mean_seconds)


def _turns(spell: Spell) -> list[Turn]:
    asked = (
        select(Ticket.id, Ticket.level, Ticket.received_at, Household.vulnerable)
        .outerjoin(Household, Household.id == Ticket.household_id)
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .where(
            IS_OPEN,
            Ticket.state.in_(WAITING),
            Ticket.level < Level.ENQUIRY,
            Ticket.kind.not_in(PLANNED_KINDS | STEP_KINDS),
        )
        .order_by(Ticket.id)
    )
    if spell.grids:
        asked = asked.where(Grid.name.in_(spell.grids))
    return [
        turn_of(row.level, vulnerable=bool(row.vulnerable), received_at=row[2], ticket_id=row.id)
        for row in db.session.execute(asked)
    ]


def _free_in(crew: CrewAhead, law: RepairTimes) -> float:
    """Return the seconds until a crew has done what it has; each further ticket takes a mean."""
    if crew.work is None:
        return 0.0
    own = crew.work.repair or law
    spent = np.array([crew.work.elapsed or 0.0])
    left = float(mean_left(spent, np.array([own.mean_seconds]), np.array([own.sigma]))[0])
    more = (crew.tickets - 1) * (UNKNOWN_DRIVE_SECONDS + law.mean_seconds)
    return (crew.work.arrives_in or 0.0) + left + more
