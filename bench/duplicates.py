"""How many of the duplicates in a real year are suggested, and how much else is?

Run `python bench/duplicates.py`; each line is one figure as JSON, and `--table` prints the rows of
the tables in docs/duplicates.md instead. It reads the Boston file of the
shared data (ONEVISIT_SHARED_DATA, else ../shared/data). docs/duplicates.md says how pairs are
labelled and what the label misses.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.reporting import Report
from dispatch.domain.duplicates import (
    CATEGORY_SHARE,
    INDOORS,
    MAIN_FAULTS,
    PLACE_SHARE,
    RADIUS_METRES,
    RELATED,
    TIME_SHARE,
    TIME_WINDOW,
    Reported,
    likeness,
    radius_metres,
    suggest_from,
)
from dispatch.domain.place import Point, metres_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: Their type = our category.
CATEGORY_OF = {
    "Watermain Break": "burst",
    "Fire Hydrant": "hydrant",
    "Catchbasin": "catch_basin",
    "Utility Casting Repair": "cover_missing",
    "Plumbing": "plumbing",
    "Unsatisfactory Utilities - Electrical  Plumbing": "plumbing",
    "No Utilities Residential - Water": "no_water",
    "No Utilities - Food Establishment - Water": "no_water",
    "Utility Call-In": "other",
    "BWSC Pothole": "other",
    "BWSC General Request": "other",
}
CITY_HALL = ("42.3594", "-71.0587")
TIME, ZONE = "%m/%d/%Y %I:%M:%S %p", ZoneInfo("America/New_York")
TOWN = re.compile(
    r" (allston|boston|brighton|charlestown|dorchester|east boston|hyde park|jamaica plain"
    r"|mattapan|mission hill|roslindale|roxbury|south boston|west roxbury)\b.*$"
)
HOUSE = re.compile(r"^\d[\w-]* ")

WIDEST_METRES = 1_000.0
WITHIN = timedelta(hours=48)
CLOSED_TOGETHER = timedelta(minutes=5)
CHOSEN_BEFORE = datetime(2015, 7, 1, tzinfo=ZONE)
THRESHOLDS = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75)
SHOWN_AT_ONCE = 5
PEER_METRES = 250.0
FAMILIES = ("street", "indoors", "all")
show = Report("duplicates")


@dataclass(frozen=True, slots=True)
class Case:
    """One request of the file; `closed_at` is None while it is open."""

    type: str
    category: str
    opened_at: datetime
    closed_at: datetime | None
    point: Point
    address: str
    streets: frozenset[str]


class Pair(NamedTuple):
    """A new case beside one that is open: `is_same` None where the label does not know."""

    caller: int
    new: Case
    old: Case
    metres: float
    is_same: bool | None
    why: str


class Score(NamedTuple):
    """What a rule shows, how much of it is right, and how many twins there were to find."""

    shown: int
    right: int
    twins: int


def read_cases(folder: Path) -> tuple[list[Case], Counter[str]]:
    """Read the located water cases, oldest first, and count what is left out and why."""
    cases, left_out = [], Counter[str]()
    with gzip.open(folder / "boston311_2015.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["TYPE"] not in CATEGORY_OF:
                continue
            opened_at, closed_at = (_instant(row[name]) for name in ("OPEN_DT", "CLOSED_DT"))
            if not row["LATITUDE"] or (row["LATITUDE"], row["LONGITUDE"]) == CITY_HALL:
                left_out["not located"] += 1
            elif opened_at is None or (closed_at is not None and closed_at < opened_at):
                left_out["closes before it opens"] += 1
            else:
                cases.append(_case(row, opened_at, closed_at))
    return sorted(cases, key=lambda case: case.opened_at), left_out


def _case(row: dict[str, str], opened_at: datetime, closed_at: datetime | None) -> Case:
    address = " ".join(row["Location"].lower().split())
    parts = TOWN.sub("", address).removeprefix("intersection of ").split(" & ")
    return Case(
        row["TYPE"],
        CATEGORY_OF[row["TYPE"]],
        opened_at,
        closed_at,
        Point(float(row["LATITUDE"]), float(row["LONGITUDE"])),
        address,
        frozenset(HOUSE.sub("", part) for part in parts if part),
    )


def _instant(text: str) -> datetime | None:
    return datetime.strptime(text, TIME).replace(tzinfo=ZONE) if text else None


def pairs_of(cases: Sequence[Case]) -> Iterator[Pair]:
    """Pair each case with those that are open and within a kilometre when it is opened."""
    lats = np.array([case.point.lat for case in cases])
    lons = np.array([case.point.lon for case in cases])
    for caller, new in enumerate(cases):
        metres = metres_from(new.point, lats[:caller], lons[:caller])
        for at in np.nonzero(metres <= WIDEST_METRES)[0]:
            old = cases[at]
            if old.closed_at is None or old.closed_at > new.opened_at:
                yield Pair(caller, new, old, float(metres[at]), *labelled(new, old))


def labelled(new: Case, old: Case) -> tuple[bool | None, str]:
    """Tell whether two cases are one fault, and why; the points are not looked at.

    Yes: the same type within 48 hours at the same written address, or on one street and closed
    within five minutes of each other. Unknown: so after more than 48 hours, or at the same
    address under another type.
    """
    same_address = bool(new.address) and new.address == old.address
    together = (
        bool(new.streets & old.streets)
        and new.closed_at is not None
        and old.closed_at is not None
        and abs(new.closed_at - old.closed_at) <= CLOSED_TOGETHER
    )
    if new.type != old.type:
        return (None, "another type") if same_address else (False, "")
    if not (same_address or together):
        return False, ""
    why = "same address" if same_address else "closed together"
    return (True, why) if new.opened_at - old.opened_at <= WITHIN else (None, "later")


def our_score(pair: Pair) -> float:
    """Score a pair as the desk does; the written address is kept from it, the label knows it."""
    new, old = (
        Reported(category=case.category, received_at=case.opened_at, point=case.point)
        for case in (pair.new, pair.old)
    )
    return likeness(new, old, now=pair.new.opened_at).score


def measured(pairs: Sequence[Pair], is_shown: Callable[[Pair], bool]) -> Score:
    """Return what a rule shows of labelled pairs."""
    shown = [pair for pair in pairs if is_shown(pair)]
    right = sum(bool(pair.is_same) for pair in shown)
    twins = sum(bool(pair.is_same) for pair in pairs)
    return Score(len(shown), right, twins)


def peer(pair: Pair, metres: float = PEER_METRES) -> bool:
    """Say what FixMyStreet's rule shows: the same category, open, within a fixed radius."""
    return pair.new.category == pair.old.category and pair.metres <= metres


