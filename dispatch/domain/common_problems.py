"""Which places, kinds of fault and words come again and again?"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.facts import NONE
from dispatch.domain.said_words import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dispatch.domain.said_words import Told

    Ints = NDArray[np.int64]

LEAST_TICKETS = 3
"""So many tickets, and in texts so many different callers, make a problem that is common."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A place, kind or word with its tickets, the newest first, and how many there were before.

    `callers` is how many different people told of it, None where that is not looked at.
    """

    key: Hashable
    tickets: tuple[int, ...]
    before: int
    callers: int | None = None

    @property
    def n(self) -> int:
        """Return how many tickets it has."""
        return len(self.tickets)


def repeated(
    now: Iterable[tuple[Hashable, int]],
    before: Iterable[Hashable],
    callers: Mapping[int, Iterable[Hashable]] | None = None,
    *,
    most: int | None = None,
) -> list[Repeated]:
    """Count what comes again: places, categories, words and households with at least 3 tickets.

    Formula: tickets of the view that share a place, a category, a word or a household, those with
    three or more, the most frequent first; beside it how many there were in the period of as many
    days before. A street is an address without its numbers, a building an address up to the number
    of its house; a word is counted once a ticket.
    In: tickets of every kind, open ones too. Out: duplicates and cancelled tickets; a ticket
    without an address has no street, one without a household is in no case file. Words leave out
    the reporter's name, addresses, titled names, anything with a digit, and what fewer than three
    different callers said. `now` holds pairs of key and ticket, `before` the keys of the period
    before. At most `most` rows are returned.
    """
    found: dict[Hashable, list[int]] = defaultdict(list)
    for key, ticket in now:
        found[key].append(ticket)
    common = {key: tickets for key, tickets in found.items() if len(tickets) >= LEAST_TICKETS}
    earlier = Counter(before)
    keys = sorted(common, key=lambda key: (-len(common[key]), earlier[key], str(key)))
    return [_repeated(key, common[key], earlier[key], callers) for key in keys[:most]]


def _repeated(
    key: Hashable,
    tickets: list[int],
    before: int,
    callers: Mapping[int, Iterable[Hashable]] | None,
) -> Repeated:
    people = None
    if callers is not None:
        people = len({who for ticket in tickets for who in callers.get(ticket, ())})
    return Repeated(key, tuple(sorted(tickets, reverse=True)), before, people)


def repeated_numbers(now: Ints, before: Ints, most: int) -> list[tuple[int, int, int]]:
    """Count what comes again among numbers as `repeated` does, the most frequent first.

    One entry a ticket; `NONE` is left out. Each of at most so many rows is the number, how many
    tickets have it, and how many had it before.
    """
    values, counts = np.unique(now[now != NONE], return_counts=True)
    is_common = counts >= LEAST_TICKETS
    values, counts = values[is_common], counts[is_common]
    if not values.size:
        return []
    places = np.minimum(np.searchsorted(values, before), values.size - 1)
    earlier = np.bincount(places[values[places] == before], minlength=values.size)
    order = np.lexsort((earlier, -counts))
    # The last of equal ones are told apart by how they are written.
    end = order[min(most, order.size) - 1]
    is_shown = (counts > counts[end]) | ((counts == counts[end]) & (earlier <= earlier[end]))
    rows = zip(*(each[is_shown].tolist() for each in (values, counts, earlier)), strict=True)
    return sorted(rows, key=lambda row: (-row[1], row[2], str(row[0])))[:most]


def repeated_words(
    now: Sequence[Told], before: Sequence[Told], *, most: int | None = None
) -> list[Repeated]:
    """Count the words that at least three different callers said in at least three tickets."""
    callers = {one.ticket: one.callers or {("ticket", one.ticket)} for one in now}
    known = Vocabulary()
    said, earlier = known.said(now), known.said(before)
    words, counts = np.unique(said.word, return_counts=True)
    is_common = counts >= LEAST_TICKETS
    words, counts = words[is_common], counts[is_common]
    rows = zip(*(each.tolist() for each in (words, counts, earlier.counts(words))), strict=True)
    common = [
        (-n, n_before, known.word(word), word)
        for word, n, n_before in rows
        if known.says_something(word)
    ]
    found = (
        _repeated(word, [now[place].ticket for place in said.places(number)], n_before, callers)
        for _, n_before, word, number in sorted(common)
    )
    return list(islice((row for row in found if (row.callers or 0) >= LEAST_TICKETS), most))
