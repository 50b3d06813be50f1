"""Is each road server asked in its own words and datum, and its answer read back?"""

from __future__ import annotations

import math
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.adapters.road_times.asking import NoAnswer
from dispatch.adapters.road_times.servers import Amap, Baidu, Osrm, Valhalla, seconds_of, way_of
from dispatch.domain.place import Datum, Point, from_wgs84

ORIGINS = np.array([[28.2, 112.9], [28.3, 113.0]])
GOALS = np.array([[28.25, 112.95]])
SERVERS = [Osrm(), Valhalla(), Amap(key="k"), Baidu(key="k")]
LIMITS = {
    "osrm": lambda m, n: m + n <= 100,
    "valhalla": lambda m, n: m * n <= 2500,
    "amap": lambda m, n: m <= 100 and n <= 1,
    "baidu": lambda m, n: m * n <= 50,
}


def query_of(question):
    return {name: values[0] for name, values in parse_qs(urlsplit(question.path).query).items()}


def test_osrm_is_asked_longitude_first():
    question = Osrm().question(ORIGINS, GOALS)
    assert question.path == (
        "/table/v1/driving/112.900000,28.200000;113.000000,28.300000;112.950000,28.250000"
        "?sources=0;1&destinations=2&annotations=duration"
    )
    assert Osrm().read({"code": "Ok", "durations": [[60.5], [None]]}, 2, 1) == [[60.5], [None]]


def test_valhalla_is_posted_the_places_and_answers_in_two_forms():
    question = Valhalla().question(ORIGINS, GOALS)
    assert question.body["sources"] == [{"lat": 28.2, "lon": 112.9}, {"lat": 28.3, "lon": 113.0}]
    assert question.body["targets"] == [{"lat": 28.25, "lon": 112.95}]
    concise = {"sources_to_targets": {"durations": [[7], [None]], "distances": [[1], [1]]}}
    verbose = {"sources_to_targets": [[{"time": 7, "distance": 1}], [{"time": None}]]}
    assert Valhalla().read(concise, 2, 1) == Valhalla().read(verbose, 2, 1) == [[7], [None]]


def test_amap_is_asked_in_gcj02():
    question = query_of(Amap(key="secret").question(ORIGINS, GOALS))
    goal = from_wgs84(Point(28.25, 112.95), Datum.GCJ02)
    assert question["destination"] == f"{goal.lon:.6f},{goal.lat:.6f}"
    assert len(question["origins"].split("|")) == 2
    assert (question["type"], question["key"]) == ("1", "secret")


def test_amap_answers_by_the_number_of_the_origin():
    results = [
        {"origin_id": "2", "dest_id": "1", "distance": "900", "duration": "120"},
        {"origin_id": "1", "dest_id": "1", "duration": "0", "code": "2", "info": "no road"},
        {"origin_id": "x", "duration": "5"},
        {"origin_id": "9", "duration": "5"},
    ]
    answer = {"status": "1", "infocode": "10000", "results": results}
    assert Amap().read(answer, 2, 1) == [[None], ["120"]]


def test_baidu_is_asked_in_bd09_and_answers_origin_by_origin():
    question = query_of(Baidu(key="secret").question(ORIGINS, GOALS))
    goal = from_wgs84(Point(28.25, 112.95), Datum.BD09)
    assert question["destinations"] == f"{goal.lat:.6f},{goal.lon:.6f}"
    assert (question["coord_type"], question["ak"]) == ("bd09ll", "secret")
    pairs = [{"duration": {"value": value}} for value in (1, 2, 3)] + [{"distance": {}}]
    assert Baidu().read({"status": 0, "result": pairs}, 2, 2) == [[1, 2], [3, None]]


@given(st.sampled_from(SERVERS), st.integers(1, 2000), st.integers(1, 2000))
def test_no_question_is_larger_than_its_server_allows(server, origins, goals):
    rows, columns = server.block(origins, goals)
    assert 1 <= rows <= origins
    assert 1 <= columns <= goals
    assert LIMITS[server.source](rows, columns)


