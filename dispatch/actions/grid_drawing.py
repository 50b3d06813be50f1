"""How does a drawn change of grids come into force, and how is it taken back?"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape
from sqlalchemy import select

from dispatch.actions.grid_plan import (
    Draft,
    draft_facts,
    effect_of,
    fields_of,
    newest_version,
    plan_grids,
)
from dispatch.actions.placing import give_to, place_facts
from dispatch.actions.promises import make_promises, rearm
from dispatch.actions.settings_log import record_setting, refuse_stale
from dispatch.actions.ticket_log import JUST_NOW, dated, record_event
from dispatch.domain.errors import NotFound, Stale
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.administration import DRAWN, last_change
from dispatch.queries.grids import GridFacts, valid_grids
from dispatch.queries.policies import policy_of
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dispatch.actions.grid_plan import GridPlan, GridWish, Move
    from dispatch.domain.permissions import Actor


@dataclass(frozen=True)
class GridsChanged:
    """What a change did: the grids it made and ended by name, and how many tickets it moved."""

    made: list[str]
    ended: list[str]
    moved: int
    begins: datetime


def change_grids(wish: GridWish, *, actor: Actor, now: datetime) -> GridsChanged:
    """Make the versions that a drawn change asks for.

    At once, open tickets that no crew has reached move with their ground; from a later day on,
    only new tickets do. Raises as `plan_grids`.
    """
    return _put_in_force(wish.kind, plan_grids(wish, now), actor, now)


def restore_grids(event_id: int, *, actor: Actor, now: datetime) -> GridsChanged:
    """Take a drawn change back: what it replaced is in force again, as new versions.

    A change that has not begun yet is taken out. Raises:
        NotFound: when there is no such change.
        Stale: when one of its grids was changed since.
    """
    event = db.session.get(SettingsEvent, event_id)
    if event is None or event.subject != "grids" or event.subject_key not in DRAWN:
        raise NotFound(say("There is no such change of grids."))
    was, made = (_versions(facts) for facts in (event.was, event.now))
    for name, version in {**was, **made}.items():
        newest = newest_version(name)
        refuse_stale(newest.version if newest else 0, version, last_change("grids"))
    old = {name: _version(name, version) for name, version in was.items()}
    new = {name: _version(name, version) for name, version in made.items()}
    if any(grid.valid_to is not None for grid in new.values()):
        raise Stale(say("This was changed since you opened it. Look at it again."))
    if any(grid.valid_from > now for grid in new.values()):
        return _take_out(old, new, actor, now)
    makes = [
        Draft(fields_of(grid), shape(grid.geometry), new.get(name)) for name, grid in old.items()
    ]
    ends = [grid for name, grid in new.items() if name not in old]
    return _put_in_force("restore", effect_of(makes, ends, now), actor, now)


def _versions(facts: Mapping[str, Any] | None) -> dict[str, int]:
    return dict((facts or {}).get("grids", {}))


def _version(name: str, version: int) -> Grid:
    return db.session.scalars(select(Grid).where(Grid.name == name, Grid.version == version)).one()


def _take_out(
    old: dict[str, Grid], new: dict[str, Grid], actor: Actor, now: datetime
) -> GridsChanged:
    """Let versions that have not begun never begin, and those before them go on."""
    for grid in new.values():
        grid.valid_from = grid.valid_to = now
    for grid in old.values():
        grid.valid_to = None
    db.session.flush()
    back = {name: grid.version for name, grid in old.items()}
    gone = {name: grid.version for name, grid in new.items()}
    record_setting(
        "grids", "take_out", {"grids": gone}, {"grids": back}, actor=actor, now=now
    )  # fmt: skip
    return GridsChanged(sorted(back), sorted(gone.keys() - back.keys()), 0, now)


def _put_in_force(kind: str, plan: GridPlan, actor: Actor, now: datetime) -> GridsChanged:
    replaced = [each.before for each in plan.makes if each.before] + list(plan.ends)
    for grid in replaced:
        grid.valid_to = plan.begins
    rows = [_row(draft, plan.begins) for draft in plan.makes]
    db.session.add_all(rows)
    db.session.flush()
    moves = plan.moves if plan.begins == now else []
    _move(moves, {**_facts(now), **draft_facts(plan, [row.id for row in rows])}, actor, now)
    was = {"grids": {grid.name: grid.version for grid in replaced}}
    now_is = {
        "grids": {row.name: row.version for row in rows},
        "ended": [grid.name for grid in plan.ends],
        "begins": plan.begins.isoformat(),
        "moved": [move.number for move in moves],
    }
    record_setting("grids", kind, was, now_is, actor=actor, now=now)
    return GridsChanged(
        [row.name for row in rows], [grid.name for grid in plan.ends], len(moves), plan.begins
    )


def _row(draft: Draft, begins: datetime) -> Grid:
    newest = newest_version(draft.fields.name)
    return Grid(
        name=draft.fields.name,
        name_zh=draft.fields.name_zh,
        version=newest.version + 1 if newest else 1,
        team_id=draft.fields.team_id,
        zone=draft.fields.zone,
        in_circle=draft.fields.in_circle,
        geometry=json.loads(shapely.to_geojson(draft.shape)),
        valid_from=begins,
    )


def _facts(now: datetime) -> dict[int, GridFacts]:
    return {
        grid.id: GridFacts(grid.id, grid.name, grid.team_id, grid.zone, grid.in_circle)
        for grid in valid_grids(now)
    }


def _move(moves: list[Move], facts: dict[int, GridFacts], actor: Actor, now: datetime) -> None:
    """Give tickets to the grids that now own their places, each with a line in its story."""
    for move in moves:
        ticket = db.session.get_one(Ticket, move.ticket_id)
        was = place_facts(ticket)
        give_to(ticket, move.standing, facts[move.key] if move.key is not None else None)
        ticket.team_id = move.team_id
        make_promises(ticket, policy_of(ticket.policy_id))
        told = dated(JUST_NOW, now, ticket.received_at)
        told = replace(told, facts={"was": was} | place_facts(ticket))
        record_event(ticket, EventKind.PLACED, actor=actor, now=now, told=told)
        if ticket.state != TicketState.ON_HOLD:
            rearm(ticket, visits_of(ticket.id))
