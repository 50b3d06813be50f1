"""What would somebody in this city report next?"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dispatch.actions.households import HouseholdDraft
from dispatch.actions.intake import NewReport
from dispatch.actions.placing import GivenPlace

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from dispatch.domain.place import Point

CITY_HALL = (42.3594, -71.0587)
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

# Their types, and what is reported in their place; the words are a caller's, not the screen's.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "Watermain Break": ("burst",),
    "Fire Hydrant": ("hydrant", "leak"),
    "Catchbasin": ("catch_basin", "road_flooding", "cover_missing"),
    "Plumbing": ("meter_leak", "riser", "plumbing"),
    "Unsatisfactory Utilities - Electrical  Plumbing": ("riser", "low_pressure"),
    "No Utilities Residential - Water": ("no_water",),
    "No Utilities - Food Establishment - Water": ("no_water",),
}
OTHERS = ("leak", "meter_leak", "no_water", "low_pressure", "discoloured_water", "noise", "burst")
WORDS: dict[str, tuple[str, ...]] = {
    "burst": ("Water is coming up through the road.", "A fountain on the pavement, very loud."),
    "hydrant": ("A car hit the hydrant, it is spraying.", "The hydrant leaks at the foot."),
    "road_flooding": ("The whole junction is under water.", "Water over the kerb, cars are stuck."),
    "cover_missing": ("The cover is gone, there is an open hole.", "A cover rattles and tips."),
    "leak": ("Water runs down the gutter all day.", "A wet patch that is growing."),
    "meter_leak": ("It drips at the meter in the basement.", "The meter pit is full of water."),
    "riser": ("The riser in the stairwell leaks.", "Water comes through the wall."),
    "no_water": ("No water since this morning.", "All taps in the building are dry."),
    "low_pressure": ("Hardly any pressure on the third floor.", "The shower only trickles."),
    "discoloured_water": ("The water is brown.", "Cloudy water with bits in it."),
    "noise": ("The pipes bang at night.", "A hissing noise from the main tap."),
    "catch_basin": ("The drain is blocked with leaves.", "The gully smells and overflows."),
    "plumbing": ("The stop tap will not turn.", "A leak under the sink, we cannot shut it off."),
}
CHANNELS = ("phone", "phone", "phone", "web", "web")
PIPES = (100, 150, 200, 300)
A_HOUSEHOLD = 0.4
A_PHONE = 0.8


@dataclass(frozen=True)
class PastReport:
    """A place of 2015, its kind, and the minute of the local day at which it was reported."""

    theirs: str
    address: str
    lat: float
    lon: float
    minute: int


def read_past(path: Path) -> list[PastReport]:
    """Read the located tickets of the city's year."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [
            PastReport(row["type"], row["place"], lat, lon, _minute(row["opened"]))
            for row in csv.DictReader(file)
            if (lat := float(row["lat"])) and (lat, lon := float(row["lon"])) != CITY_HALL
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

    past: list[PastReport]
    households: list[HouseholdDraft]

    def draw(self, dice: Random) -> NewReport:
        """Draw one report: a place of that year, a kind that fits, a caller."""
        place = dice.choice(self.past)
        category = dice.choice(CATEGORIES.get(place.theirs, OTHERS))
        if category in {"meter_leak", "riser", "no_water"} and dice.random() < A_HOUSEHOLD:
            home = dice.choice(self.households)
            return self._report(dice, category, home.address, (home.lat, home.lon), home)
        return self._report(dice, category, place.address, (place.lat, place.lon), None)

    def near(self, dice: Random, point: Point, category: str, address: str) -> NewReport:
        """Draw another caller about a fault a few steps from a point."""
        spot = (point.lat + dice.uniform(-4e-4, 4e-4), point.lon + dice.uniform(-4e-4, 4e-4))
        return self._report(dice, category, address, spot, None)

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
        # Coordinates of the year are rounded to 100 m; a little scatter parts the pins.
        place = GivenPlace(
            round((lat or 0.0) + dice.uniform(-4e-4, 4e-4), 6),
            round((lon or 0.0) + dice.uniform(-4e-4, 4e-4), 6),
        )
        is_main = category in {"burst", "leak"}
        return NewReport(
            category=category,
            description=dice.choice(WORDS[category]),
            address=address,
            place=place,
            reporter_name=caller.name,
            reporter_phone=caller.phone if dice.random() < A_PHONE else None,
            channel=dice.choice(CHANNELS),
            pipe_mm=dice.choice(PIPES) if is_main else None,
        )
