"""Is a road server asked for exactly what is not known yet?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.adapters.road_times import asked
from dispatch.adapters.road_times.asked import AskedTimes
from dispatch.adapters.road_times.asking import NoAnswer
from dispatch.adapters.road_times.memory import DriveMemory
from dispatch.adapters.road_times.servers import Amap, Osrm
from dispatch.domain.place import Point
from dispatch.domain.travel import StraightLine

PLACES = np.array([[28.20 + 0.01 * number, 112.9] for number in range(60)])


def table(path, query, body):
    """Answer as OSRM would in a city without bends."""
    pairs = [each.split(",") for each in path.removeprefix("/table/v1/driving/").split(";")]
    places = np.array([(float(lat), float(lon)) for lon, lat in pairs])
    sources = [int(each) for each in query["sources"][0].split(";")]
    goals = [int(each) for each in query["destinations"][0].split(";")]
    seconds = StraightLine().seconds(places[sources], places[goals])
    return {"code": "Ok", "durations": seconds.tolist()}


@pytest.fixture
def osrm(road_server):
    """Return OSRM's times from a stand-in without bends."""
    road_server.respond = table
    return AskedTimes(Osrm(), road_server.url, 5.0)


def pairs_asked(road_server):
    return [
        (len(query["sources"][0].split(";")), len(query["destinations"][0].split(";")))
        for _path, query, _body in road_server.asked
    ]


def test_a_matrix_is_put_together_from_its_parts(osrm, road_server):
    found = osrm.seconds(PLACES, PLACES[::-1], 8)
    assert found == pytest.approx(StraightLine().seconds(PLACES, PLACES[::-1]), rel=1e-4, abs=0.1)
    assert sorted(pairs_asked(road_server)) == [(10, 10), (10, 50), (50, 10), (50, 50)]
    assert (osrm.source, osrm.name) == ("osrm", "OSRM")


def test_only_a_crew_that_moved_and_a_new_ticket_are_asked_for(osrm, road_server):
    osrm.seconds(PLACES[:20], PLACES[20:40], 8)
    del road_server.asked[:]
    moved, opened = PLACES[:20].copy(), PLACES[20:41]
    moved[3] += [0.0, 0.05]
    found = osrm.seconds(moved, opened, 9)
    assert found == pytest.approx(StraightLine().seconds(moved, opened), rel=1e-4)
    assert pairs_asked(road_server) == [(1, 21), (19, 1)]
    del road_server.asked[:]
    osrm.seconds(moved, opened, 9)
    assert road_server.asked == []


def test_neighbours_share_their_answer(osrm, road_server):
    middle = np.array([[28.20003, 112.90003]])
    osrm.seconds(middle, PLACES[5:6], 8)
    osrm.seconds(middle + 1e-5, PLACES[5:6], 8)
    assert len(road_server.asked) == 1


def test_traffic_is_asked_for_again_in_another_hour_and_when_it_is_old(road_server):
    road_server.respond = lambda *_asked: {
        "status": "1",
        "results": [{"origin_id": "1", "duration": "900"}],
    }
    now = [1000.0]
    amap = AskedTimes(Amap(key="k"), road_server.url, 5.0, clock=lambda: now[0])
    for hour in (8, 8, 9):
        assert amap.seconds(PLACES[:1], PLACES[1:2], hour).item() == 900
    assert len(road_server.asked) == 2
    now[0] += 901
    amap.seconds(PLACES[:1], PLACES[1:2], 9)
    assert len(road_server.asked) == 3


def test_unknown_places_are_not_asked_for(osrm, road_server):
    places = np.vstack((PLACES[:1], [[np.nan, np.nan]]))
    found = osrm.seconds(places, PLACES[1:2], 8)
    assert np.isnan(found[1, 0])
    assert not np.isnan(found[0, 0])
    assert pairs_asked(road_server) == [(1, 1)]
    assert osrm.seconds(places[1:], PLACES, 8).shape == (1, 60)
    assert osrm.seconds(np.empty((0, 2)), PLACES, 8).shape == (0, 60)


def test_what_came_in_before_the_failure_is_kept(osrm, road_server):
    def break_after_one(path, query, body):
        return table(path, query, body) if len(road_server.asked) == 1 else (503, {}, b"")

    road_server.respond = break_after_one
    with pytest.raises(NoAnswer, match="status 503"):
        osrm.seconds(PLACES[:60], PLACES[:50], 8)
    road_server.respond = table
    del road_server.asked[:]
    osrm.seconds(PLACES[:60], PLACES[:50], 8)
    assert pairs_asked(road_server) == [(10, 50)]


