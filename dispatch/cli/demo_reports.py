"""What would somebody in this city report next?"""

from __future__ import annotations

import csv
import gzip
import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dispatch.actions.households import HouseholdDraft
from dispatch.actions.intake import NewReport
from dispatch.actions.placing import GivenPlace
from dispatch.domain.place import Point, metres_between

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from random import Random

    from dispatch.cli.demo_cities import City

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
CHANNELS = ("phone", "phone", "phone", "web", "web")
PIPES = (100, 150, 200, 300)
A_HOUSEHOLD = 0.4
A_PHONE = 0.8


@dataclass(frozen=True)
class PastReport:
    """A place of the past, its kind, and the minute of the local day at which it was reported."""

    theirs: str
    address: str
    lat: float
    lon: float
    minute: int


def read_reports(city: City) -> Reports:
    """Read where and what people of this city report."""
    columns = tomllib.loads((city.folder / "columns.toml").read_text(encoding="utf-8"))
    not_located = {tuple(each) for each in columns.get("not_located", {}).get("points", ())}
    past = read_past(city.folder / city.past, not_located)
    return Reports(city, past, read_households(city.folder / "households.csv"))


def read_past(path: Path, not_located: Collection[tuple[float, ...]]) -> list[PastReport]:
    """Read the tickets of the city's year but those that stand where nothing was found."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [
            PastReport(row["type"], row["place"], lat, lon, _minute(row["opened"]))
            for row in csv.DictReader(file)
            if (lat := float(row["lat"])) and (lat, lon := float(row["lon"])) not in not_located
        ]


def read_households(path: Path) -> list[HouseholdDraft]:
    """Read the made-up service points of the city."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            HouseholdDraft(
                row["account"],
                row["name"],
                row["phone"],
                row["address"],
                float(row["lat"]),
                float(row["lon"]),
            )
            for row in csv.DictReader(file)
        ]


def _minute(opened: str) -> int:
    at = datetime.strptime(opened, TIME_FORMAT)  # noqa: DTZ007  only the local time of day is used
    return at.hour * 60 + at.minute


@dataclass(frozen=True)
class Reports:
    """A source of new reports, drawn from the places and kinds of a year."""

    city: City
    past: list[PastReport]
    households: list[HouseholdDraft]

    def draw(self, dice: Random) -> NewReport:
        """Draw one report: a place of that year, a kind that fits, a caller."""
        place = dice.choice(self.past)
        category = dice.choice(self.city.kinds_of(place.theirs))
        if category in {"meter_leak", "riser", "no_water"} and dice.random() < A_HOUSEHOLD:
            home = dice.choice(self.households)
            return self._report(dice, category, home.address, (home.lat, home.lon), home)
        return self._report(dice, category, place.address, (place.lat, place.lon), None)

    def near(self, dice: Random, point: Point, category: str, address: str) -> NewReport:
        """Draw another caller about a fault a few steps from a point."""
        spot = (point.lat + dice.uniform(-4e-4, 4e-4), point.lon + dice.uniform(-4e-4, 4e-4))
        return self._report(dice, category, address, spot, None)

    def address_near(self, point: Point) -> str:
        """Return the address of the place of the past that is nearest to a point."""
        return min(
            self.past, key=lambda one: metres_between(Point(one.lat, one.lon), point)
        ).address

    def minute(self, dice: Random) -> int:
        """Draw a minute of the local day as people report them."""
        return dice.choice(self.past).minute

    def _report(
        self,
        dice: Random,
        category: str,
        address: str,
        spot: tuple[float | None, float | None],
        home: HouseholdDraft | None,
    ) -> NewReport:
        caller = home or dice.choice(self.households)
        lat, lon = spot
        # Coordinates of the past are rounded; a little scatter parts the pins.
        place = GivenPlace(
            round((lat or 0.0) + dice.uniform(-4e-4, 4e-4), 6),
            round((lon or 0.0) + dice.uniform(-4e-4, 4e-4), 6),
        )
        is_main = category in {"burst", "leak"}
        return NewReport(
            category=category,
            description=dice.choice(self.city.words[category]),
            address=address,
            place=place,
            reporter_name=caller.name,
            reporter_phone=caller.phone if dice.random() < A_PHONE else None,
            channel=dice.choice(CHANNELS),
            pipe_mm=dice.choice(PIPES) if is_main else None,
        )
