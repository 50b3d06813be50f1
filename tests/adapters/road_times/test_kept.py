"""Is the source of travel times built once, and replaced where it cannot be read?"""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from dispatch.adapters.road_times import kept as kept_module
from dispatch.adapters.road_times.kept import KeptTravel
from dispatch.config import Settings
from dispatch.domain.travel import StraightLine


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path, roads_dir=tmp_path / "none")


def test_the_straight_line_is_always_the_newest_fit(settings):
    kept = KeptTravel(settings)
    for speed in (20.0, 30.0):
        fitted = StraightLine(speed_kmh=speed)
        assert kept.source(fitted) is fitted


def test_a_server_is_built_once(settings):
    named = replace(settings, travel="osrm", travel_url="http://localhost:5000")
    kept = KeptTravel(named)
    first = kept.source(StraightLine())
    assert first.source == "osrm"
    assert kept.source(StraightLine()) is first


def test_without_its_road_map_the_straight_line_answers(settings, caplog):
    fitted = StraightLine()
    assert KeptTravel(replace(settings, travel="roads")).source(fitted) is fitted
    assert "no road map" in caplog.text


def test_the_straight_line_answers_while_the_road_map_is_read(settings, monkeypatch):
    may_go_on, fitted = Event(), StraightLine()
    roads = StraightLine(speed_kmh=20.0, source="road_graph")

    def read(_settings, _fitted):
        may_go_on.wait(120)
        return roads

    monkeypatch.setattr(kept_module, "travel_times", read)
    kept = KeptTravel(replace(settings, travel="roads"))
    here = np.array([(28.15, 112.95)])
    for _twice in range(2):
        meanwhile = kept.within_budget(fitted).answer(here, here + 0.01, 8)
        assert meanwhile.source == "straight_line"
        assert "while the road map is read" in str(meanwhile.note)
        assert (meanwhile.seconds == fitted.seconds(here, here + 0.01)).all()
    may_go_on.set()
    kept.reading.join(120)
    assert kept.within_budget(fitted) is roads


def test_what_needs_no_reading_answers_at_once(settings):
    fitted = StraightLine()
    assert KeptTravel(settings).within_budget(fitted) is fitted
