"""Which street and which numbers does somebody mean who types an address?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

MOST_CHARACTERS = 120
"""Of an address only so much is looked at."""
_MOST_DIGITS, _FAR = 6, 1_000_000.0

_HAN = r"㐀-鿿豈-﫿"
_IS_HAN = re.compile(f"[{_HAN}]")
# A number with the word that says what it counts; the 3 of “3rd Street” belongs to the name.
_NUMBER = re.compile(
    r"(\d+)(?!(?:st|nd|rd|th)\b)([a-z](?![a-z]))?"
    r"\s*(?:号院|号楼|号|栋|幢|座|单元|室|楼|层|组|弄|户)?"
)
_ANY_NUMBER = re.compile(_NUMBER.pattern, re.IGNORECASE)
_BLOCK = re.compile(r"(?:\d+|unit) block of ", re.IGNORECASE)
_DOOR = re.compile(r"\d+[a-zA-Z]?(号|栋|幢|座|组|弄)?")
_WORD = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
_SHORT = {
    "road": "rd", "street": "st", "avenue": "ave", "av": "ave", "lane": "ln", "drive": "dr",
    "boulevard": "blvd", "square": "sq", "place": "pl", "court": "ct", "terrace": "ter",
    "parkway": "pkwy", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip
_SAYS_NOTHING = frozenset({"block", "of", "unit", "no", "number", "apt", "the"})


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address as it is compared: the words of its name, and the numbers beside them in order."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def compact(self) -> str:
        """Return the name without its gaps."""
        return "".join(self.words)

    @property
    def has_han(self) -> bool:
        """Tell whether Chinese characters are in the name."""
        return any(_IS_HAN.search(word) for word in self.words)


def read_address(text: str) -> TypedAddress:
    """Split an address, in whatever letters and widths, into its name and its numbers.

    “Wuyi Road 12”, “五一路１２号” and “wyl12” all have the number 12.
    """
    plain = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold().replace("'", "")
    numbers = tuple(found[1] + (found[2] or "") for found in _NUMBER.finditer(plain))
    words = [_SHORT.get(word, word) for word in _WORD.findall(_NUMBER.sub(" ", plain))]
    told = tuple(word for word in words if word not in _SAYS_NOTHING)
    return TypedAddress(told or tuple(words), numbers)


class Written(NamedTuple):
    """A street or a building as it is written; differently written ones of one key are one."""

    key: str
    name: str


def places_of(address: str) -> tuple[Written | None, Written | None]:
    """Return the street and the building of an address, None where it has none.

    A street is the address without its numbers, a building the address up to the number of its
    house; one that names a block of houses has none.
    """
    plain = unicodedata.normalize("NFKC", address[:MOST_CHARACTERS]).strip()
    bare = _ANY_NUMBER.sub(" ", _BLOCK.sub("", plain))
    street = " ".join(bare.split()).strip(" ,.;，。；、#-")
    if not street:
        return None, None
    number = None if _BLOCK.match(plain) else _ANY_NUMBER.search(plain)
    return Written(_key_of(street), street), number and _building_of(plain, number, street)


def _building_of(plain: str, number: re.Match[str], street: str) -> Written | None:
    door = number[1] + (number[2] or "")
    if not _IS_HAN.search(plain):
        return Written(f"{_key_of(street)}-{door.casefold()}", f"{door} {street}")
    before = plain[: number.start()].strip()
    name = f"{before}{number[0].strip()}"
    return Written(f"{_key_of(before)}-{door.casefold()}", name) if before else None


@lru_cache(maxsize=1 << 12)
def _key_of(name: str) -> str:
    typed = read_address(name)
    return "-".join((typed.compact, *typed.numbers[:1]))


def first_letters(words: tuple[str, ...]) -> str:
    """Return the first letter of each word."""
    return "".join(word[0] for word in words)


def grams_of(name: str) -> set[str]:
    """Return what two names are compared by at first: pairs of characters, and single Chinese ones.

    A single Chinese character says as much as a pair of letters.
    """
    pairs = {name[at : at + 2] for at in range(len(name) - 1)}
    return pairs | set(_IS_HAN.findall(name))


def first_number(numbers: tuple[str, ...]) -> int:
    """Return the whole part of the first number; -1 where there is none."""
    return int(re.sub(r"\D", "", numbers[0])[:_MOST_DIGITS]) if numbers else -1


def number_gap(asked: tuple[str, ...], known: tuple[str, ...]) -> float:
    """Return how far the numbers of a place are from those asked for; 0 where they fit.

    A place that has more numbers, such as a flat in the house, fits too; another flat of the same
    house is half a step away. Nothing asked fits all.
    """
    if not asked or known[: len(asked)] == asked:
        return 0.0
    if not known:
        return _FAR
    if known[0] == asked[0]:
        return 0.5
    return 1.0 + abs(first_number(asked) - first_number(known))


def with_number(address: str, number: str) -> str:
    """Return the address of another door: its first number replaced, and no flat behind it."""
    english = _BLOCK.match(address)
    if english:
        return f"{number} {address[english.end() :]}"
    found = _DOOR.search(address)
    if found is None:
        return f"{address}{number}号" if _IS_HAN.search(address) else f"{number} {address}"
    rest = "" if _IS_HAN.search(address) else address[found.end() :]
    return f"{address[: found.start()]}{number}{found[1] or ''}{rest}"
