"""Which words do very many tickets say, without what is private in them?

All texts are read as one long one: a hundred thousand small ones take several times as long.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_PLACE_BITS = 24
_GAP, _NEXT = "\0", "\1"
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_HAN_BITS, _FIRST_PAIR = 16, 0x3400 << 16
_SHORTEST_LATIN = 3
_TITLED = re.compile(
    r"[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|师傅|老师|阿姨|大爷|大妈|奶奶|爷爷|太太)"
    r"|\b(?:mr|mrs|ms|miss|dr)\b\.?\s*\w+",
    re.IGNORECASE,
)
_EMPTY_WORDS = """
the and for with from that this there here has have had was were are not but out our his her their
its they she you your been being can cannot could when where what who how all any some into onto
over under very since please says said call called caller reports reported
我们 他们 这里 那里 一个 没有 已经 现在 可以 需要 什么 怎么 因为 所以 但是 时候 昨天 今天
"""
_SAYS_NOTHING = frozenset(_EMPTY_WORDS.split())


class Told(NamedTuple):
    """What a ticket says for finding words: its texts, what is private in them, and who called."""

    ticket: int
    texts: tuple[str, ...]
    private: tuple[str, ...]
    callers: frozenset[Hashable]


class Said(NamedTuple):
    """Which ticket says which word, each once: the number of the word and the ticket's place.

    The words are in order, and the places of one word.
    """

    word: Ints
    place: Ints

    def places(self, word: int) -> Ints:
        """Return the places of the tickets that say a word."""
        begin, end = np.searchsorted(self.word, (word, word + 1)).tolist()
        return self.place[begin:end]

    def counts(self, words: Ints) -> Ints:
        """Return how many tickets say each of some words."""
        return np.searchsorted(self.word, words, side="right") - np.searchsorted(self.word, words)


class Vocabulary:
    """Numbers of words: Latin ones as they come, pairs of Chinese characters by what they are."""

    def __init__(self) -> None:
        """Begin without a Latin word."""
        self._latin: dict[str, int] = {}
        self._spelt: list[str] = []

    def word(self, number: int) -> str:
        """Return the word of a number."""
        if number >= _FIRST_PAIR:
            return chr(number >> _HAN_BITS) + chr(number & (1 << _HAN_BITS) - 1)
        return self._spelt[number]

    def says_something(self, number: int) -> bool:
        """Tell whether a word says something of a fault."""
        return self.word(number) not in _SAYS_NOTHING

    def said(self, told: Sequence[Told]) -> Said:
        """Return the words of tickets that may be shown to everybody.

        They are cut as the search for duplicates cuts them: Latin words, and pairs of Chinese
        characters. What stands in a name or an address of the ticket is not among them, nor is
        anything with a digit, nor a titled name.
        """
        texts = _TITLED.sub(" ", _joined(one.texts for one in told))
        private = np.sort(self._numbered(_joined(one.private for one in told)))
        found = np.sort(self._numbered(texts))
        is_private = np.searchsorted(private, found, side="right") > np.searchsorted(private, found)
        found = found[~is_private & (np.diff(found, prepend=-1) > 0)]
        self._spelt = list(self._latin)
        return Said(found >> _PLACE_BITS, found & (1 << _PLACE_BITS) - 1)

    def _numbered(self, joined: str) -> Ints:
        """Return number and place of each word of texts, as one number."""
        plain = unicodedata.normalize("NFKC", joined).casefold()
        read = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        points = read.astype(np.int64)
        places = np.cumsum(points == ord(_NEXT))
        is_han = np.logical_or.reduce([(points >= low) & (points <= high) for low, high in _HAN])
        pairs = np.flatnonzero(is_han[:-1] & is_han[1:])
        numbers = (points[pairs] << _HAN_BITS) + points[pairs + 1]
        begins, ends = _latin_words(points)
        words = [
            plain[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
        latin = [self._latin.setdefault(word, len(self._latin)) for word in words]
        return np.concatenate([
            (numbers << _PLACE_BITS) + places[pairs],
            (np.array(latin, dtype=np.int64) << _PLACE_BITS) + places[begins],
        ])  # fmt: skip


def words_in(told: Told) -> frozenset[str]:
    """Return the words of one ticket that may be shown to everybody."""
    known = Vocabulary()
    numbers = known.said([told]).word.tolist()
    return frozenset(known.word(number) for number in numbers if known.says_something(number))


def _joined(texts: Iterable[Sequence[str]]) -> str:
    return _NEXT.join(_GAP.join(some).replace(_NEXT, " ") for some in texts)


def _latin_words(points: Ints) -> tuple[Ints, Ints]:
    """Return where words without a digit begin and end that are long enough."""
    is_digit = (points >= ord("0")) & (points <= ord("9"))
    is_in = is_digit | ((points >= ord("a")) & (points <= ord("z")))
    edges = np.flatnonzero(np.diff(is_in, prepend=False, append=False))
    begins, ends = edges[::2], edges[1::2]
    digits = np.concatenate([[0], np.cumsum(is_digit)])
    is_word = (ends - begins >= _SHORTEST_LATIN) & (digits[ends] == digits[begins])
    return begins[is_word], ends[is_word]
