"""Do columns say of facts what their rows say?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.fact_columns import (
    HEAD_BYTES,
    FactColumns,
    Part,
    beside,
    in_columns,
    packed,
    partly_unpacked,
    pieces_of,
    unpacked,
)
from dispatch.domain.facts import FACT, Keys, fact_of, facts_of
from tests.domain.story_samples import any_story

SOME = st.lists(any_story(), max_size=6)


def rows_of(stories, first=1):
    keys = (Keys(number, number % 3, 2, None) for number in range(first, first + len(stories)))
    return facts_of(fact_of(story, key) for story, key in zip(stories, keys, strict=True))


def in_order(rows):
    return rows[np.lexsort((rows["ticket"], rows["received_at"]))]


@given(SOME)
def test_a_block_reads_back_as_the_rows_it_was_written_from(stories):
    rows = rows_of(stories)
    block = unpacked(packed(rows))
    assert block.size == rows.size
    assert in_columns(block).rows().tobytes() == in_order(rows).tobytes()


def test_the_same_facts_make_the_same_block_in_any_order():
    rows = np.zeros(4, dtype=FACT)
    rows["ticket"], rows["received_at"] = [1, 2, 3, 4], [7, 5, 7, 5]
    assert packed(rows) == packed(rows[::-1])


def test_a_number_wider_than_the_others_keeps_its_value():
    rows = np.zeros(3, dtype=FACT)
    rows["grid"], rows["returns"], rows["lat"] = [-1, 40_000, 7], [0, 255, 70_000], np.nan
    read = in_columns(unpacked(packed(rows)))
    assert read["grid"].tolist() == [-1, 40_000, 7]
    assert read["returns"].tolist() == [0, 255, 70_000]
    assert np.isnan(read["lat"]).all()
    assert {read[name].dtype for name in ("grid", "returns")} == {np.dtype("i4"), np.dtype("u4")}


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=6))
def test_numbers_of_either_sign_keep_their_value_however_large(numbers):
    rows = np.zeros(len(numbers), dtype=FACT)
    rows["category"], rows["ticket"] = numbers, range(len(numbers))
    read = unpacked(packed(rows))["category"]
    assert read.tolist() == numbers
    assert read.dtype.kind in "iu"


@given(SOME, SOME, st.data())
def test_chosen_facts_are_those_that_rows_would_choose(first, second, data):
    ones, others = rows_of(first), in_order(rows_of(second, first=20))
    block = unpacked(packed(others))
    facts = FactColumns([Part(ones, None, ones.size), Part(block, None, block.size)])
    rows = np.concatenate([ones, others])
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=rows.size, max_size=rows.size)), "?")
    places = np.array(data.draw(st.permutations(range(int(mask.sum())))), dtype=np.int64)
    assert len(facts) == facts.shape[0] == rows.size
    assert facts[mask].rows().tobytes() == rows[mask].tobytes()
    assert facts[mask][places].rows().tobytes() == rows[mask][places].tobytes()
    for place in range(rows.size):
        assert facts[place].tobytes() == rows[place].tobytes()
    assert [row["ticket"] for row in facts[mask][places]] == rows["ticket"][mask][places].tolist()


@given(st.lists(any_story(), min_size=1, max_size=6))
def test_some_columns_of_a_block_are_read_by_their_places(stories):
    block = packed(facts_of(fact_of(one, Keys(7, 1, 2, None)) for one in stories))
    size, pieces = pieces_of(block[:HEAD_BYTES])
    read = {
        name: (pieces[name], block[pieces[name].at :][: pieces[name].length])
        for name in ("received_at", "grid", "left_out")
    }
    part, whole = partly_unpacked(size, read), unpacked(block)
    assert part.columns.keys() == read.keys()
    assert part.size == whole.size
    for name in read:
        assert part[name].tobytes() == whole[name].tobytes()
    assert part.weight < whole.weight
    apart = [partly_unpacked(size, {name: piece}) for name, piece in read.items()]
    joined = beside(apart)
    assert (joined.size, joined.weight) == (part.size, part.weight)
    assert {name: one.tobytes() for name, one in joined.columns.items()} == {
        name: part[name].tobytes() for name in read
    }


def test_the_head_of_a_block_is_shorter_than_what_is_read_for_it():
    block = packed(np.zeros(5, dtype=FACT))
    assert max(piece.at for piece in pieces_of(block)[1].values()) < HEAD_BYTES
    assert len(block) - sum(piece.length for piece in pieces_of(block)[1].values()) < HEAD_BYTES / 2
