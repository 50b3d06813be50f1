"""How long does it take to find a place among 50,000 that is typed with a mistake or in pinyin?

Run `python bench/place_search.py`; each line is one figure as JSON. A made-up city of 12,000 street
names in both scripts; each search is one of five ways to type. Beside it, on the same searches in
the same run, the plain way: RapidFuzz's WRatio of the typed text with every row.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from rapidfuzz import fuzz, process, utils

from bench.reporting import Report
from dispatch.domain.typed_address import read_address
from dispatch.queries.address_index import AddressIndex, Place, sound_of

PLACES, SEARCHES, PEER_SEARCHES, WARM_UP, LIMIT_MS = 50_000, 1_000, 60, 50, 30.0
CHARACTERS = (
    "芙蓉天心岳麓开福雨花望城星沙黄兴五一人民韶山车站湘江朝阳东风解放南湖北正书院劳动曙光远大"
)
KINDS, DISTRICTS = ("路", "街", "巷", "大道", "小区", "社区"), ("芙蓉", "天心", "岳麓", "开福")
ENDS = ("Road", "Street", "Avenue", "Lane")
show = Report("place_search")


def city(dice: random.Random) -> list[Place]:
    """Make up the places of a city."""
    chinese = {
        f"{dice.choice(DISTRICTS)}区"
        + "".join(dice.choice(CHARACTERS) for _ in range(dice.choice((2, 2, 3, 4))))
        + dice.choice(KINDS)
        for _ in range(9_000)
    }
    english = {
        "".join(dice.choice("bcdfghklmnprstw") + dice.choice("aeiou") for _ in range(3)).title()
        + f" {dice.choice(ENDS)}"
        for _ in range(3_000)
    }
    streets = sorted(chinese | english)
    places = []
    for number in range(PLACES):
        street, door = dice.choice(streets), dice.randrange(1, 400)
        address = f"{door} {street}" if street.isascii() else f"{street}{door}号"
        places.append(Place(number, address, dice.choice(("王先生", "李女士", None))))
    return places


def typed(place: Place, dice: random.Random) -> str:
    """Type a place: as it is, mistyped, in pinyin, by its initials, or its half."""
    read = read_address(place.address)
    name, how = read.compact, dice.randrange(5)
    if how == 1:
        at = dice.randrange(1, len(name))
        name = name[:at] + dice.choice("aeio的") + name[at + 1 :]
    elif how == 2:
        name = "".join(sound_of(name))
    elif how == 3:
        name = "".join(each[0] for each in sound_of(name))
    elif how == 4:
        name = name[: max(2, len(name) // 2)]
    return f"{name} {read.numbers[0]}"


def main() -> None:
    """Measure the index and its peer."""
    dice = random.Random(7)  # noqa: S311  a simulation
    places = city(dice)
    began = time.perf_counter()
    index = AddressIndex(places)
    show("reading the book", time.perf_counter() - began, "s", None, places=PLACES)
    asked = [typed(place, dice) for place in dice.sample(places, WARM_UP + SEARCHES)]
    taken, worked, right = [], [], 0
    for number, text in enumerate(asked):
        start, busy = time.perf_counter(), time.process_time()
        found = index.search(text)
        if number >= WARM_UP:
            taken.append((time.perf_counter() - start) * 1_000)
            worked.append((time.process_time() - busy) * 1_000)
            right += bool(found)
    facts = {"places": PLACES, "answered": round(right / SEARCHES, 3)}
    show("search p50", float(np.percentile(taken, 50)), "ms", None, n=SEARCHES, **facts)
    show("search p99", float(np.percentile(taken, 99)), "ms", LIMIT_MS, n=SEARCHES, **facts)
    busy_p99 = float(np.percentile(worked, 99))
    show("search processor time p99", busy_p99, "ms", LIMIT_MS, n=SEARCHES)
    rows, peer = [place.address for place in places], []
    for text in asked[-PEER_SEARCHES:]:
        start = time.perf_counter()
        process.extract(text, rows, scorer=fuzz.WRatio, processor=utils.default_process, limit=8)
        peer.append((time.perf_counter() - start) * 1_000)
    show("every row by RapidFuzz WRatio p50", float(np.percentile(peer, 50)), "ms", None,
         n=PEER_SEARCHES)  # fmt: skip
    show("every row by RapidFuzz WRatio p99", float(np.percentile(peer, 99)), "ms", None,
         n=PEER_SEARCHES)  # fmt: skip


if __name__ == "__main__":
    main()
