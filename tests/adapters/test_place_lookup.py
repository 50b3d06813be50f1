"""Does an online geocoder help a call, and never hold it up?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.adapters.place_lookup import lookup_for
from dispatch.config import Settings
from tests.road_servers import StandIn

THREE = [
    {"lat": lat, "lon": "112.9", "display_name": f"Renmin Road 3, {name}"}
    for lat, name in (("28.1", "Furong"), ("28.2", "Yuelu"), ("28.3", "<b>Tianxin</b> 🚰"))
]
AMAP = {
    "status": "1",
    "geocodes": [
        {"formatted_address": f"湖南省长沙市{part}人民路3号", "location": f"112.9{at},28.1{at}"}
        for at, part in enumerate(("芙蓉区", "天心区", "岳麓区"))
    ],
}
BAIDU = {"status": 0, "result": {"location": {"lat": 28.2, "lng": 112.9}, "level": "门址"}}
BUDGET = 0.3


@pytest.fixture
def server():
    stand_in = StandIn()
    yield stand_in
    stand_in.stop()


def lookup(server: StandIn, geocoder: str = "nominatim"):
    found = lookup_for(
        Settings(
            data_dir=Path("unused"), geocoder=geocoder, geocoder_url=server.url, geocoder_key="k"
        ),
        BUDGET,
    )
    found._ask.min_delay_seconds = 0.0
    return found


def test_none_is_configured_by_default():
    assert lookup_for(Settings(data_dir=Path("unused"))) is None


def test_three_answers_are_three_places_in_the_datum_of_their_source(server):
    server.respond = lambda *_asked: THREE
    found = lookup(server).find("Renmin Road 3")
    assert found.fault is None
    assert [(each.name, each.at.lat, each.at.datum) for each in found.places] == [
        ("Renmin Road 3, Furong", 28.1, "wgs84"),
        ("Renmin Road 3, Yuelu", 28.2, "wgs84"),
        ("Renmin Road 3, <b>Tianxin</b> 🚰", 28.3, "wgs84"),
    ]
    [(path, query, _body)] = server.asked
    assert (path, query["q"], query["limit"]) == ("/search", ["Renmin Road 3"], ["5"])
    assert query["viewbox"] == ["112.27,27.5,113.67,28.9"]


def test_amap_answers_in_gcj02_with_the_longitude_first(server):
    server.respond = lambda *_asked: AMAP
    found = lookup(server, "amap").find("人民路3号")
    assert [each.name for each in found.places] == [
        "湖南省长沙市芙蓉区人民路3号",
        "湖南省长沙市天心区人民路3号",
        "湖南省长沙市岳麓区人民路3号",
    ]
    at = found.places[1].at
    assert (at.lat, at.lon, at.datum, at.source) == (28.11, 112.91, "gcj02", "amap")


def test_baidu_answers_one_place_in_bd09_under_the_typed_name(server):
    server.respond = lambda *_asked: BAIDU
    [place] = lookup(server, "baidu").find("五一广场").places
    assert (place.name, place.at.datum, place.at.lon) == ("五一广场", "bd09", 112.9)


@pytest.mark.parametrize("answer", [[], {"status": "1", "geocodes": []}, {"status": 0}])
def test_no_place_is_an_answer_too_and_is_kept(server, answer):
    server.respond = lambda *_asked: answer
    kind = "nominatim" if answer == [] else "amap" if "geocodes" in answer else "baidu"
    asked = lookup(server, kind)
    for _ in range(2):
        assert (asked.find("nowhere").places, asked.find(" Nowhere ").fault) == ((), None)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("respond", "why"),
    [
        (lambda *_asked: "drip", "It took too long."),
        (lambda *_asked: (500, {}, b"broken"), "It answered with status 500."),
        (lambda *_asked: (200, {}, b"<html>"), "Its answer is not JSON."),
        (lambda *_asked: {"odd": True}, "Its answer cannot be read."),
        (lambda *_asked: [{"lat": "up", "lon": "9"}], "Its answer cannot be read."),
        (
            lambda *_asked: [{"lat": 0, "lon": 0, "display_name": "x"}],
            "Its answer cannot be read.",
        ),
        (lambda *_asked: 7, "Its answer cannot be read."),
    ],
)
def test_silence_and_nonsense_are_told_and_asked_again(server, respond, why):
    server.respond = respond
    asked = lookup(server)
    found = asked.find("Wuyi Road")
    assert (found.places, str(found.fault)) == ((), why)
    server.respond = lambda *_asked: THREE
    assert len(asked.find("Wuyi Road").places) == 3


def test_a_server_that_hangs_is_left_in_time(server):
    server.respond = server.hang
    assert str(lookup(server).find("Wuyi Road").fault) == "It took too long."


def test_a_server_that_is_not_there_is_told(server):
    gone = lookup(server)
    server.stop()
    assert str(gone.find("Wuyi Road").fault) == "The connection failed."


def test_a_refused_key_is_told_without_the_key(server):
    server.respond = lambda *_asked: {"status": "0", "info": "INVALID_USER_KEY"}
    fault = lookup(server, "amap").find("人民路").fault
    assert str(fault) == "It refuses: INVALID_USER_KEY."


def test_only_the_newest_answers_are_kept(server, monkeypatch):
    monkeypatch.setattr("dispatch.adapters.place_lookup.MOST_KEPT", 1)
    server.respond = lambda *_asked: THREE
    asked = lookup(server)
    for address in ("a", "b", "a"):
        asked.find(address)
    assert len(server.asked) == 3
