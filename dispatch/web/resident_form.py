"""What did a resident type, and what of it has to be mended?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.actions.placing import GivenPlace
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.place import check_point
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = {"address": 300, "account": 40, "description": 4000, "name": 100, "phone": 32}
TYPED = ("category", *LONGEST, "lat", "lon", "accuracy", "source")
SOURCES = ("gps", "pin")
LONGEST_NUMBER = 32
FEWEST_DIGITS, MOST_DIGITS = 5, 15
_PHONE = re.compile(r"\+?[\d\s().\-/]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Kind:
    """One card: a category in plain words; `is_urgent` ones may be dangerous."""

    key: str
    icon: str
    name: Sentence
    words: Sentence
    is_urgent: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("burst", "droplets", say("Burst pipe"), say("Water shoots out of the ground"), True),  # noqa: FBT003
    Kind("leak", "droplet", say("Leak"), say("Water runs where it should not")),
    Kind("no_water", "droplet-off", say("No water"), say("Nothing comes from the tap")),
    Kind("low_pressure", "gauge", say("Weak flow"), say("Less water than usual")),
    Kind("discoloured_water", "droplet-half", say("Dirty water"), say("Brown, milky or smelling")),
    Kind("meter_leak", "tool", say("Leak at the meter"), say("It drips or runs there")),
    Kind("road_flooding", "ripple", say("Flooded road"), say("Water stands on the street"), True),  # noqa: FBT003
    Kind("cover_missing", "barrier-block", say("Open manhole"), say("A cover is gone"), True),  # noqa: FBT003
    Kind("hydrant", "fire-hydrant", say("Broken hydrant"), say("Knocked over or leaking"), True),  # noqa: FBT003
    Kind("other", "help-circle", say("Something else"), say("Tell us in your own words")),
)
"""The faults a resident can name; the desk knows more categories."""


@dataclass(frozen=True)
class Typed:
    """A checked report; `typed` keeps every field as it came in."""

    category: str
    description: str
    address: str
    account: str
    name: str | None
    phone: str | None
    place: GivenPlace | None


def as_typed(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the form as they came in, to be shown again."""
    return {name: form.get(name, "") for name in TYPED}


def checked(form: Mapping[str, str]) -> Typed:
    """Return what was reported.

    Raises:
        Invalid: with a sentence for each wrong field.
    """
    typed = {name: form.get(name, "").strip() for name in TYPED}
    faults = dict(_text_faults(typed))
    category = typed["category"]
    if category not in {kind.key for kind in KINDS}:
        faults["category"] = say("Choose what has happened.")
    place, place_fault = _place(typed)
    if place_fault is not None:
        faults["place"] = place_fault
    elif place is None and not typed["address"] and not typed["account"]:
        faults["place"] = say("Say where it is: an address, your position or a pin on the map.")
    if "phone" not in faults and not _is_phone(typed["phone"]):
        faults["phone"] = say("Give a telephone number such as 0731 8888 6666, or leave it empty.")
    if category == "other" and not typed["description"]:
        faults["description"] = say("Tell us in a few words what is wrong.")
    if faults:
        raise Invalid(
            say("Something is missing. It is marked below; nothing is lost."), fields=faults
        )
    return Typed(
        category=category_rule(category).key,
        description=typed["description"],
        address=typed["address"],
        account=typed["account"],
        name=typed["name"] or None,
        phone=typed["phone"] or None,
        place=place,
    )


def _text_faults(typed: Mapping[str, str]) -> list[tuple[str, Sentence]]:
    faults = []
    for name, most in LONGEST.items():
        if len(typed[name]) > most:
            faults.append((name, say("Write at most %(most)s characters.", most=most)))
        elif _CONTROL.search(typed[name]):
            words = say("The text holds a character that cannot be kept. Type it again.")
            faults.append((name, words))
    return faults


def _place(typed: Mapping[str, str]) -> tuple[GivenPlace | None, Sentence | None]:
    if not typed["lat"] and not typed["lon"]:
        return None, None
    lat, lon = _number(typed["lat"]), _number(typed["lon"])
    unreadable = say("Your position could not be read. Type the address instead.")
    if lat is None or lon is None:
        return None, unreadable
    try:
        point = check_point(lat, lon)
    except Invalid:
        return None, unreadable
    accuracy = _number(typed["accuracy"])
    source = typed["source"] if typed["source"] in SOURCES else "pin"
    is_usable = accuracy is not None and 0 < accuracy < float("inf")
    return GivenPlace(point.lat, point.lon, "wgs84", source, accuracy if is_usable else None), None


def _number(text: str) -> float | None:
    try:
        return float(text) if len(text) <= LONGEST_NUMBER else None
    except ValueError:
        return None


def _is_phone(text: str) -> bool:
    digits = sum(each.isdigit() for each in text)
    return not text or (bool(_PHONE.fullmatch(text)) and FEWEST_DIGITS <= digits <= MOST_DIGITS)
