"""What do the facts that crews wrote down on site add up to, in whatever order they came?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.domain.ticket_state import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

SITE_KINDS = (
    EventKind.READING_TAKEN,
    EventKind.PARTS_USED,
    EventKind.TICKED,
    EventKind.NEXT_VISIT_NEEDS,
    EventKind.RESIDENT_CODE,
)

FIELD_NAMES = ("reading", "when", "item")
"""What tells the fields of one kind of fact apart."""
_FIELDS = {
    EventKind.READING_TAKEN: (("reading", "when"), "value"),
    EventKind.PARTS_USED: (("item",), "count"),
}
"""What makes two facts of a kind facts about the same field, and which value that field has."""

_EACH_COUNTS = (EventKind.NEXT_VISIT_NEEDS, EventKind.RESIDENT_CODE)


def is_same_field(kind: EventKind, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two facts of a kind fill in the same field, such as the pressure before."""
    names, _value = _FIELDS.get(kind, ((), ""))
    return bool(names) and all(one.get(name) == other.get(name) for name in names)


def is_other_value(kind: EventKind, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two facts about the same field cannot both be right."""
    _names, value = _FIELDS[kind]
    return bool(one.get(value) != other.get(value))


def as_arguments(kind: EventKind, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a person would type to write a fact down once more."""
    names, value = _FIELDS[kind]
    return {name: facts[name] for name in (*names, value, "unit") if name in facts}


class SiteFact(NamedTuple):
    """One event on site: on which visit, what, when it happened, and its place in the story."""

    visit: int | None
    kind: str
    facts: dict[str, Any]
    at: datetime
    order: int


class PartUse(NamedTuple):
    """How many of a part one visit used, in all."""

    visit: int | None
    item: str
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """The latest word on each reading, part and item of a list, each by visit; oldest first.

    `ticked` holds (visit, list, item). `needs` are what visits that could not fix it asked for,
    `codes` whether what was typed as a resident's code was right.
    """

    readings: tuple[SiteFact, ...] = ()
    parts: tuple[PartUse, ...] = ()
    ticked: frozenset[tuple[int | None, str, str]] = frozenset()
    needs: tuple[SiteFact, ...] = ()
    codes: tuple[SiteFact, ...] = ()

    def wrong_codes(self, visit: int | None) -> int:
        """Return how many wrong codes of a resident were typed on a visit."""
        return sum(each.visit == visit and not each.facts["right"] for each in self.codes)

    def has_code(self, visit: int | None) -> bool:
        """Tell whether a resident's code was right on a visit."""
        return any(each.visit == visit and each.facts["right"] for each in self.codes)

    def is_ticked(self, visit: int | None, tick_list: str, item: str) -> bool:
        """Tell whether an item is ticked on a visit."""
        return (visit, tick_list, item) in self.ticked

    def lacked_last(self) -> tuple[str, ...]:
        """Return the items that the last such visit lacked and no visit has used since."""
        if not self.needs:
            return ()
        last = self.needs[-1]
        used = {part.item for part in self.parts if part.at > last.at}
        return tuple(item for item in last.facts.get("parts", ()) if item not in used)


NOTHING = SiteRecord()


def _by_time(fact: SiteFact) -> tuple[datetime, int]:
    return fact.at, fact.order


def last_word(facts: Iterable[SiteFact]) -> SiteFact:
    """Return which of some facts about one field of a visit counts, as `site_record` has it."""
    return max(facts, key=_by_time)


def site_record(facts: Iterable[SiteFact]) -> SiteRecord:
    """Add facts up: of two about the same thing on one visit the later one counts.

    Later is when it happened, and what was written down later where that is the same instant; so
    facts of a phone that come late, or in another order, lead to the same record.
    """
    latest: dict[tuple[Any, ...], SiteFact] = {}
    every: dict[str, list[SiteFact]] = {kind: [] for kind in _EACH_COUNTS}
    for each in sorted(facts, key=_by_time):
        if each.kind in every:
            every[each.kind].append(each)
        else:
            subject = tuple(each.facts.get(name) for name in ("reading", "when", "list", "item"))
            latest[each.visit, each.kind, *subject] = each
    kept = sorted(latest.values(), key=_by_time)
    parts = [
        PartUse(each.visit, each.facts["item"], each.facts["count"], each.at)
        for each in kept
        if each.kind == EventKind.PARTS_USED
    ]
    return SiteRecord(
        readings=tuple(each for each in kept if each.kind == EventKind.READING_TAKEN),
        parts=tuple(part for part in parts if part.number),
        ticked=frozenset(
            (each.visit, each.facts["list"], each.facts["item"])
            for each in kept
            if each.kind == EventKind.TICKED and each.facts["done"]
        ),
        needs=_joined(every[EventKind.NEXT_VISIT_NEEDS]),
        codes=tuple(every[EventKind.RESIDENT_CODE]),
    )


def _joined(needs: list[SiteFact]) -> tuple[SiteFact, ...]:
    """Join what the people of one visit asked for; its place is that of the last of them."""
    joined: dict[int | None, SiteFact] = {}
    for each in needs:
        before = joined.pop(each.visit, None)
        facts = before.facts if before else {}
        merged = {
            name: list(dict.fromkeys([*facts.get(name, ()), *each.facts.get(name, ())]))
            for name in ("parts", "needs")
        }
        joined[each.visit] = each._replace(facts=merged)
    return tuple(joined.values())
