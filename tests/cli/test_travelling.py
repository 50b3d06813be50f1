"""Does `onevisit travel` say where travel times come from, and does the doctor try the source?"""

from __future__ import annotations

import json
import socket
from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.cli.checkup import OK, WARN, check_travel
from dispatch.cli.travelling import travel_standing
from dispatch.config import Settings
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from tests.factories import make_city, make_ticket
from tests.road_servers import StandIn


@pytest.fixture
def nobody():
    """Return an address on this machine at which nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_without_drives_the_usual_speed_is_named(session, cli):
    told = json.loads(cli("travel", "--json").stdout)
    assert (told["source"], told["is_well"], told["fit"]) == ("straight", True, None)
    assert "Too few drives" in cli("travel").stdout


def test_with_drives_their_speed_and_its_error_are_named(session, cli, now):
    with transaction():
        crew = make_city(now).crews[2]
        ticket = make_ticket(now).ticket
        for minutes in range(60):
            at = now - timedelta(minutes=minutes)
            there = at + timedelta(minutes=15)
            times = {"dispatched_at": at, "en_route_at": at, "arrived_at": there}
            db.session.add(Visit(state="completed", ticket_id=ticket.id, crew_id=crew.id, **times))
    days = "--from", str((now - timedelta(days=2)).date()), "--to", str((now + timedelta(2)).date())
    fit = json.loads(cli("travel", *days, "--json").stdout)["fit"]
    assert (fit["drives"], fit["left_out"], fit["error_minutes"]) == (60, 0, 0.0)
    assert len(fit["hours"]) == 24
    # 9.8 km of straight line in a quarter of an hour, with the detour.
    assert fit["hours"][0]["speed_kmh"] == pytest.approx(51, abs=1)
    shown = cli("travel", *days).stdout
    assert "fitted to 60 drives" in shown
    assert "km/h" in shown


def test_days_that_are_none_are_refused(session, cli):
    assert cli("travel", "--from", "yesterday").exit_code == 2


def test_a_server_that_is_away_is_a_warning_with_its_mend(nobody):
    check = check_travel(Settings(travel="osrm", travel_url=nobody))
    assert check.standing == WARN
    assert "OSRM does not answer" in str(check.found)
    assert check.mend
    assert check_travel(Settings()).standing == OK


def test_a_road_graph_tells_its_size_or_its_fault(tmp_path):
    settings = Settings(travel="roads", roads_dir=tmp_path)
    assert "nodes.csv" in str(travel_standing(settings).found)
    (tmp_path / "nodes.csv").write_text("id,lat,lon\n1,28.2,113.0\n2,28.2,113.1\n")
    (tmp_path / "arcs.csv").write_text("from,to,seconds\n1,2,60\n2,1,60\n")
    assert "2 nodes, 2 of them junctions" in str(travel_standing(settings).found)


@pytest.mark.parametrize(("seconds", "said"), [(600, "tells how long"), (None, "knows no way")])
def test_a_server_that_answers_is_said_to(seconds, said):
    server = StandIn()
    server.respond = lambda *_asked: {"code": "Ok", "durations": [[seconds]]}
    try:
        standing = travel_standing(Settings(travel="osrm", travel_url=server.url))
    finally:
        server.stop()
    assert said in str(standing.found)
    assert standing.is_well is (seconds is not None)
