"""Do the settings lead to the source they name?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dispatch.adapters.road_times.fallback import WithFallback
from dispatch.adapters.road_times.sources import asked_times, travel_times
from dispatch.config import Settings, SettingsError
from dispatch.domain.errors import Invalid
from dispatch.domain.road_graph import RoadGraph
from dispatch.domain.travel import StraightLine

PLACES = np.array([[28.2, 113.0], [28.25, 113.05]])


def settings(**given: object) -> Settings:
    return Settings(data_dir=Path("unused"), **given)


def test_the_straight_line_is_the_default_and_may_be_fitted():
    assert travel_times(settings()) == StraightLine()
    fitted = StraightLine(speed_kmh=20.0)
    assert travel_times(settings(), fitted) is fitted
    assert asked_times(settings()) is None


def test_a_road_graph_is_read_or_refused(tmp_path):
    with pytest.raises(Invalid, match=r"nodes\.csv"):
        travel_times(settings(travel="roads", roads_dir=tmp_path))
    (tmp_path / "nodes.csv").write_text("id,lat,lon\n1,28.2,113.0\n2,28.2,113.1\n")
    (tmp_path / "arcs.csv").write_text("from,to,seconds\n1,2,60\n2,1,60\n")
    fitted = StraightLine(speed_kmh=(30.0,) * 12 + (60.0,) * 12)
    graph = travel_times(settings(travel="roads", roads_dir=tmp_path), fitted)
    assert isinstance(graph, RoadGraph)
    ends = np.array([[28.2, 113.0]]), np.array([[28.2, 113.1]])
    assert [graph.seconds(*ends, hour).item() for hour in (None, 3, 20)] == [60, 90, 45]


@pytest.mark.parametrize("name", ["osrm", "valhalla", "amap", "baidu"])
def test_a_server_that_is_away_leaves_the_fitted_straight_line(name, road_server):
    road_server.respond = lambda *_asked: (503, {}, b"")
    fitted = StraightLine(speed_kmh=20.0)
    times = travel_times(settings(travel=name, travel_url=road_server.url, travel_key="k"), fitted)
    assert isinstance(times, WithFallback)
    assert times.source == name
    answer = times.answer(PLACES, PLACES, 8)
    assert answer.seconds.tolist() == fitted.seconds(PLACES, PLACES, 8).tolist()
    assert "It answered with status 503." in str(answer.note)
    assert len(road_server.asked) == 1


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"TRAVEL": "horse"}, "ONEVISIT_TRAVEL: use straight"),
        ({"TRAVEL": "osrm"}, "ONEVISIT_TRAVEL_URL: give the address"),
        ({"TRAVEL": "amap"}, "ONEVISIT_TRAVEL_KEY: give the key"),
        ({"TRAVEL_URL": "localhost:5000"}, "ONEVISIT_TRAVEL_URL: use http://"),
        ({"TRAVEL_URL": "http://me:pw@host"}, "ONEVISIT_TRAVEL_URL: use http://"),
        ({"TRAVEL_URL": "http://host/?key=1"}, "ONEVISIT_TRAVEL_URL: use http://"),
        ({"TRAVEL_URL": "http://[::1"}, "ONEVISIT_TRAVEL_URL: use http://"),
        ({"TRAVEL_SECONDS": "0"}, "ONEVISIT_TRAVEL_SECONDS: use a whole number"),
        ({"TRAVEL_SECONDS": "31"}, "ONEVISIT_TRAVEL_SECONDS: use a whole number"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_start(given, fault):
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({f"ONEVISIT_{name}": value for name, value in given.items()})
    [only] = refusal.value.faults
    assert fault in str(only)


def test_the_key_may_lie_in_a_file(tmp_path):
    (tmp_path / "key").write_text("secret\n")
    given = {"ONEVISIT_TRAVEL": "baidu", "ONEVISIT_TRAVEL_KEY_FILE": str(tmp_path / "key")}
    assert Settings.from_env(given).travel_key == "secret"
