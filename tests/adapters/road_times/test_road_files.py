"""Is a road graph read from where a utility keeps it, and what is broken refused by name?"""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import pytest

from dispatch.adapters.road_times import road_files
from dispatch.adapters.road_times.road_files import read_roads
from dispatch.domain.errors import Invalid
from dispatch.domain.road_graph import RoadGraph

NODES = b"index,x,y\n1,113.0,28.2\n2,113.1,28.2\n"
ARCS = b"from,to,seconds\n1,2,60\n2,1,60\n"
WAY = {"type": "way", "nodes": [1, 2], "tags": {"highway": "primary"}}
OVERPASS = {
    "elements": [
        {"type": "node", "id": 1, "lat": 28.2, "lon": 113.0},
        {"type": "node", "id": 2, "lat": 28.2, "lon": 113.1},
        WAY,
    ]
}


def packed(path, **members: bytes):
    with tarfile.open(path, "w:gz") as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"roads/{name}.csv")
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))


def refusal(path):
    with pytest.raises(Invalid) as refused:
        read_roads(path)
    return str(refused.value)


def test_a_folder_of_tables(tmp_path):
    (tmp_path / "nodes.csv").write_bytes(NODES)
    (tmp_path / "arcs.csv").write_bytes(ARCS)
    assert len(read_roads(tmp_path).arcs) == 2


def test_packed_tables(tmp_path):
    packed(tmp_path / "roads.tar.gz", nodes=NODES, arcs=ARCS, other=b"x")
    assert len(read_roads(tmp_path).arcs) == 2


@pytest.mark.parametrize("name", ["roads.json", "roads.json.gz"])
def test_an_overpass_file(tmp_path, name):
    content = json.dumps(OVERPASS).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert len(read_roads(tmp_path / name).arcs) == 2


def test_an_osm_file(tmp_path):
    (tmp_path / "town.osm.gz").write_bytes(
        gzip.compress(
            b'<osm><node id="1" lat="28.2" lon="113.0"/><node id="2" lat="28.2" lon="113.1"/>'
            b'<way><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>'
        )
    )
    assert len(read_roads(tmp_path / "town.osm.gz").arcs) == 2


def test_what_is_missing_or_broken_is_named(tmp_path, monkeypatch):
    assert "nodes.csv: It cannot be read: No such file" in refusal(tmp_path)
    (tmp_path / "nodes.csv").write_bytes(NODES)
    assert "arcs.csv: It cannot be read: No such file" in refusal(tmp_path)
    (tmp_path / "nodes.csv").unlink()
    packed(tmp_path / "roads.tar.gz", nodes=NODES)
    assert refusal(tmp_path) == "roads.tar.gz: It holds no arcs.csv."
    (tmp_path / "roads.tar.gz").write_bytes(b"no archive")
    assert "roads.tar.gz: It cannot be read: ReadError" in refusal(tmp_path)
    (tmp_path / "roads.json.gz").write_bytes(b"no archive")
    assert "roads.json.gz: It cannot be read: BadGzipFile" in refusal(tmp_path / "roads.json.gz")
    monkeypatch.setattr(road_files, "MOST_BYTES", 10)
    (tmp_path / "roads.json").write_bytes(json.dumps(OVERPASS).encode())
    assert "larger than 512 MB" in refusal(tmp_path / "roads.json")


@pytest.mark.shared_data
def test_auckland_is_one_part_of_which_few_nodes_are_junctions(shared_data):
    graph = RoadGraph(read_roads(shared_data / "auckland_roads"))
    assert (len(graph.places), graph.left_out, graph.junctions) == (54_370, 0, 4_251)
    centre = [[-36.8485, 174.7633]]
    airport = [[-37.0040, 174.7850]]
    minutes = graph.seconds(centre, airport).item() / 60
    assert 20 < minutes < 45


@pytest.mark.shared_data
def test_the_centre_of_boston_loses_what_its_edge_cuts_off(shared_data):
    graph = RoadGraph(read_roads(shared_data / "boston_center_roads.json"))
    assert len(graph.places) > 3_000
    assert graph.left_out > 0
    assert graph.seconds([[42.3601, -71.0589]], [[42.3520, -71.0650]]).item() < 900
