"""How urgent is a kind of fault, and which skill, vehicle and parts does it need?"""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import Level

SKILLS = ("general", "mains", "meter", "quality")
SKILL_NAMES: dict[str, Sentence] = {
    "general": say("General repairs"),
    "mains": say("Mains"),
    "meter": say("Meters"),
    "quality": say("Water quality"),
}

CLAMPS = "clamps"
"""Repair clamps of whatever width the pipe has."""


@dataclass(frozen=True)
class CategoryRule:
    """One kind of fault: its key, its level unless a person says otherwise, its skill, its name.

    `vehicle` is the class that it needs, None when any will do; `parts` are what must be carried,
    where `CLAMPS` stands for those of the pipe's width (`crew_fit`).
    """

    key: str
    level: Level
    skill: str
    name: Sentence
    vehicle: str | None = None
    parts: tuple[str, ...] = ()


CATEGORIES: tuple[CategoryRule, ...] = (
    CategoryRule(
        "burst", Level.EMERGENCY, "mains", say("Burst main"), vehicle="truck", parts=(CLAMPS,)
    ),
    CategoryRule(
        "hydrant",
        Level.EMERGENCY,
        "mains",
        say("Hydrant damaged"),
        vehicle="truck",
        parts=("hydrants",),
    ),
    CategoryRule("road_flooding", Level.EMERGENCY, "mains", say("Road flooding")),
    CategoryRule(
        "cover_missing", Level.EMERGENCY, "general", say("Cover missing"), parts=("covers",)
    ),
    CategoryRule("leak", Level.URGENT, "mains", say("Leak"), parts=(CLAMPS,)),
    CategoryRule("meter_leak", Level.URGENT, "meter", say("Leak at the meter"), parts=("meters",)),
    CategoryRule("riser", Level.URGENT, "general", say("Leaking riser")),
    CategoryRule("tank", Level.URGENT, "general", say("Tank or pump house fault")),
    CategoryRule("no_water", Level.URGENT, "general", say("No water")),
    CategoryRule("low_pressure", Level.STANDARD, "general", say("Low pressure")),
    CategoryRule(
        "discoloured_water",
        Level.STANDARD,
        "quality",
        say("Discoloured water"),
        parts=("sampling",),
    ),
    CategoryRule("noise", Level.STANDARD, "general", say("Noise in the pipes")),
    CategoryRule("catch_basin", Level.STANDARD, "general", say("Blocked drain")),
    CategoryRule("plumbing", Level.STANDARD, "general", say("Plumbing indoors")),
    CategoryRule(
        "water_quality", Level.STANDARD, "quality", say("Water quality check"), parts=("sampling",)
    ),
    CategoryRule("bill", Level.ENQUIRY, "general", say("Bill")),
    CategoryRule("advice", Level.ENQUIRY, "general", say("Advice")),
    CategoryRule(
        "installation", Level.ENQUIRY, "meter", say("Installation request"), parts=("meters",)
    ),
    CategoryRule("other", Level.STANDARD, "general", say("Other fault")),
)
_RULES = {rule.key: rule for rule in CATEGORIES}


def category_rule(key: str) -> CategoryRule:
    """Return the rule of a category; raises Invalid, naming the field, when there is none."""
    if key not in _RULES:
        fault = say("There is no category “%(key)s”.", key=key)
        raise Invalid(fault, fields={"category": fault})
    return _RULES[key]


def is_listed(key: str) -> bool:
    """Tell whether there is such a category; old tickets may be of one that is no longer listed."""
    return key in _RULES


def category_name(key: str) -> Sentence:
    """Return the name of a category; one that is no longer listed stands for itself."""
    return _RULES[key].name if key in _RULES else Sentence("%(key)s", {"key": key})
