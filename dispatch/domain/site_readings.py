"""What did an instrument on site show, and can that be?"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

LONGEST_NUMBER = 15


class When(StrEnum):
    """Whether a reading was taken before or after the work."""

    BEFORE = "before"
    AFTER = "after"


WHEN_NAMES: dict[When, Sentence] = {When.BEFORE: say("before"), When.AFTER: say("after")}


@dataclass(frozen=True, slots=True)
class ReadingKind:
    """One quantity: its name, the unit it is kept in, what others count, its range and places.

    `units` maps each unit that may be typed to how many of the kept unit it is.
    """

    name: Sentence
    unit: str
    least: Decimal
    most: Decimal
    places: int
    units: dict[str, Decimal]


_ONE = Decimal(1)
READINGS: dict[str, ReadingKind] = {
    "pressure": ReadingKind(
        say("Pressure"),
        "kPa",
        Decimal(0),
        Decimal(2500),
        1,
        {"kPa": _ONE, "bar": Decimal(100), "MPa": Decimal(1000)},
    ),
    "meter": ReadingKind(
        say("Meter"), "m³", Decimal(0), Decimal(9_999_999), 4, {"m³": _ONE, "L": Decimal("0.001")}
    ),
    "chlorine": ReadingKind(
        say("Free chlorine"), "mg/L", Decimal(0), Decimal(10), 2, {"mg/L": _ONE}
    ),
    "turbidity": ReadingKind(say("Turbidity"), "NTU", Decimal(0), Decimal(4000), 2, {"NTU": _ONE}),
}
"""Pressure is kept in kPa, a meter in m³."""

_OF_CATEGORY: dict[str, tuple[str, ...]] = {
    "discoloured_water": ("chlorine", "turbidity", "pressure"),
    "water_quality": ("chlorine", "turbidity"),
    "meter_leak": ("meter", "pressure"),
    "installation": ("meter", "pressure"),
    "plumbing": ("meter", "pressure"),
    "bill": ("meter",),
    "cover_missing": (),
    "catch_basin": (),
    "advice": (),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading in its kept unit, as exact decimal text, and what was typed."""

    kind: str
    value: str
    when: When
    given: str

    def as_facts(self) -> dict[str, str]:
        """Return it as the facts of an event."""
        return {
            "reading": self.kind,
            "value": self.value,
            "unit": READINGS[self.kind].unit,
            "when": str(self.when),
            "given": self.given,
        }


def readings_of(category: str) -> tuple[str, ...]:
    """Return which readings a kind of fault asks for; any may be given for any."""
    return _OF_CATEGORY.get(category, ("pressure", "meter"))


def check_reading(kind: str, value: object, unit: str, when: str) -> Reading:
    """Return a reading in its kept unit.

    Raises:
        Invalid: naming the field, when the quantity, unit or moment is unknown, the number is none
            or lies outside what the quantity can be.
    """
    if kind not in READINGS:
        fault = say("Choose what was read from the list.")
        raise Invalid(fault, fields={"reading": fault})
    rule = READINGS[kind]
    unit = unit or rule.unit
    if unit not in rule.units:
        fault = say("Choose one of these units: %(units)s.", units=", ".join(rule.units))
        raise Invalid(fault, fields={"unit": fault})
    if when not in set(When):
        fault = say("Say whether it was read before or after the work.")
        raise Invalid(fault, fields={"when": fault})
    number = _number(value)
    kept = number * rule.units[unit]
    if not rule.least <= kept <= rule.most:
        raise _out_of_range(rule, number, unit)
    # Adding 0 makes -0 a plain 0.
    exact = kept.quantize(Decimal(1).scaleb(-rule.places)) + 0
    text = f"{exact:f}".rstrip("0").rstrip(".")
    return Reading(kind, text, When(when), f"{number:f} {unit}")


def _number(value: object) -> Decimal:
    text = unicodedata.normalize("NFKC", str(value)).strip().replace(" ", "")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        number = Decimal(text) if text.isascii() and len(text) <= LONGEST_NUMBER else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite() or "e" in text.lower() or "_" in text:
        fault = say("Type the reading as a number, such as 352 or 3.5.")
        raise Invalid(fault, fields={"value": fault})
    return number


def _out_of_range(rule: ReadingKind, number: Decimal, unit: str) -> Invalid:
    fault = say(
        "%(reading)s lies between %(least)s and %(most)s %(unit)s; you typed %(given)s. "
        "Look at the number and its unit again.",
        reading=rule.name,
        least=f"{rule.least:f}",
        most=f"{rule.most:f}",
        unit=rule.unit,
        given=f"{number:f} {unit}",
    )
    return Invalid(fault, fields={"value": fault})


def went_back(before: str | None, after: str | None) -> bool:
    """Tell whether a meter shows less after the work than before: a new meter, or a slip."""
    return before is not None and after is not None and Decimal(after) < Decimal(before)
