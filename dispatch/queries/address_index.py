"""Which places fit what is typed, also mistyped, in Chinese, in pinyin or by initials?"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from operator import eq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from dispatch.domain.typed_address import (
    first_letters,
    first_number,
    grams_of,
    number_gap,
    read_address,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dispatch.domain.typed_address import TypedAddress

LEAST_FIT, LEAST_FIT_HAN = 72.0, 60.0
"""Of 100; what fits less is not shown. One wrong character of three still fits in Chinese."""
MOST_CANDIDATES = 192
MOST_BY_INITIALS = 512
_TOO_COMMON = 0.3
_NAME_FIT, _TURNED_FIT, _SOUND_FIT, _MIXED_UP_FIT = 0.94, 0.97, 0.97, 86.0
_LONGEST_ALIGNED, _MOSTLY = 8, 0.6
_SAME_SOUND = 91.0
_OF_ONE_STREET = 3
_FEWEST, _LONGEST_INITIALS = 2, 12
_KINDS_OF_STREET = {"大道": "ave", "广场": "sq", "路": "rd", "街": "st", "巷": "ln"}
_STREET_AT_END = re.compile("(大道|广场|路|街|巷)$")
_AREA = re.compile("(?<=[市区县镇乡道])")


class Place(NamedTuple):
    """One place of the book: its row, its address, and who lives there."""

    id: int
    address: str
    name: str | None


class Fit(NamedTuple):
    """A place that fits, from 0 to 100; `is_number` says that its house number is the one typed."""

    id: int
    fit: float
    is_number: bool


@lru_cache(maxsize=65_536)
def sound_of(text: str) -> tuple[str, ...]:
    """Return the pinyin of each character, without tones; other letters stay together."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  loads its dictionary

    return tuple(each.casefold().replace("ü", "v") for each in lazy_pinyin(text))


@dataclass(frozen=True, slots=True)
class _Forms:
    """How one name can be typed: whole, and by the first letters from each of its parts on."""

    whole: frozenset[str]
    initials: frozenset[str]


def _forms_of(address: TypedAddress) -> _Forms:
    if not address.has_han:
        words = address.words
        return _Forms(
            frozenset({address.compact}),
            frozenset(first_letters(words[at:]) for at in range(max(1, len(words) - 1))),
        )
    parts = [part for word in address.words for part in _AREA.split(word) if part]
    sounds = [sound_of(part) for part in parts]
    whole = {address.compact, "".join("".join(each) for each in sounds)}
    for at, part in enumerate(parts):
        street = _STREET_AT_END.search(part)
        if street:
            name = "".join(sound_of(part[: street.start()])) + _KINDS_OF_STREET[street[0]]
            whole |= {name, "".join("".join(each) for each in sounds[:at]) + name}
    letters = [first_letters(each) for each in sounds]
    return _Forms(frozenset(whole), frozenset("".join(letters[at:]) for at in range(len(letters))))