def test_a_place_off_the_roads_costs_no_other_its_drive(osrm, road_server):
    at_sea = PLACES[7]

    def refuse_the_sea(path, query, body):
        if f"{at_sea[1]:.6f},{at_sea[0]:.6f}" in path:
            return 400, {}, b'{"code": "NoSegment"}'
        return table(path, query, body)

    road_server.respond = refuse_the_sea
    found = osrm.seconds(PLACES[:20], PLACES[20:40], 8)
    expected = StraightLine().seconds(PLACES[:20], PLACES[20:40])
    expected[7] = np.nan
    assert found == pytest.approx(expected, rel=1e-4, nan_ok=True)
    asked_once = len(road_server.asked)
    osrm.seconds(PLACES[:20], PLACES[20:40], 8)
    assert len(road_server.asked) == asked_once


def test_a_server_that_refuses_everything_is_not_asked_for_ever(road_server):
    road_server.respond = lambda *_asked: (400, {}, b"{}")
    server = replace(Osrm(), most_requests=9)
    with pytest.raises(NoAnswer, match="status 400"):
        AskedTimes(server, road_server.url, 5.0).seconds(PLACES[:20], PLACES[20:40], 8)
    assert len(road_server.asked) <= 18


def test_a_server_that_answers_nothing_but_zeros_is_not_believed(osrm, road_server):
    road_server.respond = lambda *_asked: {"code": "Ok", "durations": [[0.0]]}
    with pytest.raises(NoAnswer, match="impossibly fast"):
        osrm.seconds(PLACES[:1], PLACES[50:51], 8)
    assert osrm.seconds(PLACES[:1], PLACES[:1], 8).item() == 0


def test_more_places_or_requests_than_one_question_may_cost_are_not_asked(road_server):
    small = AskedTimes(Osrm(), road_server.url, 5.0, memory=DriveMemory(most_cells=5))
    with pytest.raises(NoAnswer, match="too many places"):
        small.seconds(PLACES, PLACES[:1], 8)
    frugal = AskedTimes(replace(Osrm(), most_requests=3), road_server.url, 5.0)
    with pytest.raises(NoAnswer, match="4 requests"):
        frugal.seconds(PLACES, PLACES, 8)
    assert road_server.asked == []


class Unbent(Osrm):
    """A server of a city without bends, whose questions are their own answers."""

    def question(self, origins, goals):
        return StraightLine().seconds(origins, goals)

    def read(self, answer, origins, goals):
        del origins, goals
        return answer.tolist()


class Echo:
    """A line on which every question is its own answer."""

    def __init__(self, *_url_and_deadline: object) -> None:
        self.ask = lambda question: question

    def __enter__(self) -> Echo:  # noqa: PYI034  nothing inherits from it
        return self

    def __exit__(self, *_fault: object) -> None:
        """Hang up."""


SOME = st.lists(st.integers(0, 11), min_size=1, max_size=8, unique=True)


@given(st.lists(st.tuples(SOME, SOME, st.sampled_from([8, 9])), max_size=6), st.booleans())
def test_whatever_was_asked_before_the_answer_is_the_same(asked_in_turn, traffic):
    server = replace(Unbent(), knows_traffic=traffic)
    times = AskedTimes(server, "", 5.0, memory=DriveMemory(most_cells=8, most_hours=1))
    places = PLACES[:12]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asked, "Line", Echo)
        for origins, goals, hour in asked_in_turn:
            found = times.seconds(places[origins], places[goals], hour)
            expected = StraightLine().seconds(places[origins], places[goals])
            assert found == pytest.approx(expected, rel=1e-5)


def test_the_streets_of_a_drive_are_asked_for(osrm, road_server):
    line = {"coordinates": [[112.9, 28.2], [112.9, 28.21]]}
    road_server.respond = lambda *_asked: {"code": "Ok", "routes": [{"geometry": line}]}
    found = osrm.way(Point(28.2, 112.9), Point(28.21, 112.9))
    assert found.tolist() == [[28.2, 112.9], [28.21, 112.9]]
    amap = AskedTimes(Amap(key="k"), road_server.url, 5.0)
    assert amap.way(Point(28.2, 112.9), Point(28.21, 112.9)) is None
    assert len(road_server.asked) == 1
