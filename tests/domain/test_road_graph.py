"""Are drives on a road graph the shortest ones, and is what cannot be driven said to be so?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from dispatch.domain import road_graph
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Point
from dispatch.domain.road_graph import ACCESS_KMH, ROAD_GRAPH, RoadGraph
from dispatch.domain.road_tables import RoadNetwork
from dispatch.domain.travel import great_circle_metres

ACCESS = ACCESS_KMH / 3.6
SIDE = 6


def network(places, arcs, seconds, accessible=None):
    return RoadNetwork(
        np.array(places, dtype=float).reshape(-1, 2),
        np.array(arcs, dtype=np.int64).reshape(-1, 2),
        np.array(seconds, dtype=float),
        np.ones(len(places), bool) if accessible is None else np.array(accessible),
    )


def street(count=5, *, step=0.01, seconds=60.0):
    """Return a straight two-way street of nodes a kilometre apart."""
    places = [(28.2 + step * number, 113.0) for number in range(count)]
    arcs = [(a, a + 1) for a in range(count - 1)] + [(a + 1, a) for a in range(count - 1)]
    return network(places, arcs, [seconds] * len(arcs))


def test_a_drive_along_a_street_takes_its_arcs():
    graph = RoadGraph(street())
    seconds = graph.seconds(graph.places, graph.places)
    expected = np.abs(np.subtract.outer(np.arange(5), np.arange(5))) * 60.0
    assert seconds == pytest.approx(expected)
    assert (graph.source, graph.left_out, graph.junctions) == (ROAD_GRAPH, 0, 2)


def test_a_place_beside_the_road_is_reached_over_small_streets():
    graph = RoadGraph(street())
    origin, goal = np.array([[28.2, 113.005]]), np.array([[28.23, 113.0]])
    metres = great_circle_metres(origin, np.array([[28.2, 113.0]])).item()
    assert graph.seconds(origin, goal).item() == pytest.approx(180 + metres / ACCESS, rel=1e-3)


def test_neighbours_off_the_road_need_not_drive_to_it():
    graph = RoadGraph(street())
    origin, goal = np.array([[28.2, 113.005]]), np.array([[28.2005, 113.005]])
    metres = great_circle_metres(origin, goal).item()
    assert graph.seconds(origin, goal).item() == pytest.approx(metres / ACCESS)
    assert graph.seconds(origin, origin).item() == 0


def test_a_place_far_from_any_road_or_unknown_has_no_way():
    graph = RoadGraph(street(), farthest_metres=500)
    places = np.array([[28.2, 113.0], [28.2, 113.01], [np.nan, 113.0], [np.nan, np.nan]])
    assert np.isnan(graph.seconds(places, places)).tolist() == [
        [False, True, True, True],
        *[[True] * 4] * 3,
    ]


def test_no_places_have_no_drives():
    graph = RoadGraph(street())
    nowhere = np.empty((0, 2))
    assert graph.seconds(nowhere, graph.places).shape == (0, 5)
    assert graph.seconds(graph.places, nowhere).shape == (5, 0)
    assert graph.seconds(nowhere, nowhere).shape == (0, 0)


def test_beyond_the_limit_there_is_no_way():
    graph = RoadGraph(street(), limit=130.0)
    seconds = graph.seconds(graph.places[:1], graph.places)[0]
    assert seconds.tolist() == pytest.approx([0, 60, 120, np.nan, np.nan], nan_ok=True)


def test_an_hour_stretches_every_drive():
    graph = RoadGraph(street(), hour_factors=(1.0,) * 8 + (1.5,) + (1.0,) * 15)
    ends = graph.places[:1], graph.places[4:]
    assert graph.seconds(*ends, 8).item() == pytest.approx(360)
    assert graph.seconds(*ends, 9).item() == graph.seconds(*ends).item() == pytest.approx(240)


def test_a_motorway_cannot_be_left_halfway():
    middle_closed = street(3)
    middle_closed.accessible[1] = False
    graph = RoadGraph(middle_closed)
    place = middle_closed.places[1:2] - [[0.001, 0.0]]
    metres = great_circle_metres(place, middle_closed.places[:1]).item()
    to_end = graph.seconds(middle_closed.places[:1], place).item()
    assert to_end == pytest.approx(metres / ACCESS, rel=1e-3)


def test_parts_that_cannot_be_reached_are_left_out_and_counted():
    places = [(28.2, 113.0), (28.21, 113.0), (28.3, 113.0), (28.31, 113.0), (28.22, 113.0)]
    one_way_out = [(0, 1), (1, 0), (2, 3), (1, 4)]
    graph = RoadGraph(network(places, one_way_out, [60.0] * 4))
    assert graph.left_out == 3
    assert np.isnan(graph.seconds(graph.places, np.array([[28.3, 113.0]]))).all()


@pytest.mark.parametrize(
    "streets",
    [
        network([], [], []),
        network([(28.2, 113.0)], [], []),
        network([(28.2, 113.0), (28.3, 113.0)], [(0, 1)], [60.0]),
        network([(28.2, 113.0), (28.3, 113.0)], [(0, 1), (1, 0)], [60.0] * 2, [False, False]),
    ],
)
def test_a_graph_without_a_drive_is_refused(streets):
    with pytest.raises(Invalid, match="No road leads"):
        RoadGraph(streets)


def test_the_reach_grows_with_the_time_and_shrinks_in_the_rush_hour():
    graph = RoadGraph(street(), hour_factors=(2.0,) * 24)
    origin = graph.places[:1]
    assert len(graph.reach(origin, 125)) == 3
    assert len(graph.reach(origin, 125, hour=8)) == 2
    assert len(graph.reach(np.array([[0.0, 0.0]]), 1e6)) == 0
    assert len(RoadGraph(street(), limit=70).reach(origin, 125)) == 2


def town(seed, drop):
    """Return a grid of streets at random speeds, some one way and some closed."""
    random = np.random.default_rng(seed)
    places = [(28.2 + 0.004 * row, 113.0 + 0.004 * column)
              for row in range(SIDE) for column in range(SIDE)]  # fmt: skip
    pairs = [(at, at + 1) for at in range(SIDE**2) if (at + 1) % SIDE]
    pairs += [(at, at + SIDE) for at in range(SIDE * (SIDE - 1))]
    arcs = [arc for a, b in pairs for arc in ((a, b), (b, a)) if random.random() > drop]
    return network(places, arcs, random.uniform(5, 100, len(arcs)))


def drives_by_the_book(graph, streets):
    """Return the shortest drives between the kept nodes by a search on all arcs."""
    count = len(streets.places)
    rows = [np.flatnonzero((streets.places == place).all(axis=1))[0] for place in graph.places]
    table = csr_matrix((streets.seconds, streets.arcs.T), shape=(count, count))
    return dijkstra(table)[np.ix_(rows, rows)]


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.2, 0.45]))
def test_contracted_drives_are_those_of_a_search_on_every_arc(seed, drop):
    streets = town(seed, drop)
    graph = RoadGraph(streets)
    everywhere = np.arange(len(graph.places))
    expected = drives_by_the_book(graph, streets)
    some = everywhere[: max(1, len(everywhere) // 3)]
    assert graph._between(some, everywhere) == pytest.approx(expected[some], rel=1e-5)
    fresh = RoadGraph(streets)
    assert fresh._between(everywhere, some) == pytest.approx(expected[:, some], rel=1e-5)


def test_the_memory_for_searches_is_bounded_and_forgets_nothing_that_matters(monkeypatch):
    monkeypatch.setattr(road_graph, "BATCH", 3)
    streets = town(7, 0.1)
    small, large = RoadGraph(streets, cache_megabytes=0.0001), RoadGraph(streets)
    for _ in range(2):
        assert (
            small.seconds(small.places, small.places).tolist()
            == large.seconds(large.places, large.places).tolist()
        )
    assert len(small._drives._slots) == 3
    assert small._drives._table.shape == (3, small.junctions)
    assert len(large._drives._slots) == large.junctions


def test_a_drive_asked_again_is_not_searched_again(monkeypatch):
    graph = RoadGraph(town(3, 0.1))
    first = graph.seconds(graph.places[:4], graph.places)
    monkeypatch.setattr(road_graph, "dijkstra", None)
    assert graph.seconds(graph.places[:4], graph.places).tolist() == first.tolist()


def at(place):
    return Point(*(float(each) for each in place))


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.2]))
def test_the_streets_of_a_drive_take_as_long_as_it(seed, drop):
    streets = town(seed, drop)
    graph = RoadGraph(streets)
    origin, goal = graph.places[0], graph.places[-1]
    way = graph.way(at(origin), at(goal))
    row_of = {tuple(place): row for row, place in enumerate(streets.places.tolist())}
    rows = [row_of[tuple(place)] for place in way[1:-1].tolist()]
    arcs = dict(zip(map(tuple, streets.arcs.tolist()), streets.seconds.tolist(), strict=True))
    assert sum(arcs[pair] for pair in pairwise(rows)) == pytest.approx(
        graph.seconds(graph.places[:1], graph.places[-1:]).item(), rel=1e-5
    )
    assert (way[0].tolist(), way[-1].tolist()) == (origin.tolist(), goal.tolist())


def test_of_two_streets_between_two_junctions_the_shorter_is_driven():
    both = street(3)
    detour = network(
        [*both.places, (28.21, 113.01)],
        [*both.arcs, (0, 2), (2, 0), (0, 3), (3, 2), (3, 0), (2, 3)],
        [*both.seconds, 500.0, 500.0, 10.0, 10.0, 10.0, 10.0],
    )
    way = RoadGraph(detour).way(at(both.places[0]), at(both.places[2]))
    assert [28.21, 113.01] in way.tolist()


def test_where_no_street_is_driven_none_is_given():
    graph = RoadGraph(street(), farthest_metres=500, limit=130.0)
    first, far = at(graph.places[0]), Point(28.2, 113.01)
    assert graph.way(first, far) is None
    assert graph.way(first, at(graph.places[4])) is None
    beside = RoadGraph(street()).way(Point(28.2, 113.005), Point(28.2005, 113.005))
    assert beside.tolist() == [[28.2, 113.005], [28.2005, 113.005]]


def test_the_streets_of_a_box_are_those_with_an_end_in_it_once_for_both_directions():
    graph = RoadGraph(street())
    lats = graph.places[:, 0]
    found = graph.streets_in(lats[1] - 1e-6, 112.9, lats[1] + 1e-6, 113.1)
    assert found.tolist() == [[lats[0], 113.0, lats[1], 113.0], [lats[1], 113.0, lats[2], 113.0]]
    assert graph.streets_in(0, 0, 1, 1).shape == (0, 4)
    assert graph.knows_streets
