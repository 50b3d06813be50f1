"""How urgent is a kind of fault, and which skill does it need?"""

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


@dataclass(frozen=True)
class CategoryRule:
    """One kind of fault: its key, its level unless a person says otherwise, its skill, its name."""

    key: str
    level: Level
    skill: str
    name: Sentence


CATEGORIES: tuple[CategoryRule, ...] = (
    CategoryRule("burst", Level.EMERGENCY, "mains", say("Burst main")),
    CategoryRule("hydrant", Level.EMERGENCY, "mains", say("Hydrant damaged")),
    CategoryRule("road_flooding", Level.EMERGENCY, "mains", say("Road flooding")),
    CategoryRule("cover_missing", Level.EMERGENCY, "general", say("Cover missing")),
    CategoryRule("leak", Level.URGENT, "mains", say("Leak")),
    CategoryRule("meter_leak", Level.URGENT, "meter", say("Leak at the meter")),
    CategoryRule("riser", Level.URGENT, "general", say("Leaking riser")),
    CategoryRule("tank", Level.URGENT, "general", say("Tank or pump house fault")),
    CategoryRule("no_water", Level.URGENT, "general", say("No water")),
    CategoryRule("low_pressure", Level.STANDARD, "general", say("Low pressure")),
    CategoryRule("discoloured_water", Level.STANDARD, "quality", say("Discoloured water")),
    CategoryRule("noise", Level.STANDARD, "general", say("Noise in the pipes")),
    CategoryRule("catch_basin", Level.STANDARD, "general", say("Blocked drain")),
    CategoryRule("plumbing", Level.STANDARD, "general", say("Plumbing indoors")),
    CategoryRule("water_quality", Level.STANDARD, "quality", say("Water quality check")),
    CategoryRule("bill", Level.ENQUIRY, "general", say("Bill")),
    CategoryRule("advice", Level.ENQUIRY, "general", say("Advice")),
    CategoryRule("installation", Level.ENQUIRY, "meter", say("Installation request")),
    CategoryRule("other", Level.STANDARD, "general", say("Other fault")),
)
_RULES = {rule.key: rule for rule in CATEGORIES}


def category_rule(key: str) -> CategoryRule:
    """Return the rule of a category; raises Invalid, naming the field, when there is none."""
    if key not in _RULES:
        fault = say("There is no category “%(key)s”.", key=key)
        raise Invalid(fault, fields={"category": fault})
    return _RULES[key]
