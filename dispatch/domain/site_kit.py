"""What do crews take along and build in, and what does a kind of fault usually ask for?"""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain.categories import CLAMPS, category_rule, is_listed
from dispatch.domain.crew_fit import CLAMP_SIZES, kit_for
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

MOST_OF_ONE = 999
"""So many of one part a visit may have used; more is a typing error."""


@dataclass(frozen=True, slots=True)
class KitItem:
    """One part or tool by its name; a part stays in the ground and is counted, a tool is not."""

    name: Sentence
    is_part: bool = True


KIT: dict[str, KitItem] = {
    "clamps_150": KitItem(say("Repair clamp up to DN150")),
    "clamps_300": KitItem(say("Repair clamp up to DN300")),
    "clamps_600": KitItem(say("Repair clamp up to DN600")),
    "couplings": KitItem(say("Coupling")),
    "sleeves": KitItem(say("Repair sleeve")),
    "pipe": KitItem(say("Length of pipe")),
    "saddles": KitItem(say("Tapping saddle")),
    "stops": KitItem(say("Ferrule or stop tap")),
    "service_pipe": KitItem(say("Service pipe with fittings")),
    "valves": KitItem(say("Gate valve")),
    "air_valves": KitItem(say("Air valve")),
    "hydrants": KitItem(say("Hydrant or its inner parts")),
    "meters": KitItem(say("Water meter")),
    "seals": KitItem(say("Meter seal")),
    "gaskets": KitItem(say("Gaskets and bolts")),
    "plugs": KitItem(say("Plug or cap")),
    "covers": KitItem(say("Manhole or valve cover")),
    "backfill": KitItem(say("Sand and backfill")),
    "asphalt": KitItem(say("Cold asphalt")),
    "valve_key": KitItem(say("Valve key"), is_part=False),
    "meter_key": KitItem(say("Meter spanner"), is_part=False),
    "locator": KitItem(say("Pipe locator and listening stick"), is_part=False),
    "pumps": KitItem(say("Pump with hoses"), is_part=False),
    "pipe_cutter": KitItem(say("Pipe cutter"), is_part=False),
    "lamp": KitItem(say("Lamp and generator"), is_part=False),
    "signs": KitItem(say("Cones, signs and barriers"), is_part=False),
    "shoring": KitItem(say("Trench shoring"), is_part=False),
    "gas_detector": KitItem(say("Gas detector and tripod"), is_part=False),
    "gauge": KitItem(say("Pressure gauge"), is_part=False),
    "sampling": KitItem(say("Sampling bottles"), is_part=False),
    "chlorine_meter": KitItem(say("Chlorine and turbidity meter"), is_part=False),
    "standpipe": KitItem(say("Standpipe for flushing"), is_part=False),
    "drain_rods": KitItem(say("Drain rods"), is_part=False),
}
"""The closed list; what a vehicle carries (`crew_fit`) has the same key here."""

_ROAD = ("signs", "pumps", "valve_key", "lamp", "backfill")

_USUAL: dict[str, tuple[str, ...]] = {
    "burst": (*_ROAD, "couplings", "pipe_cutter", "gaskets", "shoring", "asphalt"),
    "hydrant": ("signs", "valve_key", "gaskets", "pumps"),
    "road_flooding": ("signs", "pumps", "valve_key", "lamp"),
    "cover_missing": ("signs", "lamp"),
    "leak": ("signs", "valve_key", "locator", "pumps", "couplings", "backfill"),
    "meter_leak": ("meter_key", "gaskets", "seals", "stops"),
    "riser": ("valve_key", "couplings", "service_pipe", "pipe_cutter"),
    "tank": ("gas_detector", "pumps", "lamp", "gaskets"),
    "no_water": ("valve_key", "gauge", "locator"),
    "low_pressure": ("gauge", "valve_key", "meter_key"),
    "discoloured_water": ("chlorine_meter", "standpipe", "valve_key"),
    "noise": ("locator", "gauge", "meter_key"),
    "catch_basin": ("drain_rods", "gas_detector", "signs"),
    "plumbing": ("meter_key", "stops", "gaskets"),
    "water_quality": ("chlorine_meter", "standpipe"),
    "installation": ("meter_key", "seals", "service_pipe", "stops"),
    "other": ("valve_key", "gauge"),
}


def usual_kit(category: str, pipe_mm: int | None) -> tuple[str, ...]:
    """Return what a kind of fault usually asks for, before anything was learned.

    The parts that its crew must carry (`crew_fit`) come first, clamps in the size of the pipe.
    Nothing is usual for one that is no longer listed.
    """
    if not is_listed(category):
        return ()
    needed = kit_for(category_rule(category), pipe_mm).parts
    return tuple(dict.fromkeys((*needed, *_USUAL.get(category, ()))))


def without_size(item: str) -> str:
    """Return an item for counting: repair clamps of every width count as one."""
    return CLAMPS if item in _CLAMP_KEYS else item


def in_size(item: str, pipe_mm: int | None) -> str:
    """Return an item for a pipe: of repair clamps the smallest that fits, the widest for more."""
    if item != CLAMPS:
        return item
    fits = (size for size in CLAMP_SIZES if pipe_mm is None or pipe_mm <= size)
    return f"clamps_{next(fits, CLAMP_SIZES[-1])}"


_CLAMP_KEYS = frozenset(f"clamps_{size}" for size in CLAMP_SIZES)


def item_name(item: str) -> Sentence:
    """Return the name of an item; one that a newer version wrote stands for itself."""
    return KIT[item].name if item in KIT else Sentence("%(item)s", {"item": item})


def check_item(item: str, *, field: str = "item") -> str:
    """Return an item of the closed list.

    Raises:
        Invalid: when it is not on the list, naming the field.
    """
    if item not in KIT:
        fault = say("Choose a part or a tool from the list.")
        raise Invalid(fault, fields={field: fault})
    return item


def check_part(item: str, count: object) -> tuple[str, int]:
    """Return a part that a visit used and how many in all; 0 takes an earlier count back.

    Raises:
        Invalid: when it is no part of the list, or the count is no whole number up to 999.
    """
    if item not in KIT or not KIT[item].is_part:
        fault = say("Choose a part from the list.")
        raise Invalid(fault, fields={"item": fault})
    text = str(count).strip()
    whole = int(text) if text.isascii() and text.isdigit() and len(text) <= len("999") else -1
    if isinstance(count, bool) or not 0 <= whole <= MOST_OF_ONE:
        fault = say("Give how many were used: a whole number from 0 to %(most)s.", most=MOST_OF_ONE)
        raise Invalid(fault, fields={"count": fault})
    return item, whole
