"""What must a crew see to before it works on a kind of fault, and before it leaves?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.site_kit import KIT, item_name

if TYPE_CHECKING:
    from collections.abc import Container


class TickList(StrEnum):
    """Which list an item that is ticked stands on."""

    BRING = "bring"
    SAFETY = "safety"
    CHECK = "check"


LIST_NAMES: dict[TickList, Sentence] = {
    TickList.BRING: say("Loaded"),
    TickList.SAFETY: say("Safety"),
    TickList.CHECK: say("Checked"),
}

SAFETY: dict[str, Sentence] = {
    "traffic": say("Cones and signs stand, everybody wears a warning vest"),
    "power": say("Electricity near the water is off"),
    "cables": say("Cables and gas pipes were located before digging"),
    "trench": say("A trench deeper than 1.2 m is shored"),
    "gas": say("The air was tested before anybody went down; one person stays above"),
    "opening": say("The opening is guarded until it is closed"),
    "water_off": say("The water is off and the pressure is gone"),
    "indoors": say("The resident knows who we are and where we work"),
    "gloves": say("Gloves and clean bottles; hands are not in the sample"),
}

CHECKS: dict[str, Sentence] = {
    "isolated": say("The valves that were closed are written down"),
    "tight": say("The repair is tight under pressure"),
    "valves_back": say("All valves are open again"),
    "flushed": say("The pipe was flushed until the water ran clear"),
    "neighbours": say("Two neighbours have water"),
    "filled": say("The hole is filled and the road is safe"),
    "clean": say("The place is clean"),
    "sealed": say("The meter is sealed"),
    "told": say("The resident was told what was done"),
    "sample": say("The sample is labelled with place and time"),
    "closed": say("The cover lies firm and does not rattle"),
    "drains": say("Water runs off"),
}


class CheckLists(NamedTuple):
    """What to see to before work begins, and before the crew leaves; keys in order."""

    safety: tuple[str, ...]
    checks: tuple[str, ...]


_MAINS = CheckLists(
    ("traffic", "cables", "trench", "power"),
    ("isolated", "tight", "flushed", "valves_back", "neighbours", "filled"),
)
_INDOORS = CheckLists(("indoors", "water_off", "power"), ("tight", "clean", "told"))
_SAMPLE = CheckLists(("indoors", "gloves"), ("sample", "flushed", "told"))
_CHAMBER = CheckLists(("traffic", "gas", "opening"), ("closed", "clean"))
_LOOK = CheckLists(("traffic",), ("valves_back", "told"))
_LISTS: dict[str, CheckLists] = {
    "burst": _MAINS,
    "leak": _MAINS,
    "hydrant": CheckLists(("traffic", "water_off"), ("tight", "valves_back", "clean")),
    "road_flooding": CheckLists(("traffic", "power", "opening"), ("isolated", "drains", "filled")),
    "cover_missing": CheckLists(("traffic", "opening"), ("closed",)),
    "meter_leak": CheckLists(_INDOORS.safety, ("tight", "sealed", "told")),
    "riser": _INDOORS,
    "plumbing": _INDOORS,
    "installation": CheckLists(_INDOORS.safety, ("tight", "sealed", "told")),
    "tank": CheckLists(("gas", "power", "opening"), ("closed", "valves_back", "told")),
    "discoloured_water": _SAMPLE,
    "water_quality": _SAMPLE,
    "catch_basin": CheckLists(_CHAMBER.safety, ("drains", "closed", "clean")),
    "bill": CheckLists((), ("told",)),
    "advice": CheckLists((), ("told",)),
}


def checklists_for(category: str) -> CheckLists:
    """Return the lists of a kind of fault; what has none of its own is looked at with care."""
    return _LISTS.get(category, _LOOK)


def tick_name(tick_list: str, item: str) -> Sentence:
    """Return the words of an item; one that a newer version wrote stands for itself."""
    if tick_list == TickList.BRING:
        return item_name(item)
    words = SAFETY if tick_list == TickList.SAFETY else CHECKS
    return words.get(item, Sentence("%(item)s", {"item": item}))


def check_tick(tick_list: str, item: str) -> tuple[TickList, str]:
    """Return a list and an item that stands in its vocabulary.

    Raises:
        Invalid: naming the field, when there is no such list or no such item on it.
    """
    known: dict[TickList, Container[str]] = {
        TickList.BRING: KIT,
        TickList.SAFETY: SAFETY,
        TickList.CHECK: CHECKS,
    }
    if tick_list not in set(TickList):
        fault = say("Name the list: %(lists)s.", lists=", ".join(TickList))
        raise Invalid(fault, fields={"list": fault})
    if item not in known[TickList(tick_list)]:
        fault = say("This list has no such item.")
        raise Invalid(fault, fields={"item": fault})
    return TickList(tick_list), item
