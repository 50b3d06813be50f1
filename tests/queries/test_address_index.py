"""Is the place found first that was meant, however it was typed?"""

from __future__ import annotations

import csv
import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

import dispatch.cli
from dispatch.queries.address_index import AddressIndex, Place

CITIES = Path(dispatch.cli.__file__).parent / "demo_city"
ASKED = 120
IN_BOSTON = re.compile(r"(Unit|\d+) block of (.*), (.*)")
IN_CHANGSHA = re.compile(r"\S+ (\D+?)\s+(\d+)(栋|组)(.*)")
LONG_WORDS = {"Rd": "Road", "Ave": "Avenue", "Ln": "Lane"}


def book(city: str) -> list[Place]:
    with (CITIES / city / "households.csv").open(encoding="utf-8") as lines:
        return [
            Place(number, row["address"], row["name"])
            for number, row in enumerate(csv.DictReader(lines))
        ]


def sound(text: str) -> str:
    return "".join(lazy_pinyin(text))


def letters(text: str) -> str:
    return "".join(each[0] for each in lazy_pinyin(text))


def mistyped(text: str, dice: random.Random) -> str:
    """Leave a letter out, type a wrong one, or one too many."""
    at, wrong = dice.randrange(1, len(text) - 1), dice.choice("aeioutnrs")
    return text[:at] + dice.choice(("", wrong, wrong + text[at])) + text[at + 1 :]


def transposed(text: str, dice: random.Random) -> str:
    at = dice.choice([at for at in range(len(text) - 1) if text[at] != text[at + 1]])
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def boston(address: str, how: str, dice: random.Random) -> str:
    number, street, part = IN_BOSTON.fullmatch(address).groups()
    number = "" if number == "Unit" else number
    first = "".join(word[0] for word in f"{street} {part}".lower().split())
    long = " ".join(LONG_WORDS.get(word, word) for word in street.split())
    return {
        "correct": f"{number} {street} {part}",
        "street alone": f"{number} {long.upper()}",
        "mistyped": f"{number} {mistyped(street.lower(), dice)} {part}",
        "letters transposed": f"{number} {transposed(street.lower(), dice)} {part}",
        "words transposed": f"{part} {street} {number}",
        "initials": f"{first} {number}",
    }[how]


def changsha(address: str, how: str, dice: random.Random) -> str:
    name, number, counted, rest = IN_CHANGSHA.fullmatch(address).groups()
    door = f"{number}{counted}{rest}"
    wrong = dice.choice("的一大中")
    return {
        "correct": address,
        "part of the name": f"{name}{door}",
        "mistyped": f"{name[:1]}{wrong}{name[2:]}{door}",
        "transposed": f"{transposed(name, dice)}{door}",
        "pinyin": f"{sound(name)} {number} {rest}",
        "pinyin mistyped": f"{mistyped(sound(name), dice)} {number} {rest}",
        "initials": f"{letters(name)} {number} {rest}",
    }[how]


# Few letters fit many streets: of initials in a whole city the first is right less often.
@pytest.mark.parametrize(
    ("city", "typed", "least"),
    [
        ("boston", boston, {
            "correct": 0.99, "street alone": 0.97, "mistyped": 0.95, "letters transposed": 0.95,
            "words transposed": 0.99, "initials": 0.65,
        }),
        ("changsha", changsha, {
            "correct": 0.99, "part of the name": 0.97, "mistyped": 0.95, "transposed": 0.95,
            "pinyin": 0.97, "pinyin mistyped": 0.95, "initials": 0.95,
        }),
    ],
)  # fmt: skip
def test_what_is_meant_is_found_first(city, typed, least):
    places, dice = book(city), random.Random(11)  # noqa: S311  a made-up typist
    index = AddressIndex(places)
    addresses = {place.id: place.address for place in places}
    shares = {}
    for how in least:
        asked = dice.sample(places, ASKED)
        first = [index.search(typed(each.address, how, dice))[:1] for each in asked]
        right = [
            bool(fits) and addresses[fits[0].id] == each.address
            for each, fits in zip(asked, first, strict=True)
        ]
        shares[how] = sum(right) / ASKED
        sys.stdout.write(f"{city}, {how}: {shares[how]:.3f} found first\n")
    assert {how: share for how, share in shares.items() if share < least[how]} == {}


STREETS = [
    Place(1, "芙蓉区五一路12号", "陈丽"),
    Place(2, "芙蓉区五一路10号", "王芳"),
    Place(3, "天心区人民路3号", None),
    Place(4, "岳麓区人民路3号", None),
    Place(5, "Renmin Road 3", "Smith"),
    Place(6, "湘江大道 8号", None),
    Place(7, "五一路", None),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Wuyi Rd 12", 1),
        ("五一路12号", 1),
        ("wyl 12", 1),
        ("wyl12", 1),
        ("五义路10", 2),
        ("wuyilu 10", 2),
        ("一五路 12", 1),
        ("chenli", 1),
        ("王芳", 2),
        ("smth", None),
        ("Smith", 5),
        ("renmin road", 3),
        ("xiangjiang ave", 6),
        ("湘江", 6),
        ("湘", 6),
        ("五一路", 7),
        ("a", None),
        ("12", None),
        ("", None),
        ("qqqqqq", None),
        ("%_", None),
    ],
)
def test_a_place_is_found_by_what_is_typed(typed, found):
    fits = AddressIndex(STREETS).search(typed)
    assert next((fit.id for fit in fits), None) == found


def test_a_number_that_nobody_knows_finds_its_neighbours():
    fits = AddressIndex(STREETS).search("五一路 11")
    assert {fit.id for fit in fits} == {1, 2, 7}
    assert not any(fit.is_number for fit in fits)


def test_three_streets_of_one_name_are_as_good_as_each_other():
    fits = AddressIndex(STREETS).search("人民路3号")
    assert {fit.id for fit in fits[:2]} == {3, 4}
    assert fits[0].fit == fits[1].fit


def test_one_long_street_leaves_room_for_another():
    many = [Place(number, f"东风路{number}号", None) for number in range(20)]
    fits = AddressIndex([*many, Place(99, "东风巷1号", None)]).search("东风", limit=5)
    assert 99 in {fit.id for fit in fits}
    assert len(fits) == 5


def test_an_empty_book_finds_nothing():
    assert AddressIndex([]).search("wuyi") == []
    assert AddressIndex([Place(1, "", None)]).search("五一路") == []


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_answered_once_a_place_and_best_first(text):
    fits = AddressIndex(STREETS).search(text)
    assert len({fit.id for fit in fits}) == len(fits)
    assert [fit.fit for fit in fits] == sorted((fit.fit for fit in fits), reverse=True)
