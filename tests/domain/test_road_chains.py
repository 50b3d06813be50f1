"""Does contracting streets lose no drive, whatever the graph?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.road_chains import find_junctions, largest_strong_part


def arcs_of(*pairs: tuple[int, int, float]):
    starts, ends, seconds = zip(*pairs, strict=True)
    return np.array(starts), np.array(ends), np.array(seconds, dtype=float)


def test_a_bent_street_between_two_junctions_is_one_arc_each_way():
    pairs = [(0, 1, 5.0), (1, 2, 7.0), (2, 1, 8.0), (1, 0, 6.0)]
    found = find_junctions(3, *arcs_of(*pairs))
    assert found.core.toarray().tolist() == [[0, 12], [14, 0]]
    assert found.behind[1].tolist() == [0, 1]
    assert found.behind_seconds[1].tolist() == [5, 8]
    assert found.ahead[1].tolist() == [1, 0]
    assert found.ahead_seconds[1].tolist() == [7, 6]


def test_the_shorter_of_two_streets_counts_and_a_circle_back_does_not():
    pairs = [(0, 1, 9.0), (0, 2, 1.0), (2, 1, 1.0), (1, 0, 4.0), (0, 0, 1.0), (0, 1, 3.0)]
    found = find_junctions(3, *arcs_of(*pairs))
    assert found.core.toarray().tolist() == [[0, 2], [4, 0]]


def test_a_ring_road_has_one_junction_by_appointment():
    found = find_junctions(3, *arcs_of((0, 1, 1.0), (1, 2, 2.0), (2, 0, 3.0)))
    assert found.core.shape == (1, 1)
    assert found.behind_seconds[:, 0].tolist() == [0, 1, 3]
    assert found.ahead_seconds[:, 0].tolist() == [0, 5, 3]


def test_a_node_that_turns_a_two_way_street_into_a_one_way_one_is_a_junction():
    pairs = [(0, 1, 1.0), (1, 0, 1.0), (1, 2, 1.0), (2, 0, 1.0)]
    assert find_junctions(3, *arcs_of(*pairs)).core.shape == (2, 2)


def test_an_arc_of_no_length_is_still_an_arc():
    found = find_junctions(2, *arcs_of((0, 1, 0.0), (1, 0, 2.0)))
    assert found.core.toarray()[0, 1] == pytest.approx(0.001)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=30))
def test_the_largest_part_reaches_all_of_itself(pairs):
    starts, ends = np.array(pairs).T
    kept = largest_strong_part(8, starts, ends)
    reached = np.eye(8, dtype=bool)
    reached[starts, ends] = True
    for _ in range(3):
        reached = (reached.astype(int) @ reached) > 0
    mutual = reached & reached.T
    assert kept.sum() == mutual.sum(axis=1).max()
    assert mutual[np.ix_(kept, kept)].all()
