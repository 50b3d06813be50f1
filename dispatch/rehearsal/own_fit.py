"""Which crew of our own may do which ticket, by skill, vehicle, parts and area?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.categories import category_rule
from dispatch.domain.crew_fit import Kit, kit_for, missing_part, wrong_vehicle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.rehearsal.city import Flags, Places
    from dispatch.rehearsal.own_material import OwnCrew, OwnTicket


class Need(NamedTuple):
    """What a ticket asks of a crew; grid and owning team count where crews have areas."""

    skill: str
    kit: Kit
    grid: str | None = None
    team: str | None = None


def needs_of(
    tickets: Sequence[OwnTicket], crews: Sequence[OwnCrew]
) -> tuple[tuple[Need, ...], Places]:
    """Return the different needs of some tickets, and for each ticket the index of its own."""
    by_place = any(crew.area is not None for crew in crews)
    found = [_need(ticket, by_place=by_place) for ticket in tickets]
    needs = tuple(dict.fromkeys(found))
    at = {need: index for index, need in enumerate(needs)}
    return needs, np.array([at[need] for need in found], dtype=np.int64)


def able(crews: Sequence[OwnCrew], needs: Sequence[Need]) -> Flags:
    """Tell for each crew and need whether it may go, as (crews, needs).

    What is not recorded of a vehicle or its parts keeps no crew away, as in life.
    """
    fits = [[_may(crew, need) for need in needs] for crew in crews]
    return np.array(fits, dtype=np.bool_).reshape(len(crews), len(needs))


def _need(ticket: OwnTicket, *, by_place: bool) -> Need:
    rule = category_rule(ticket.category)
    place = (ticket.grid, ticket.team) if by_place else ()
    return Need(rule.skill, kit_for(rule, ticket.pipe_mm), *place)


def _may(crew: OwnCrew, need: Need) -> bool:
    carries = None if crew.carries is None else set(crew.carries)
    return (
        need.skill in crew.skills
        and not wrong_vehicle(need.kit, crew.vehicle)
        and missing_part(need.kit, carries) is None
        and _is_inside(crew, need)
    )


def _is_inside(crew: OwnCrew, need: Need) -> bool:
    if crew.area is None:
        return True
    return need.grid in crew.area if crew.area else need.team == crew.team
