"""Is each crew shown where it is and at what it does, to those who may know?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.people import Position
from dispatch.queries.crews import crew_rows
from tests.factories import DESK, make_crew, make_grid, make_team, make_ticket

ALL = Scope(everything=True)


@pytest.fixture
def crews(session, now):
    with transaction():
        team, other = make_team(), make_team("East Team")
        make_grid(team=team, now=now)
        make_crew("C free", team=team)
        sent = make_crew("B sent", team=team, skills=("mains", "general"))
        make_crew("A off", team=other, shift=(0, 60))
        dispatch_visit(make_ticket(now).ticket, sent, actor=DESK, now=now)
        session.add(Position(crew_id=sent.id, lat=28.1, lon=112.9, measured_at=now))
    return now


def test_every_crew_by_name(crews):
    off, sent, free = crew_rows(ALL, crews)
    assert [row["name"] for row in (off, sent, free)] == ["A off", "B sent", "C free"]
    assert (off["state"], off["on_duty"], str(off["state_name"])) == ("off_duty", False, "off duty")
    assert (free["state"], free["on_duty"], free["ticket"]) == ("free", True, None)
    assert (sent["state"], sent["ticket"]) == ("dispatched", "W000001")
    assert sent["skills"] == ["general", "mains"]
    assert [visit["ticket"] for visit in sent["visits"]] == ["W000001"]
    assert free["position"] is None
    assert free["base"] == {"lat": 28.15, "lon": 112.95}


@pytest.mark.parametrize(("seconds", "stale"), [(0, False), (300, False), (301, True), (-5, False)])
def test_a_position_grows_old(crews, seconds, stale):
    position = crew_rows(ALL, crews + timedelta(seconds=seconds))[1]["position"]
    assert (position["age_seconds"], position["stale"]) == (max(0, seconds), stale)


@pytest.mark.usefixtures("crews")
def test_each_sees_their_own(now):
    assert [row["name"] for row in crew_rows(Scope(team_id=2), now)] == ["A off"]
    assert [row["id"] for row in crew_rows(Scope(crew_id=2), now)] == [2]
    assert crew_rows(Scope(), now) == []


@pytest.mark.usefixtures("crews")
def test_some_crews_only(now):
    assert [row["id"] for row in crew_rows(ALL, now, only={1, 2})] == [2, 1]
    assert crew_rows(ALL, now, only=()) == []
