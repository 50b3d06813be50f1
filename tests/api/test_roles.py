"""Does each address answer exactly the roles that it is for?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import GRANTS, Permission, Role
from tests.factories import make_crew, make_grid, make_team, make_ticket

READS = {
    "/api/v1/tickets": Permission.SEE_TICKETS,
    "/api/v1/tickets/W000001": Permission.SEE_TICKETS,
    "/api/v1/tickets/W000001/events": Permission.SEE_TICKETS,
    "/api/v1/tickets/W000001/responsibility": Permission.SEE_TICKETS,
    "/api/v1/tickets/W000001/similar": Permission.SEE_DESK,
    "/api/v1/tickets/W000001/reports": Permission.SEE_PERSONAL,
    "/api/v1/tickets/W000001/candidates": Permission.DISPATCH,
    "/api/v1/crews": Permission.SEE_TICKETS,
    "/api/v1/grids.geojson": Permission.SEE_TICKETS,
    "/api/v1/places?lat=28.15&lon=112.95": Permission.SEE_TICKETS,
    "/api/v1/board": Permission.SEE_DESK,
    "/api/v1/rounds": Permission.SEE_TICKETS,
    "/api/v1/coverage": Permission.SEE_DESK,
    "/api/v1/coverage/crews": Permission.SEE_DESK,
    "/api/live": Permission.SEE_TICKETS,
}
SEARCHES = {
    "/api/v1/households/search": {"q": "x"},
    "/api/v1/duplicates/search": {"category": "leak"},
}
PUBLIC = ("/healthz", "/readyz", "/api/openapi.json", "/api/docs")


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        team = make_team()
        make_grid(team=team, now=now)
        make_crew("West 1", team=team)
        make_ticket(now)


@pytest.mark.usefixtures("city", "clock")
def test_every_role_gets_what_it_may(sign_in):
    for role in Role:
        headers = {}
        visitor = sign_in(role, crew_id=1, team_id=1)
        if role is Role.API_CLIENT:
            headers = visitor.bearer
        for path, permission in READS.items():
            allowed = permission in GRANTS[role]
            # The crew was never sent to this ticket.
            foreign = allowed and role is Role.CREW and "W000001" in path
            wanted = 404 if foreign else 200 if allowed else 403
            assert visitor.get(path, headers=headers).status_code == wanted, (role, path)


@pytest.mark.usefixtures("city", "clock")
def test_a_stranger_gets_what_is_public(client):
    for path in READS:
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert answer.json["error"]["code"] == "not_signed_in"
    assert client.post("/api/v1/tickets/W000001/note", json={"note": "x"}).status_code == 401
    for path in PUBLIC:
        assert client.get(path).status_code == 200, path


@pytest.mark.usefixtures("city")
def test_a_role_that_may_read_may_not_move(sign_in):
    for role in ("manager", "auditor", "administrator", "call_taker"):
        visitor = sign_in(role)
        answer = visitor.post(
            "/api/v1/tickets/W000001/hold",
            json={"reason": "waiting_for_part"},
            headers={"If-Match": "2"},
        )
        assert answer.status_code == 403, role


@pytest.mark.usefixtures("city")
def test_an_auditor_writes_nothing_into_the_story(sign_in):
    answer = sign_in("auditor").post("/api/v1/tickets/W000001/note", json={"note": "x"})
    assert answer.status_code == 403


@pytest.mark.usefixtures("city", "clock")
def test_only_who_takes_calls_searches_for_callers(sign_in, client):
    for role in Role:
        visitor = sign_in(role, crew_id=1, team_id=1)
        headers = visitor.bearer if role is Role.API_CLIENT else {}
        wanted = 200 if Permission.TAKE_CALL in GRANTS[role] else 403
        for path, asked in SEARCHES.items():
            answer = visitor.post(path, json=asked, headers=headers)
            assert answer.status_code == wanted, (role, path)
    for path, asked in SEARCHES.items():
        assert client.post(path, json=asked).status_code == 401, path
