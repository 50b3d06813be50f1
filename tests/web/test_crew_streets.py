"""Does a crew's phone get the streets around a ticket, and say so plainly where there are none?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.adapters.road_times.kept import KEPT
from dispatch.domain.road_graph import RoadGraph
from dispatch.domain.road_tables import RoadNetwork
from tests.factories import IN_WEST
from tests.trips import open_burst, send

TICKET = "/crew/W000001"


@pytest.fixture
def crew(app, clock, now, sign_in):
    with app.app_context():
        open_burst(now)
        send(1, 1, now)
    clock.shift(60)
    return sign_in("crew", crew_id=1, name="Wang")


class Kept:
    """A road map that was read, or is being read."""

    known = None

    def within_budget(self, fitted):
        return fitted


def kept_day(crew):
    return crew.get("/crew").text.partition('data-keep="')[2].partition(" ")[0]


def test_without_a_road_map_the_sheet_says_so(crew):
    page = crew.get(TICKET).text
    assert "No streets: this server has no road map." in page
    assert 'class="street"' not in page
    assert kept_day(crew)[-1].isdigit()


def test_the_streets_come_once_the_map_is_read_and_the_phone_fetches_the_ticket_anew(
    app, crew, monkeypatch
):
    settings = replace(app.config["SETTINGS"], travel="roads")
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    kept = Kept()
    monkeypatch.setitem(app.extensions, KEPT, kept)
    assert "No streets" in crew.get(TICKET).text
    before = kept_day(crew)
    places = np.array([(IN_WEST.lat, IN_WEST.lon), (IN_WEST.lat + 0.001, IN_WEST.lon)])
    arcs = np.array([(0, 1), (1, 0)])
    kept.known = RoadGraph(RoadNetwork(places, arcs, np.array([9.0, 9.0]), np.array([True, True])))
    page = crew.get(TICKET).text
    assert 'class="street" d="M180,' in page
    assert "Streets, stops and base stay on this phone without a signal." in page
    assert kept_day(crew) == f"{before}s"
