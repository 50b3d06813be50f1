"""Which source of travel times do the settings name?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.adapters.road_times.asked import AskedTimes
from dispatch.adapters.road_times.fallback import WithFallback
from dispatch.adapters.road_times.servers import Amap, Baidu, Osrm, Valhalla
from dispatch.domain.travel import StraightLine, TravelTimes

if TYPE_CHECKING:
    from dispatch.adapters.road_times.servers import RoadServer
    from dispatch.config import Settings
    from dispatch.domain.road_graph import RoadGraph

ADDRESSES = {"amap": "https://restapi.amap.com", "baidu": "https://api.map.baidu.com"}

#: How much longer than the planner we wait for an answer, for the sake of the next question.
PATIENCE = 5


def travel_times(settings: Settings, default: StraightLine | None = None) -> TravelTimes:
    """Build the configured source; a road server falls back to `default` within its budget.

    `default` is the straight line, fitted to the utility's own drives where there are enough.

    Raises:
        Invalid: when the road graph cannot be read, naming file, line and field.
    """
    straight = default or StraightLine()
    if settings.travel == "roads":
        return road_graph(settings, straight)
    server = asked_times(settings)
    if server is None:
        return straight
    return WithFallback(server, straight, settings.travel_seconds, name=server.name)


def road_graph(settings: Settings, fitted: StraightLine | None = None) -> RoadGraph:
    """Read the configured road graph, slower and faster by hour as `fitted` is.

    Raises:
        Invalid: naming what cannot be read.
    """
    # scipy takes half a second to import, which most installations never need.
    from dispatch.adapters.road_times.road_files import read_roads  # noqa: PLC0415
    from dispatch.domain.road_graph import RoadGraph  # noqa: PLC0415  likewise

    straight = fitted or StraightLine()
    return RoadGraph(read_roads(settings.roads_dir), hour_factors=straight.hour_factors())


def asked_times(settings: Settings) -> AskedTimes | None:
    """Return the configured road server without its fallback; None where there is none."""
    servers: dict[str, RoadServer] = {
        "osrm": Osrm(),
        "valhalla": Valhalla(),
        "amap": Amap(key=settings.travel_key),
        "baidu": Baidu(key=settings.travel_key),
    }
    server = servers.get(settings.travel)
    if server is None:
        return None
    url = settings.travel_url or ADDRESSES.get(settings.travel, "")
    return AskedTimes(server, url, PATIENCE * settings.travel_seconds)