@pytest.mark.parametrize(
    ("server", "answer"),
    [
        (Osrm(), {"code": "InvalidQuery"}),
        (Osrm(), []),
        (Osrm(), {"code": "Ok", "durations": None}),
        (Osrm(), {"code": "Ok", "durations": [3]}),
        (Valhalla(), {"error_code": 154, "error": "too far"}),
        (Valhalla(), {"sources_to_targets": [["near"]]}),
        (Amap(), {"status": "0", "infocode": "10003"}),
        (Amap(), {"status": "1", "results": [1]}),
        (Baidu(), {"status": 302}),
        (Baidu(), {"status": 0, "result": []}),
        (Baidu(), {"status": 0, "result": ["far", "near"]}),
    ],
)
def test_a_refusal_or_another_shape_is_no_answer(server, answer):
    with pytest.raises(NoAnswer):
        server.read(answer, 2, 1)


def test_a_refusal_says_its_code():
    with pytest.raises(NoAnswer, match="code 10003"):
        Amap().read({"status": "0", "infocode": "10003"}, 2, 1)


def test_what_cannot_be_driven_is_not_a_number():
    rows = [[60, "90.5", None], [-1, float("inf"), math.nan], ["Infinity", [], ""]]
    found = seconds_of(rows, (3, 3))
    assert found[0].tolist() == pytest.approx([60, 90.5, math.nan], nan_ok=True)
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize(
    "rows", [[[1]], [[1, 2], [3]], [[1, 2], [3, "soon"]], [[1, 2], [3, {}]], [[1, 2], [3, 10**400]]]
)
def test_what_is_no_matrix_of_numbers_is_no_answer(rows):
    with pytest.raises(NoAnswer, match="not the matrix"):
        seconds_of(rows, (2, 2))


def test_osrm_gives_the_streets_of_a_drive():
    question = Osrm().way_question(Point(28.2, 112.9), Point(28.25, 112.95))
    assert question.path == (
        "/route/v1/driving/112.900000,28.200000;112.950000,28.250000"
        "?overview=full&geometries=geojson&steps=false"
    )
    line = [[112.9, 28.2], [112.93, 28.2], [112.95, 28.25]]
    answer = {"code": "Ok", "routes": [{"geometry": {"coordinates": line}}]}
    assert way_of(Osrm().read_way(answer)).tolist() == [[lat, lon] for lon, lat in line]


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "NoRoute"}, {"code": "Ok"}, {"code": "Ok", "routes": []},
        {"code": "Ok", "routes": [{"geometry": "poly"}]}, [],
        *(
            {"code": "Ok", "routes": [{"geometry": {"coordinates": line}}]}
            for line in ([], [[1, 2]], [[1, 2], [3]], [[1, 2], ["x", 2]], [[1, 2], [1, 95]],
                         [[1, 2], [1, math.nan]], [[1, 2], [1, 10**400]], [[1, 2], 7])
        ),
    ],
)  # fmt: skip
def test_streets_that_are_none_are_refused(answer):
    with pytest.raises(NoAnswer):
        way_of(Osrm().read_way(answer))


def test_valhalla_gives_the_streets_in_the_form_of_osrm():
    question = Valhalla().way_question(Point(28.2, 112.9), Point(28.25, 112.95))
    assert question.path == "/route"
    assert question.body["locations"] == [
        {"lat": 28.2, "lon": 112.9},
        {"lat": 28.25, "lon": 112.95},
    ]
    assert (question.body["format"], question.body["shape_format"]) == ("osrm", "geojson")
    line = {"type": "LineString", "coordinates": [[112.9, 28.2], [112.95, 28.25]]}
    answer = {"code": "Ok", "routes": [{"geometry": line, "legs": []}]}
    assert way_of(Valhalla().read_way(answer)).tolist() == [[28.2, 112.9], [28.25, 112.95]]
    with pytest.raises(NoAnswer, match="NoRoute"):
        Valhalla().read_way({"code": "NoRoute"})


@pytest.mark.parametrize("server", SERVERS[2:])
def test_other_servers_are_not_asked_for_streets(server):
    assert server.way_question(Point(28.2, 112.9), Point(28.25, 112.95)) is None
    with pytest.raises(NoAnswer):
        server.read_way({})
