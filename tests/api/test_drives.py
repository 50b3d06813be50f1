"""Do the desk's crews drive by the configured source, asked while nothing is being written?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.api import drives
from dispatch.domain.sentences import say
from dispatch.domain.travel import TravelAnswer, TravelTimes
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from tests.factories import make_crew, make_grid, make_team, make_ticket

if TYPE_CHECKING:
    from dispatch.domain.place import Point

TICKET = "/api/v1/tickets/W000001"


class Roads(TravelTimes):
    """Ten minutes from everywhere; remembers whether somebody was writing when it was asked."""

    source, spread = "osrm", 0.15

    def __init__(self, note: Any = None) -> None:
        self.note, self.asked = note, []

    def within_budget(self, _fitted: Any) -> Roads:
        """Stand for what keeps the source, too."""
        return self

    def answer(self, origins: Any, goals: Any, hour: Any) -> TravelAnswer:
        self.asked.append((hour, bool(db.session().info.get("writing"))))
        seconds = np.full((len(origins), len(goals)), 600.0)
        return TravelAnswer(seconds, self.source, self.spread, self.note)

    def way(self, origin: Point, goal: Point) -> Any:
        return np.array([(origin.lat, origin.lon), (28.123456789, 112.9), (goal.lat, goal.lon)])


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        west = make_team()
        make_grid(team=west, now=now)
        make_crew("West 1", team=west)
        make_ticket(now)


def configured(app: Any, roads: Roads) -> Roads:
    app.extensions[drives.KEPT] = roads
    return roads


@pytest.mark.usefixtures("city")
def test_candidates_name_the_source_its_error_and_why_it_was_another(app, sign_in):
    configured(app, Roads(say("It took too long.")))
    found = sign_in("dispatcher").get(f"{TICKET}/candidates").json
    [crew] = found["candidates"]
    assert (crew["eta_seconds"], crew["eta_source"]) == (600, "osrm")
    assert any("OSRM" in reason for reason in crew["reasons"])
    assert found["travel_note"] == "It took too long."


@pytest.mark.usefixtures("city", "clock")
def test_who_is_sent_by_hand_arrives_as_the_source_says(app, sign_in, now):
    roads = configured(app, Roads())
    desk = sign_in("dispatcher")
    version = desk.get(TICKET).json["ticket"]["version"]
    answer = desk.post(
        f"{TICKET}/dispatch", json={"crew_id": 1}, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.json
    with app.app_context():
        visit = db.session.query(Visit).one()
        assert (visit.eta_at - visit.dispatched_at).total_seconds() == 600
        assert visit.reasons["candidates"][0]["eta_source"] == "osrm"
    [trip] = desk.get("/api/v1/tickets").json["tickets"][0]["visits"]
    assert trip["eta_basis"][0] == "Drive by OSRM, give or take 2 min"
    hour = now.astimezone(app.config["SETTINGS"].zone).hour
    assert roads.asked == [(hour, False)]


def test_without_a_place_or_a_crew_nobody_is_asked(app, sign_in, now):
    with app.app_context(), transaction():
        make_ticket(now)
        make_ticket(now, place=None)
    roads = configured(app, Roads())
    desk = sign_in("dispatcher")
    for number in ("W000001", "W000002"):
        found = desk.get(f"/api/v1/tickets/{number}/candidates").json
        assert found == {"candidates": [], "travel_note": None, "planner_note": None}
    assert roads.asked == []


@pytest.mark.usefixtures("city", "clock")
def test_the_streets_of_the_crew_that_drives_there_are_told(app, sign_in):
    desk = sign_in("dispatcher")
    nobody = {"crew_id": None, "source": None, "points": None}
    assert desk.get(f"{TICKET}/road").json == nobody
    version = desk.get(TICKET).json["ticket"]["version"]
    desk.post(f"{TICKET}/dispatch", json={"crew_id": 1}, headers={"If-Match": f'"{version}"'})
    assert desk.get(f"{TICKET}/road").json == nobody | {"crew_id": 1}
    configured(app, Roads())
    found = desk.get(f"{TICKET}/road").json
    assert (found["crew_id"], found["source"]) == (1, "osrm")
    assert found["points"][1] == [28.12346, 112.9]
    assert len(found["points"]) == 3
    assert desk.get("/api/v1/tickets/W000009/road").status_code == 404


def test_a_ticket_without_a_place_has_no_streets(app, sign_in, now):
    with app.app_context(), transaction():
        make_ticket(now, place=None)
    assert sign_in("dispatcher").get(f"{TICKET}/road").json["points"] is None
