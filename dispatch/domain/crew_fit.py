"""Has a crew the vehicle and the parts that a fault needs, and may it work at that place?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.categories import CLAMPS
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from dispatch.domain.categories import CategoryRule

DUG_FROM_MM = 400
"""A burst main of this width and more is dug out and lifted by machine."""

MOST_GRIDS_NAMED = 3
"""So many grids of a contractor's area are named in one sentence."""


class Named(NamedTuple):
    """A name for tables and the same in a sentence, with its article in English."""

    name: Sentence
    one: Sentence


VEHICLES: dict[str, Named] = {
    "bike": Named(say("Bike"), say("a bike")),
    "van": Named(say("Van"), say("a van")),
    "truck": Named(say("Truck"), say("a truck")),
    "excavator": Named(say("Excavator"), say("an excavator")),
    "tanker": Named(say("Water tanker"), say("a water tanker")),
    "jetter": Named(say("Jetting truck"), say("a jetting truck")),
}
"""The closed list of vehicle classes: electric bike or motorcycle; van with hand tools; truck with
pump, generator and road signs; truck with excavator; drinking-water tanker; jetting and suction
truck."""

_WILL_DO: dict[str, frozenset[str]] = {
    "van": frozenset({"van", "truck", "excavator"}),
    "truck": frozenset({"truck", "excavator"}),
}

CLAMP_SIZES = (150, 300, 600)
"""Repair clamps by the widest pipe that they fit, in mm."""

PARTS: dict[str, Sentence] = {
    "clamps_150": say("clamps up to DN150"),
    "clamps_300": say("clamps up to DN300"),
    "clamps_600": say("clamps up to DN600"),
    "valves": say("valves"),
    "hydrants": say("hydrants"),
    "meters": say("meters"),
    "covers": say("covers"),
    "sampling": say("sampling bottles"),
    "pumps": say("pumps"),
}
"""The closed list of what a vehicle carries."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a fault asks of a vehicle: its class, if any will not do, and the parts, all of them."""

    vehicle: str | None = None
    parts: tuple[str, ...] = ()


NOTHING = Kit()


@dataclass(frozen=True, slots=True)
class Area:
    """Where a crew works: in the grids of its own team, or only in these, by row id and by name."""

    contractor: str | None = None
    grids: frozenset[int] = frozenset()
    names: tuple[str, ...] = ()


def kit_for(rule: CategoryRule, pipe_mm: int | None) -> Kit:
    """Return what a kind of fault asks for, on a pipe of a nominal width if that is known.

    Clamps are asked for in the smallest size that fits; the widest have none of their own.
    """
    is_dug = pipe_mm is not None and pipe_mm >= DUG_FROM_MM and rule.vehicle == "truck"
    parts = tuple(_clamps(pipe_mm) if part == CLAMPS else part for part in rule.parts)
    return Kit("excavator" if is_dug else rule.vehicle, parts)


def _clamps(pipe_mm: int | None) -> str:
    fits = (size for size in CLAMP_SIZES if pipe_mm is None or pipe_mm <= size)
    return f"clamps_{next(fits, CLAMP_SIZES[-1])}"


def wrong_vehicle(kit: Kit, vehicle: str | None) -> bool:
    """Tell whether a vehicle of another class is needed; an unknown class will do."""
    need = kit.vehicle
    if need is None or vehicle is None:
        return False
    return vehicle not in _WILL_DO.get(need, frozenset({need}))


def missing_part(kit: Kit, carries: AbstractSet[str] | None) -> str | None:
    """Return the first part that is needed and not carried; what is not recorded is carried."""
    if carries is None:
        return None
    return next((part for part in kit.parts if not _is_carried(part, carries)), None)


def _is_carried(part: str, carries: AbstractSet[str]) -> bool:
    """Look for a part; clamps for wider pipes come with those for narrower ones."""
    sizes = [f"clamps_{size}" for size in CLAMP_SIZES]
    if part in sizes:
        return not carries.isdisjoint(sizes[sizes.index(part) :])
    return part in carries


def outside_area(
    area: Area | None, team_id: int, *, grid_id: int | None, owning_team_id: int | None
) -> bool:
    """Tell whether a place is none of those where a crew works; without an area it works anywhere.

    A place outside every grid, or not known yet, is in the area of its owning team alone.
    """
    if area is None:
        return False
    if area.names:
        return grid_id not in area.grids
    return owning_team_id != team_id


def why_wrong_vehicle(kit: Kit, crew: str, vehicle: str | None) -> Sentence | None:
    """Say which vehicle is needed and which the crew has, None where it will do."""
    if kit.vehicle is None or vehicle is None or not wrong_vehicle(kit, vehicle):
        return None
    return say(
        "Needs %(needed)s; %(crew)s has %(vehicle)s",
        needed=VEHICLES[kit.vehicle].one,
        crew=crew,
        vehicle=VEHICLES[vehicle].one if vehicle in VEHICLES else vehicle,
    )


def why_missing_part(kit: Kit, crew: str, carries: AbstractSet[str] | None) -> Sentence | None:
    """Say which part is needed and not carried, None where nothing is missing."""
    part = missing_part(kit, carries)
    if part is None:
        return None
    return say("Needs %(part)s; %(crew)s carries none", part=PARTS[part], crew=crew)


def why_outside(area: Area) -> Sentence:
    """Say where a crew works, of a place that is elsewhere."""
    who = area.contractor
    if not area.names:
        if who is None:
            return say("Works only in the grids of its own team")
        return say("%(contractor)s works only in the grids of its own team", contractor=who)
    names = ", ".join(area.names[:MOST_GRIDS_NAMED])
    more = len(area.names) - MOST_GRIDS_NAMED
    if more > 0:
        return say(
            "%(contractor)s works only in %(grids)s and %(more)s more",
            contractor=who or _THIS_CREW,
            grids=names,
            more=more,
        )
    return say("%(contractor)s works only in %(grids)s", contractor=who or _THIS_CREW, grids=names)


_THIS_CREW = say("This crew")


def not_recorded(
    kit: Kit, vehicle: str | None, carries: AbstractSet[str] | None
) -> tuple[Sentence, ...]:
    """Say what is needed and not known of a crew, which may go all the same."""
    said = []
    if kit.vehicle is not None and vehicle is None:
        said.append(
            say("Its vehicle is not recorded; %(needed)s is needed",
                needed=VEHICLES[kit.vehicle].one)
        )  # fmt: skip
    if kit.parts and carries is None:
        said.append(
            say("What it carries is not recorded; needed: %(part)s", part=PARTS[kit.parts[0]])
        )
    return tuple(said)
