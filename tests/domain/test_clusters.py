"""Are clusters those that looking at every two tickets finds, however few are counted at once?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import clusters as module
from dispatch.domain.clusters import CLUSTER_DAYS, CLUSTER_METRES, clusters
from dispatch.domain.common_problems import LEAST_TICKETS
from dispatch.domain.facts import DAY
from dispatch.domain.nearby_calls import Spots
from dispatch.domain.place import Point, metres_between

NOTHING = Spots(*(np.empty(0, dtype=kind) for kind in (np.int64, np.int64, float, float, float)))


@pytest.fixture(scope="module", autouse=True, params=[1, 3, module._COUNTED_FIRST])
def counted_first(request):
    """Let few or many calls be counted at first, the others by what is at most around them."""
    patch = pytest.MonkeyPatch()
    patch.setattr(module, "_COUNTED_FIRST", request.param)
    yield
    patch.undo()


def spots(rows):
    """Turn (ticket, category, metres to the north, days) into columns."""
    if not rows:
        return NOTHING
    ticket, category, north, days = zip(*rows, strict=True)
    lat = 28.2 + np.array(north, dtype=float) / 111_195
    at = np.array(days, dtype=float) * DAY
    return Spots(np.array(ticket), np.array(category), lat, np.full(len(rows), 112.9), at)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([(1, 7, 0, 0), (2, 7, 199, 1), (3, 7, 10, 6.9)], [(3, 2, 1)]),
        ([(1, 7, 0, 0), (2, 7, 202, 1), (3, 7, 10, 2)], []),
        ([(1, 7, 0, 0), (2, 7, 10, 1), (3, 7, 10, 7.1)], []),
        ([(1, 7, 0, 0), (2, 8, 10, 1), (3, 7, 10, 2)], []),
    ],
)
def test_a_cluster_is_near_soon_and_of_one_category(rows, found):
    assert [one.tickets for one in clusters(spots(rows), NOTHING, 30)] == found


def test_what_the_place_always_has_is_no_cluster():
    now = [(number, 7, 0, number) for number in range(3)]
    before = [(100 + number, 7, 50, 0) for number in range(6)]
    elsewhere = [(200, 7, 500, 0), (201, 8, 0, 0)]
    [one] = clusters(spots(now), spots([*before[:5], *elsewhere]), 28)
    assert (one.before, one.usual) == (5, 1.25)
    assert clusters(spots(now), spots(before), 28) == []


def plainly(rows):
    """Find each cluster and its first by looking at every two tickets, again after each cluster."""
    left, found = sorted(rows, key=lambda row: (row[3], row[0])), []
    while True:
        grown = [[other for other in left if belongs(other, one)] for one in left]
        sizes = [len(each) for each in grown]
        if not sizes or max(sizes) < LEAST_TICKETS:
            return found
        best = grown[sizes.index(max(sizes))]
        first = left[sizes.index(max(sizes))]
        found.append((first, tuple(sorted((row[0] for row in best), reverse=True))))
        left = [row for row in left if row not in best]


def belongs(other, one):
    places = [Point(28.2 + row[2] / 111_195, 112.9) for row in (one, other)]
    return (
        other[1] == one[1]
        and 0 <= other[3] - one[3] <= CLUSTER_DAYS
        and metres_between(*places) <= CLUSTER_METRES
    )


row = st.tuples(st.integers(1, 2), st.integers(0, 9).map(lambda n: n * 60), st.integers(0, 20))
heaped = st.tuples(st.integers(1, 2), st.integers(0, 4).map(lambda n: n * 90), st.integers(0, 9))


@given(st.lists(row, max_size=25))
def test_clusters_are_those_that_looking_at_every_two_finds(found):
    rows = [(number, *each) for number, each in enumerate(found)]
    assert [one.tickets for one in clusters(spots(rows), NOTHING, 30)] == [
        tickets for _, tickets in plainly(rows)
    ]


@given(st.lists(row | heaped, max_size=40), st.lists(row, max_size=60), st.integers(1, 4))
def test_the_first_few_are_the_largest_that_are_more_than_usual(found, earlier, most):
    rows = [(number, *each) for number, each in enumerate(found)]
    before = [(100 + number, *each) for number, each in enumerate(earlier)]
    shown = clusters(spots(rows), spots(before), 30)
    expected = []
    for first, tickets in plainly(rows):
        usual = sum(belongs((*other[:3], first[3]), first) for other in before) * 7 / 30
        if len(tickets) > 2 * usual:
            expected.append((first[0], tickets, usual))
    assert [(one.first, one.tickets, one.usual) for one in shown] == expected
    assert clusters(spots(rows), spots(before), 30, most=most) == shown[:most]


@pytest.mark.parametrize("seed", range(12))
def test_clusters_that_share_tickets_wait_for_their_turn_again(seed):
    dice = np.random.default_rng(seed)
    north, days = dice.integers(0, 9, 60) * 90, dice.integers(0, 16, 60)
    rows = list(zip(range(60), [1] * 60, north.tolist(), days.tolist(), strict=True))
    assert [one.tickets for one in clusters(spots(rows), NOTHING, 30)] == [
        tickets for _, tickets in plainly(rows)
    ]