def family(pairs: Iterable[Pair], name: str) -> list[Pair]:
    """Return the labelled pairs of a category, of the street, of indoors or of all."""
    return [
        pair
        for pair in pairs
        if pair.is_same is not None
        and (
            name in ("all", pair.new.category)
            or name == ("indoors" if pair.new.category in INDOORS else "street")
        )
    ]


def average_precision(scores: Sequence[float], pairs: Sequence[Pair]) -> float:
    """Return the mean precision at each twin, best first; it needs no threshold."""
    order = np.argsort(-np.array(scores), kind="stable")
    right = np.array([bool(pair.is_same) for pair in pairs])[order]
    return float((np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean())


class Variant(NamedTuple):
    """Another way to score: radii, shares of place, category and time, the shape of nearness."""

    name: str
    radii: dict[str, float]
    shares: tuple[float, float, float]
    nearness: Callable[[float], float]


SHARES = (PLACE_SHARE, CATEGORY_SHARE, TIME_SHARE)
WIDE_SUPPLY = RADIUS_METRES | dict.fromkeys(("no_water", "low_pressure"), 500.0)
FIRST = WIDE_SUPPLY | {"hydrant": 100.0}
VARIANTS = (
    Variant("as it is", RADIUS_METRES, SHARES, lambda share: 1 - share),
    Variant("first rules", FIRST, (0.45, 0.20, 0.15), lambda share: 1 - share),
    Variant("hydrant 100 m", RADIUS_METRES | {"hydrant": 100.0}, SHARES, lambda share: 1 - share),
    Variant("no water 500 m", WIDE_SUPPLY, SHARES, lambda share: 1 - share),
    Variant("place 0.45, time 0.15", RADIUS_METRES, (0.45, 0.2, 0.15), lambda share: 1 - share),
    Variant("nearness squared", RADIUS_METRES, SHARES, lambda share: (1 - share) ** 2),
    Variant("nearness exponential", RADIUS_METRES, SHARES, lambda share: float(np.exp(-3 * share))),
)


def score_of(variant: Variant, pair: Pair) -> float:
    """Score a pair in another way; two reports with points and without words."""
    new, old = pair.new.category, pair.old.category
    share = pair.metres / max(variant.radii.get(each, radius_metres()) for each in (new, old))
    if share > 1:
        return 0.0
    kind = 1.0 if new == old else RELATED if {new, old} <= MAIN_FAULTS else 0.0
    age = max(0.0, 1 - (pair.new.opened_at - pair.old.opened_at) / TIME_WINDOW)
    parts = (variant.nearness(share), kind, age)
    return sum(each * part for each, part in zip(variant.shares, parts, strict=True))


def figures(folder: Path) -> Iterator[tuple[str, float, str, dict[str, object]]]:
    """Yield each figure with its name, unit and what it is of."""
    cases, left_out = read_cases(folder)
    pairs = list(pairs_of(cases))
    yield "cases", len(cases), "", dict(left_out)
    yield "pairs", len(pairs), "", dict(Counter(pair.why or "different" for pair in pairs))
    scores = {pair[:3]: our_score(pair) for pair in pairs}

    def at(least: float) -> Callable[[Pair], bool]:
        return lambda pair: scores[pair[:3]] >= least

    def ours(pair: Pair) -> bool:
        return scores[pair[:3]] >= suggest_from(pair.new.category, pair.old.category)

    for name in (*dict.fromkeys(CATEGORY_OF.values()), *FAMILIES):
        some = family(pairs, name)
        first = [pair for pair in some if pair.new.opened_at < CHOSEN_BEFORE]
        second = [pair for pair in some if pair.new.opened_at >= CHOSEN_BEFORE]
        yield "twins", sum(bool(pair.is_same) for pair in some), "", {"of": name}
        for least in THRESHOLDS:
            yield from _told(measured(some, at(least)), of=name, rule=f"{least:.2f}")
            yield from _told(measured(first, at(least)), of=name, rule=f"{least:.2f}", half=1)
        for half, those in ((None, some), (2, second)):
            yield from _told(measured(those, ours), of=name, rule="chosen", half=half)
            yield from _told(measured(those, peer), of=name, rule="peer", half=half)
    yield from calls(family(pairs, "all"), scores, len(cases))
    for variant in VARIANTS:
        some = family(pairs, "all")
        found = average_precision([score_of(variant, pair) for pair in some], some)
        yield "average precision", found, "", {"variant": variant.name}


def _told(
    score: Score, *, of: str, rule: str, half: int | None = None
) -> Iterator[tuple[str, float, str, dict[str, object]]]:
    more: dict[str, object] = {"of": of, "rule": rule, "half": half}
    yield "shown", score.shown, "", more
    if score.shown:
        yield "precision", score.right / score.shown, "", more
    if score.twins:
        yield "recall", score.right / score.twins, "", more


def calls(
    pairs: Sequence[Pair], scores: dict[tuple[object, ...], float], all_calls: int
) -> Iterator[tuple[str, float, str, dict[str, object]]]:
    """Yield what a call-taker sees: how often something, how much, and the twin first or at all."""
    shown: dict[int, list[Pair]] = {}
    with_twin = {pair.caller for pair in pairs if pair.is_same}
    for pair in sorted(pairs, key=lambda pair: -scores[pair[:3]]):
        if scores[pair[:3]] >= suggest_from(pair.new.category, pair.old.category):
            shown.setdefault(pair.caller, []).append(pair)
    first = sum(bool(shown[each][0].is_same) for each in with_twin & shown.keys())
    listed = sum(
        any(pair.is_same for pair in shown.get(each, ())[:SHOWN_AT_ONCE]) for each in with_twin
    )
    yield "calls with a suggestion", len(shown) / all_calls, "", {"calls": all_calls}
    yield "calls with a twin", len(with_twin), "", {}
    yield "twin first", first / len(with_twin), "", {}
    yield "twin listed", listed / len(with_twin), "", {}


def tables(found: Iterable[tuple[str, float, str, dict[str, object]]]) -> list[str]:
    """Return the rows of the tables in docs/duplicates.md, as Markdown."""
    known: dict[object, float] = {}
    variants = []
    for figure, value, _unit, more in found:
        known[figure, more.get("of"), more.get("rule"), more.get("half")] = value
        if figure == "average precision":
            variants.append(f"| {more['variant']} | {value:.2f} |")

    def two(of: str, rule: str, half: int | None = None) -> str:
        parts = (known.get((figure, of, rule, half)) for figure in ("precision", "recall"))
        return " / ".join("–" if each is None else f"{each:.2f}" for each in parts)

    def row(*cells: object) -> str:
        return "| " + " | ".join(str(each) for each in cells) + " |"

    def at_each(of: str, half: int | None = None) -> list[str]:
        return [two(of, f"{least:.2f}", half) for least in THRESHOLDS]

    def count(figure: str, of: str, rule: str | None = None) -> int:
        return int(known[figure, of, rule, None])

    names = (*dict.fromkeys(CATEGORY_OF.values()), *FAMILIES)
    rows = [
        row(
            *(of, count("twins", of), count("shown", of, "chosen"), two(of, "chosen")),
            *(two(of, "chosen", 2), count("shown", of, "peer"), two(of, "peer")),
        )
        for of in names
    ]
    rows += [row(of, *at_each(of)) for of in names]
    rows += [row(f"{of}, to June", *at_each(of, 1)) for of in ("street", "indoors")]
    return rows + variants


def main() -> None:
    """Print every figure."""
    root = Path(__file__).parent.parent
    folder = Path(os.environ.get("ONEVISIT_SHARED_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        print(f"real data sets are not here: {folder}", file=sys.stderr)
        return
    if "--table" in sys.argv[1:]:
        print(*tables(figures(folder)), sep="\n")
        return
    for figure, value, unit, more in figures(folder):
        show(figure, value, unit, **more)


if __name__ == "__main__":
    main()
