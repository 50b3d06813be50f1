"""Is the source of travel times built once, and replaced where it cannot be read?"""

from __future__ import annotations

from dataclasses import replace

import pytest

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
