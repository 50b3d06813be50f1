"""Are the two tables of a road graph read as they are written, and every fault named?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.road_tables import read_road_tables

NODES = b"""nodes,,,
index,x,y,offRoadAccess,
1.0,174.70,-36.76,0.0
2.0,174.71,-36.76,1.0
3.0,174.72,-36.77,1.0
,
"""
ARCS = b"""miscData,,,
arcForm,numModes,
directed,2
,
arcs,,,
index,fromNode,toNode,distance,mode_1,mode_2,
1.0,1.0,2.0,0.9,0.00001,0.00002
2.0,2.0,3.0,0.9,0.00002,0.00004
,
trailing,nonsense
"""


def faults_of(nodes, arcs):
    with pytest.raises(Invalid) as refusal:
        read_road_tables(nodes, arcs)
    return str(refusal.value)


def test_times_in_days_become_seconds_of_the_slowest_mode():
    network = read_road_tables(NODES, ARCS)
    assert network.places.tolist() == [[-36.76, 174.70], [-36.76, 174.71], [-36.77, 174.72]]
    assert network.arcs.tolist() == [[0, 1], [1, 2]]
    assert network.seconds.tolist() == pytest.approx([1.728, 3.456])
    assert network.accessible.tolist() == [False, True, True]


def test_plain_tables_of_seconds_are_read_as_well():
    network = read_road_tables(
        b"\xef\xbb\xbfid,lat,lon\na,28.2,113.0\nb,28.3,113.1\n", b"from,to,seconds\nb,a,40.5\n"
    )
    assert network.arcs.tolist() == [[1, 0]]
    assert network.seconds.tolist() == [40.5]
    assert network.accessible.all()


def test_arcs_without_a_direction_are_driven_both_ways():
    network = read_road_tables(NODES, ARCS.replace(b"\ndirected", b"\nundirected"))
    assert network.arcs.tolist() == [[0, 1], [1, 2], [1, 0], [2, 1]]
    assert network.seconds.tolist() == pytest.approx([1.728, 3.456] * 2)


def test_a_graph_without_arcs_has_none():
    network = read_road_tables(NODES, b"from,to,seconds\n")
    assert network.arcs.shape == (0, 2)
    assert network.seconds.shape == (0,)


@pytest.mark.parametrize(
    ("nodes", "arcs", "expected"),
    [
        (NODES.replace(b"174.71", b"east"), ARCS, "nodes.csv, line 4, lon: “east”"),
        (NODES.replace(b"174.71", b"nan"), ARCS, "nodes.csv, line 4, lon: “nan”"),
        (NODES.replace(b"174.71", b"1174.7"), ARCS, "nodes.csv, line 4, x: 1174.7 is out of range"),
        (NODES.replace(b"-36.77", b"-96.77"), ARCS, "nodes.csv, line 5, y: -96.77 is out of range"),
        (NODES.replace(b"2.0,174", b"1.0,174"), ARCS, "nodes.csv, line 4, index: Give each node"),
        (NODES.replace(b"index,x", b"index,z"), ARCS, "nodes.csv: No row names the columns"),
        (b"\xff\xfe", ARCS, "nodes.csv: Byte 1 is not UTF-8"),
        (NODES, ARCS.replace(b"1.0,2.0,0.9", b"9.0,2.0,0.9"), "line 7, from: There is no node “9”"),
        (NODES, ARCS.replace(b"0.00004", b"-4"), "arcs.csv, line 8, mode_2: An arc takes"),
        (NODES, ARCS.replace(b"0.00004", b"1e308"), "arcs.csv, line 8, mode_2: An arc takes"),
        (
            NODES,
            ARCS.replace(b"0.00004", b'"' + b"4" * 200_000),
            "line 8: A quote that opens in this row",
        ),
        (NODES, ARCS.replace(b"0.00004", b""), "arcs.csv, line 8, mode_2: “” is not a number"),
        (NODES, ARCS.replace(b",0.00004", b""), "arcs.csv, line 8, mode_2: “” is not a number"),
        (NODES, ARCS.replace(b"mode_", b"time"), "arcs.csv, seconds: No column says how long"),
        (NODES, b"", "arcs.csv: No row names the columns fromnode, tonode"),
    ],
)
def test_a_fault_is_named_by_file_line_and_field(nodes, arcs, expected):
    assert expected in faults_of(nodes, arcs)


CELLS = st.sampled_from(["1", "2", "1.0", "x", "", "nan", "inf", "1e308", "-1", "0", '"'])
ROWS = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=5)


@given(ROWS, ROWS)
def test_whatever_is_written_is_read_or_refused(nodes, arcs):
    try:
        network = read_road_tables(
            "\n".join(["index,x,y", *nodes]).encode(),
            "\n".join(["from,to,mode_1,mode_2", *arcs]).encode(),
        )
    except Invalid:
        return
    assert np.isfinite(network.places).all()
    assert ((network.seconds >= 0) & (network.seconds <= 86_400)).all()
