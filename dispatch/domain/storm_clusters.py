"""Which tickets of a storm are so near one another that one crew should take them together?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.duplicates import (
    DEFAULT_RADIUS_METRES,
    MAIN_FAULTS,
    RADIUS_METRES,
    radius_metres,
)
from dispatch.domain.place import Point, metres_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_WIDEST_METRES = max(DEFAULT_RADIUS_METRES, *RADIUS_METRES.values())
_NUMBER_FIRST = re.compile(r"(\d+)[\w-]*\s+(\D+)")
_STREET_FIRST = re.compile(r"(\D+)(\d+)?")


class Street(NamedTuple):
    """The street and the house number of an address, each empty where it names none."""

    name: str
    house: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An open ticket as the storm sees it; `vulnerable` when its household needs water first."""

    ticket_id: int
    level: int
    category: str
    received_at: datetime
    address: str = ""
    point: Point | None = None
    reports: int = 1
    vulnerable: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tickets of one place, the most urgent first; the first stands for them all."""

    tickets: tuple[Affected, ...]

    @property
    def lead(self) -> Affected:
        """Return the ticket to which the others may be attached."""
        return self.tickets[0]

    @property
    def callers(self) -> int:
        """Return how many people have told of it."""
        return sum(each.reports for each in self.tickets)

    @property
    def oldest_at(self) -> datetime:
        """Return when the first of them was received."""
        return min(each.received_at for each in self.tickets)

    @property
    def worst(self) -> int:
        """Return the most urgent level."""
        return min(each.level for each in self.tickets)

    @property
    def vulnerable(self) -> int:
        """Return how many tickets are of households that need water first."""
        return sum(each.vulnerable for each in self.tickets)

    @property
    def streets(self) -> list[str]:
        """Return the addresses, each once, that of the lead first."""
        return list(dict.fromkeys(each.address for each in self.tickets if each.address))

    @property
    def centre(self) -> Point | None:
        """Return the point of the first ticket that has one."""
        return next((each.point for each in self.tickets if each.point is not None), None)


def street_of(address: str) -> Street:
    """Read street and house number: “五一路12号3栋”, “Wuyi Road 12” and “12 Main Street” alike."""
    text = unicodedata.normalize("NFKC", address).casefold().strip()
    found = _NUMBER_FIRST.match(text)
    if found:
        return Street(_plain(found[2]), found[1])
    found = _STREET_FIRST.match(text)
    return Street(_plain(found[1]), found[2] or "") if found else Street("", "")


def clusters(affected: Iterable[Affected]) -> list[Cluster]:
    """Put tickets together around the most urgent of each place; the most urgent place first.

    A ticket joins the nearest lead that is in the same house, in the same street within 250 m, or
    of the same fault (or another sign of one broken main) within the radius of the category. As
    it joins a lead and not any member, no chain of neighbours grows over a whole city.
    """
    ordered = sorted(affected, key=_urgency)
    leads = _Leads(len(ordered))
    groups: list[list[Affected]] = []
    for each in ordered:
        at = leads.near(each)
        if at is None:
            leads.add(each)
            groups.append([each])
        else:
            groups[at].append(each)
    found = [Cluster(tuple(group)) for group in groups]
    return sorted(found, key=lambda one: (one.worst, -one.vulnerable, -one.callers, one.oldest_at))


def _urgency(each: Affected) -> tuple[int, bool, datetime, int]:
    return (each.level, not each.vulnerable, each.received_at, each.ticket_id)


def _plain(street: str) -> str:
    return "".join(letter for letter in street if letter.isalnum())


class _Leads:
    """The first ticket of each group, and where it is."""

    def __init__(self, most: int) -> None:
        self.tickets: list[Affected] = []
        self.streets: list[Street] = []
        self.places = np.full((most, 2), np.nan)
        self.houses: dict[Street, int] = {}

    def add(self, ticket: Affected) -> None:
        """Let a ticket stand for a new group."""
        at, street = len(self.tickets), street_of(ticket.address)
        if ticket.point is not None:
            self.places[at] = (ticket.point.lat, ticket.point.lon)
        self.tickets.append(ticket)
        self.streets.append(street)
        if street.house:
            self.houses.setdefault(street, at)

    def near(self, ticket: Affected) -> int | None:
        """Return the group that a ticket belongs to, None where it begins one."""
        street = street_of(ticket.address)
        metres = self._metres(ticket.point)
        house = self.houses.get(street)
        if house is not None and not metres[house] > DEFAULT_RADIUS_METRES:
            return house
        around = np.flatnonzero(metres <= _WIDEST_METRES)
        order = around[np.argsort(metres[around], kind="stable")].tolist()
        return next((at for at in order if self._belongs(ticket, street, at, metres[at])), None)

    def _metres(self, point: Point | None) -> Floats:
        places = self.places[: len(self.tickets)]
        if point is None:
            return np.full(len(places), np.nan)
        return metres_from(point, places[:, 0], places[:, 1])

    def _belongs(self, ticket: Affected, street: Street, at: int, metres: float) -> bool:
        lead = self.tickets[at]
        if street.name and street.name == self.streets[at].name:
            return metres <= DEFAULT_RADIUS_METRES
        both = {lead.category, ticket.category}
        alike = len(both) == 1 or both <= MAIN_FAULTS
        return alike and metres <= radius_metres(*both)