class AddressIndex:
    """The places of a book, read once; searching it asks no database.

    Places of one street share its name, so that ten thousand numbers are one comparison.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self._names: list[str] = []
        self._weights: list[float] = []
        self._places: list[list[tuple[int, tuple[str, ...], int]]] = []
        self._forms: list[str] = []
        self._spaced: list[str] = []
        owners = array("i")
        postings: dict[str, array[int]] = {}
        initials: list[tuple[str, int]] = []
        known: dict[tuple[bool, tuple[str, ...]], int] = {}
        for place in places:
            for key, numbers in _keys_of(place):
                name = known.get(key)
                if name is None:
                    name = known[key] = len(self._places)
                    self._open(key, owners, postings, initials)
                self._places[name].append((first_number(numbers), numbers, place.id))
        for rows in self._places:
            rows.sort()
        self._owners = np.array(owners, dtype=np.int32)
        self._postings = {gram: np.array(rows, dtype=np.int32) for gram, rows in postings.items()}
        initials.sort()
        self._initials = [letters for letters, _ in initials]
        self._initials_of = [name for _, name in initials]

    def _open(
        self,
        key: tuple[bool, tuple[str, ...]],
        owners: array[int],
        postings: dict[str, array[int]],
        initials: list[tuple[str, int]],
    ) -> None:
        is_person, words = key
        number = len(self._places)
        self._places.append([])
        self._names.append(" ".join(words))
        self._weights.append(_NAME_FIT if is_person else 1.0)
        forms = _forms_of(read_address(" ".join(words)))
        for form in sorted(forms.whole):
            for gram in grams_of(form):
                postings.setdefault(gram, array("i")).append(len(self._forms))
            self._forms.append(form)
            owners.append(number)
        if not is_person:
            initials += [(letters, number) for letters in sorted(forms.initials)]

    def search(self, text: str, limit: int = 8) -> list[Fit]:
        """Return the places that fit, the best first; none for fewer than two characters."""
        asked = read_address(text)
        if len(asked.compact) < _FEWEST and not (asked.has_han and asked.compact):
            return []
        fits: dict[int, float] = {}
        for name, fit in (*self._by_letters(asked), *self._by_initials(asked)):
            fits[name] = max(fits.get(name, 0.0), fit * self._weights[name])
        best = sorted(fits.items(), key=lambda each: (-each[1], each[0]))
        found = [
            (fit - _loss(gap), gap, name, row)
            for name, fit in best[: 8 * limit]
            if fit >= (LEAST_FIT_HAN if asked.has_han else LEAST_FIT)
            for gap, row in self._nearest(name, asked.numbers, limit)
        ]
        found.sort(key=lambda each: (-each[0], each[1]))
        return _of_many_streets(found, limit, has_number=bool(asked.numbers))

    def _nearest(
        self, name: int, numbers: tuple[str, ...], limit: int
    ) -> Iterator[tuple[float, int]]:
        """Yield the places of a street whose numbers lie nearest to those asked for."""
        places = self._places[name]
        if not numbers:
            yield from ((0.0, row) for _, _, row in places[:limit])
            return
        at = bisect_left(places, (first_number(numbers), numbers, 0))
        near = places[max(0, at - limit) : at + 2 * limit]
        gaps = sorted((number_gap(numbers, known), row) for _, known, row in near)
        yield from gaps[:limit]

    def _by_letters(self, asked: TypedAddress) -> Iterator[tuple[int, float]]:
        told = [(asked.compact, False)]
        if asked.has_han:
            told.append(("".join(sound_of(asked.compact)), True))
        for query, is_sound in told:
            rows = self._candidates(query)
            if not len(rows):
                continue
            forms = [self._forms[row] for row in rows]
            fits = _likeness(query, forms)
            if is_sound:
                fits = np.where(fits >= _SAME_SOUND, fits * _SOUND_FIT, 0.0)
            elif asked.has_han:
                fits = np.maximum(fits, _aligned(query, forms))
            owners = self._owners[rows]
            yield from zip(owners.tolist(), fits.tolist(), strict=True)
        if len(asked.words) > 1:
            rows = self._candidates(asked.compact)
            names = np.unique(self._owners[rows]).tolist()
            turned = process.cdist(
                [" ".join(asked.words)],
                [self._names[name] for name in names],
                scorer=fuzz.token_sort_ratio,
            )[0]
            yield from zip(names, (turned * _TURNED_FIT).tolist(), strict=True)

    def _candidates(self, query: str) -> np.ndarray:
        """Return the forms that share most grams with a query, rare ones counting more."""
        every = len(self._forms)
        hits = [rows for gram in grams_of(query) if (rows := self._postings.get(gram)) is not None]
        rare = [rows for rows in hits if len(rows) <= max(64, _TOO_COMMON * every)] or hits
        if not rare:
            return np.empty(0, dtype=np.int32)
        weights = [np.full(len(rows), np.log1p(every / len(rows))) for rows in rare]
        score = np.bincount(np.concatenate(rare), np.concatenate(weights), minlength=every)
        most = min(MOST_CANDIDATES, every)
        top = np.argpartition(-score, most - 1)[:most]
        return top[score[top] > 0]

    def _by_initials(self, asked: TypedAddress) -> Iterator[tuple[int, float]]:
        letters = asked.compact
        if not (_FEWEST <= len(letters) <= _LONGEST_INITIALS) or asked.has_han:
            return
        begin = bisect_left(self._initials, letters)
        for at in range(begin, min(begin + MOST_BY_INITIALS, len(self._initials))):
            whole = self._initials[at]
            if not whole.startswith(letters):
                return
            yield self._initials_of[at], 75.0 + 24.0 * len(letters) / len(whole)


def _keys_of(place: Place) -> Iterator[tuple[tuple[bool, tuple[str, ...]], tuple[str, ...]]]:
    address = read_address(place.address)
    if address.words:
        yield (False, address.words), address.numbers
    person = read_address(place.name or "")
    if person.words:
        yield (True, person.words), ()


def _likeness(query: str, forms: list[str]) -> np.ndarray:
    """Return from 0 to 100 how alike a query is to each form, or to a part of it."""
    part = process.cdist([query], forms, scorer=fuzz.partial_ratio)[0]
    lengths = np.fromiter(map(len, forms), float, len(forms))
    cover = np.minimum(lengths, len(query)) / np.maximum(lengths, len(query))
    begins = np.fromiter((form.startswith(query) for form in forms), bool, len(forms))
    part = np.where(lengths < len(query), part * (0.5 + 0.5 * cover), part)
    return np.asarray(0.91 * part + 7.0 * cover + 2.0 * begins)


def _aligned(query: str, forms: list[str]) -> np.ndarray:
    """Return the fit of forms that hold a short query with other characters, or in another order.

    In Chinese one wrong character of three leaves two in their places.
    """
    fits = np.zeros(len(forms))
    size, asked = len(query), sorted(query)
    if size > _LONGEST_ALIGNED:
        return fits
    for row, form in enumerate(forms):
        parts = [form[at : at + size] for at in range(len(form) - size + 1)]
        same = max((sum(map(eq, query, part)) for part in parts), default=0) / size
        if same >= _MOSTLY:
            fits[row] = 58.0 + 34.0 * same + size / len(form)
        elif set(query) <= set(form) and any(sorted(part) == asked for part in parts):
            fits[row] = _MIXED_UP_FIT + size / len(form)
    return fits


def _loss(gap: float) -> float:
    """Return what another house number costs."""
    if gap < 1:
        return 4.0 * gap
    return 5.0 + min(4.0, float(np.log10(gap)))


def _of_many_streets(
    found: list[tuple[float, float, int, int]], limit: int, *, has_number: bool
) -> list[Fit]:
    """Return the best places, each once; three of a street before the fourth of any.

    Where a number was typed, those that have it all come first.
    """
    seen: set[int] = set()
    counts: dict[int, int] = {}
    first: list[Fit] = []
    later: list[Fit] = []
    for fit, gap, name, row in found:
        if row in seen:
            continue
        seen.add(row)
        counts[name] = counts.get(name, 0) + 1
        is_early = counts[name] <= _OF_ONE_STREET or (has_number and gap == 0)
        chosen = first if is_early else later
        chosen.append(Fit(row, fit, gap == 0))
    return sorted([*first, *later][:limit], key=lambda each: -each.fit)
