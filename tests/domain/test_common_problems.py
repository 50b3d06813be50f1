"""Are common problems those that a plain count finds, and do words tell nobody's name?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.common_problems import repeated, repeated_numbers, repeated_words
from dispatch.domain.said_words import Told


def told(ticket, *texts: str, private=(), caller=None):
    callers = frozenset() if caller is None else frozenset({caller})
    return Told(ticket, texts, tuple(private), callers)


def test_what_comes_three_times_is_common_and_the_most_frequent_first():
    now = [
        ("a", 1),
        ("b", 2),
        ("a", 3),
        ("a", 5),
        ("c", 6),
        ("b", 7),
        *[("d", n) for n in range(4)],
    ]
    rows = repeated(now, ["a", "a", "d"])
    assert [(row.key, row.n, row.before) for row in rows] == [("d", 4, 1), ("a", 3, 2)]
    assert rows[1].tickets == (5, 3, 1)


def test_a_word_counts_when_three_different_callers_said_it():
    same = [told(number, "水压很低", caller="1") for number in range(5)]
    assert repeated_words(same, []) == []
    others = [told(number, "水压很低", caller=str(number)) for number in range(5)]
    rows = {row.key: row for row in repeated_words(others, same[:2])}
    assert (rows["水压"].n, rows["水压"].before, rows["水压"].callers) == (5, 2, 5)


@given(st.lists(st.integers(-1, 12), max_size=60), st.lists(st.integers(-1, 14), max_size=60))
def test_numbers_that_come_again_are_those_that_a_plain_count_finds(now, before):
    pairs = [(number, ticket) for ticket, number in enumerate(now) if number >= 0]
    plain = [(row.key, row.n, row.before) for row in repeated(pairs, before)]
    columns = np.array(now, dtype=np.int64), np.array(before, dtype=np.int64)
    for most in (1, 3, 50):
        assert repeated_numbers(*columns, most) == plain[:most]
        assert [row.key for row in repeated(pairs, before, most=most)] == [
            key for key, _, _ in plain[:most]
        ]
