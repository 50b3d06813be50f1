"""What must a crew see to before it works on a kind of fault, and before it leaves?

The lists that are shipped stand here; an administrator's own ones are versions of them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.site_kit import item_name
from dispatch.domain.strict_json import joined, read_list, read_object, wrong, wrong_fields

MOST_ITEMS = 20
LONGEST_WORDS = 200
_LONGEST_KEY = 32


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


class ListItem(NamedTuple):
    """One item of a list: its key, whether it must be ticked, its words in English and Chinese.

    A shipped item has no words of its own: they stand in the catalogue.
    """

    key: str
    is_required: bool
    words: tuple[str, str] | None = None

    @property
    def name(self) -> Sentence:
        """Return the words of the item, worded in the reader's language."""
        return tick_name("", self.key, self.facts.get("words"))

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a story keeps of own words, so that it reads the same ever after."""
        if self.words is None:
            return {}
        english, chinese = self.words
        return {"words": {"en": english, "zh": chinese}}


class CheckLists(NamedTuple):
    """What to see to before work begins, and before the crew leaves; items in order."""

    safety: tuple[ListItem, ...]
    checks: tuple[ListItem, ...]

    def of(self, tick_list: TickList) -> tuple[ListItem, ...]:
        """Return the items of one list."""
        return self.safety if tick_list is TickList.SAFETY else self.checks

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back; every item must have its own words."""
        return {
            name: [
                {"key": each.key, "required": each.is_required} | each.facts.get("words", {})
                for each in items
            ]
            for name, items in zip(self._fields, self, strict=True)
        }

    @classmethod
    def from_json(cls, stored: object) -> CheckLists:
        """Read both lists; raises Invalid, naming every wrong field."""
        return cls(**read_object(stored, "", dict.fromkeys(cls._fields, _read_items)))


def _read_items(value: object, path: str) -> tuple[ListItem, ...]:
    items = read_list(_read_item)(value, path)
    if len(items) > MOST_ITEMS:
        raise wrong(path, say("A list has at most %(most)s items.", most=MOST_ITEMS))
    keys = [each.key for each in items]
    twice = {
        joined(path, f"{at}.en"): say("This item stands on the list twice.")
        for at, key in enumerate(keys)
        if key in keys[:at]
    }
    if twice:
        raise wrong_fields(twice)
    return items


def _read_item(value: object, path: str) -> ListItem:
    found = read_object(
        value,
        path,
        {"key": _read_key, "required": _read_flag, "en": _read_words, "zh": _read_words},
    )
    return ListItem(found["key"], found["required"], (found["en"], found["zh"]))


def _read_key(value: object, path: str) -> str:
    if isinstance(value, str) and value.isidentifier() and len(value) <= _LONGEST_KEY:
        return value
    raise wrong(path, say("This must be a key such as traffic."))


def _read_flag(value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise wrong(path, say("Say yes or no."))


def _read_words(value: object, path: str) -> str:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if words and len(words) <= LONGEST_WORDS and words.isprintable():
        return words
    raise wrong(
        path, say("Write it in both languages, in at most %(n)s characters.", n=LONGEST_WORDS)
    )


def _lists(safety: tuple[str, ...], checks: tuple[str, ...]) -> CheckLists:
    """Make shipped lists: safety steps must be ticked, checks need not be."""
    return CheckLists(
        tuple(ListItem(key, is_required=True) for key in safety),
        tuple(ListItem(key, is_required=False) for key in checks),
    )


_MAINS = _lists(
    ("traffic", "cables", "trench", "power"),
    ("isolated", "tight", "flushed", "valves_back", "neighbours", "filled"),
)
_INDOORS_FIRST = ("indoors", "water_off", "power")
_INDOORS = _lists(_INDOORS_FIRST, ("tight", "clean", "told"))
_SAMPLE = _lists(("indoors", "gloves"), ("sample", "flushed", "told"))
_CHAMBER_FIRST = ("traffic", "gas", "opening")
_LOOK = _lists(("traffic",), ("valves_back", "told"))
_LISTS: dict[str, CheckLists] = {
    "burst": _MAINS,
    "leak": _MAINS,
    "hydrant": _lists(("traffic", "water_off"), ("tight", "valves_back", "clean")),
    "road_flooding": _lists(("traffic", "power", "opening"), ("isolated", "drains", "filled")),
    "cover_missing": _lists(("traffic", "opening"), ("closed",)),
    "meter_leak": _lists(_INDOORS_FIRST, ("tight", "sealed", "told")),
    "riser": _INDOORS,
    "plumbing": _INDOORS,
    "installation": _lists(_INDOORS_FIRST, ("tight", "sealed", "told")),
    "tank": _lists(("gas", "power", "opening"), ("closed", "valves_back", "told")),
    "discoloured_water": _SAMPLE,
    "water_quality": _SAMPLE,
    "catch_basin": _lists(_CHAMBER_FIRST, ("drains", "closed", "clean")),
    "bill": _lists((), ("told",)),
    "advice": _lists((), ("told",)),
}


def usual_checklists(category: str) -> CheckLists:
    """Return the shipped lists of a kind of fault; what has none is looked at with care."""
    return _LISTS.get(category, _LOOK)


def shipped_item(tick_list: TickList, key: str) -> ListItem | None:
    """Return an item of the shipped vocabulary of a list, None where it has none of that key."""
    words = SAFETY if tick_list is TickList.SAFETY else CHECKS
    return ListItem(key, tick_list is TickList.SAFETY) if key in words else None


def tick_name(tick_list: str, item: str, words: dict[str, str] | None = None) -> Sentence:
    """Return the words of an item, own ones where it has them; an unknown one stands for itself."""
    if words is not None:
        return Sentence("%(item)s", {"item": LocalName(words["en"], words["zh"])})
    if tick_list == TickList.BRING:
        return item_name(item)
    return (SAFETY | CHECKS).get(item, Sentence("%(item)s", {"item": item}))


def check_list(tick_list: str) -> TickList:
    """Return a list by its name.

    Raises:
        Invalid: naming the field, when there is no such list.
    """
    if tick_list not in set(TickList):
        fault = say("Name the list: %(lists)s.", lists=", ".join(TickList))
        raise Invalid(fault, fields={"list": fault})
    return TickList(tick_list)


def no_such_item() -> Invalid:
    """Return the refusal of an item that stands on no list."""
    fault = say("This list has no such item.")
    return Invalid(fault, fields={"item": fault})
