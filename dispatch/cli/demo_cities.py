"""Which cities can the demo show, who works in them, and what do people there say?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.cli.wording import command_language
from dispatch.domain.permissions import Actor, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

CITIES = Path(__file__).parent / "demo_city"
CITY_OF_LANGUAGE = {"en": "boston", "zh-CN": "changsha"}


@dataclass(frozen=True)
class Said:
    """What the desk and the crews of a city write into its tickets."""

    fixed: str
    not_fixed: str
    declined: list[str]
    solved: str
    cancelled: str
    returned: str


@dataclass(frozen=True)
class ForVisitor:
    """The two tickets that wait for a visitor: why, who called, and in which words."""

    waiting: str
    caller: str
    words: str


@dataclass(frozen=True)
class OnRound:
    """What the visitor's crew writes at the stops of its round."""

    done: str
    shut: str
    found: str


@dataclass(frozen=True)
class Phones:
    """How the crew's two phones are called, why the second was revoked, and what it sent then."""

    names: list[str]
    lost: str
    note: str


@dataclass(frozen=True)
class City:
    """A city that the demo can show, as the `city.toml` of its folder describes it.

    `kinds` maps a type of its past to the categories reported in its place, and "" stands for
    every other type; `words` are a caller's for each category; `people` go by their sign-in name.
    A city is `made_up` when even the tickets of its past are.
    """

    key: str
    name: str
    name_zh: str
    language: str
    time_zone: str
    map_center: str
    hotline: str
    past: str
    made_up: bool
    people: Mapping[str, str]
    kinds: Mapping[str, list[str]]
    words: Mapping[str, list[str]]
    said: Said
    visitor: ForVisitor
    round: OnRound
    phone: Phones

    @property
    def folder(self) -> Path:
        """Return where its files are."""
        return CITIES / self.key

    @property
    def shown_name(self) -> str:
        """Return its name in the language of the command's reader."""
        return self.name_zh if command_language() == "zh-CN" else self.name

    @property
    def call_taker(self) -> Actor:
        """Return who takes its calls."""
        return Actor(name=self.people["call"], role=Role.CALL_TAKER, source="desk")

    @property
    def dispatcher(self) -> Actor:
        """Return who sits at its desk."""
        return Actor(name=self.people["desk"], role=Role.DISPATCHER, source="desk")

    def kinds_of(self, theirs: str) -> list[str]:
        """Return the categories that may be reported in the place of a type of the past."""
        return self.kinds.get(theirs) or self.kinds[""]


def city_keys() -> list[str]:
    """Name the cities that there are."""
    return sorted(each.parent.name for each in CITIES.glob("*/city.toml"))


def default_city() -> str:
    """Return the city shown to a reader who names none, by the language of the command."""
    return CITY_OF_LANGUAGE[command_language()]


@cache
def read_city(key: str) -> City:
    """Read the description of a city that there is."""
    told = tomllib.loads((CITIES / key / "city.toml").read_text(encoding="utf-8"))
    return City(
        key=key,
        said=Said(**told.pop("said")),
        visitor=ForVisitor(**told.pop("visitor")),
        round=OnRound(**told.pop("round")),
        phone=Phones(**told.pop("phone")),
        **told,
    )
