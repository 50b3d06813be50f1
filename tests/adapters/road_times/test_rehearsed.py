"""Does a rehearsal drive by the configured source, asked once, and say when it could not?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.adapters.road_times import rehearsed
from dispatch.adapters.road_times.asking import NoAnswer
from dispatch.adapters.road_times.rehearsed import MOST_ANCHORS, rehearsed_travel
from dispatch.config import TRAVEL_SOURCES, Settings
from dispatch.domain.sentences import say
from dispatch.domain.travel import StraightLine, TravelTimes

STRAIGHT = StraightLine()
PLACES = np.column_stack([np.linspace(28.1, 28.2, 200), np.linspace(112.9, 113.0, 200)])


class Server(TravelTimes):
    """Twice as slow as the straight line; remembers what it was asked."""

    source, spread = "osrm", 0.15

    def __init__(self, fault: Exception | None = None, factor: float = 2.0) -> None:
        self.fault, self.factor, self.asked = fault, factor, []

    def seconds(self, origins, goals, hour):
        self.asked.append((len(origins), hour))
        if self.fault is not None:
            raise self.fault
        return STRAIGHT.seconds(origins, goals) * self.factor


@pytest.fixture
def settings(tmp_path):
    named = {"travel": "osrm", "travel_url": "http://localhost:5000"}
    return Settings(data_dir=tmp_path, roads_dir=tmp_path / "none", **named)


def test_some_places_are_asked_about_once(settings, monkeypatch):
    server = Server()
    monkeypatch.setattr(rehearsed, "asked_times", lambda _settings: server)
    travel, note = rehearsed_travel(settings, STRAIGHT, PLACES, 8)
    assert note is None
    assert (travel.source, travel.spread) == ("osrm", 0.15)
    found = travel.seconds(PLACES[:20], PLACES[50:60], 8)
    assert found == pytest.approx(STRAIGHT.seconds(PLACES[:20], PLACES[50:60]) * 2)
    [(anchors, hour)] = server.asked
    assert 20 < anchors <= MOST_ANCHORS["osrm"]
    assert hour == 8


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (Server(NoAnswer(say("It took too long."))), "OSRM did not answer: It took too long."),
        (Server(factor=np.nan), "It knows no drive between these places."),
    ],
)
def test_without_an_answer_the_straight_line_drives(settings, monkeypatch, server, says):
    monkeypatch.setattr(rehearsed, "asked_times", lambda _settings: server)
    travel, note = rehearsed_travel(settings, STRAIGHT, PLACES, 8)
    assert travel is STRAIGHT
    assert says in str(note)


def test_a_road_map_that_cannot_be_read_is_named(settings):
    travel, note = rehearsed_travel(replace(settings, travel="roads"), STRAIGHT, PLACES, 8)
    assert travel is STRAIGHT
    assert "the road map did not answer" in str(note)


def test_the_straight_line_needs_no_asking(settings):
    plain = replace(settings, travel="straight")
    assert rehearsed_travel(plain, STRAIGHT, PLACES, 8) == (STRAIGHT, None)
    assert rehearsed_travel(settings, STRAIGHT, PLACES[:0], 8) == (STRAIGHT, None)


def test_every_source_has_its_number_of_places():
    assert set(MOST_ANCHORS) == set(TRAVEL_SOURCES) - {"straight"}
