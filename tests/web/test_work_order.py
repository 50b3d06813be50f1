"""Tests of `dispatch.web.work_order`."""

from __future__ import annotations

import pytest
import segno

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import GRANTS, Permission, Role
from dispatch.web.work_order import code_of
from tests.factories import make_city, make_ticket
from tests.trips import send

PAGE = "/desk/tickets/W000001/work-order"


@pytest.fixture
def city(app, now):
    """Send a crew to a ticket of which a caller gave name and number."""
    with app.app_context():
        with transaction():
            make_city(now)
            make_ticket(
                now,
                category="leak",
                reporter_name="Chen Jing",
                reporter_phone="13800005678",
                description="Water <b>under</b> the stairs",
            )
        send(1, 1, now)


@pytest.mark.usefixtures("city", "clock")
def test_it_holds_what_the_crew_needs_and_no_reporter(sign_in):
    page = sign_in("dispatcher").get(PAGE).text
    for words in ("Work order W000001", "Leak", "Wuyi Road 12", "W1", "28.15000, 112.95000"):
        assert words in page
    assert "Water &lt;b&gt;under&lt;/b&gt; the stairs" in page
    for personal in ("Chen Jing", "13800005678", "5678"):
        assert personal not in page
    # The visit that it is printed for is not one before.
    assert "Earlier at this place" not in page


@pytest.mark.usefixtures("city", "clock")
def test_the_code_opens_the_crews_page(sign_in):
    page = sign_in("dispatcher").get(PAGE).text
    address = "http://127.0.0.1:8000/crew/W000001"
    assert str(code_of(address)) in page
    assert address in page


def test_the_code_is_a_drawing_without_styles_and_can_lose_a_part():
    address = "https://water.example/crew/W000001"
    drawn = str(code_of(address))
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    # It may be made better at the same size, never worse.
    assert segno.make(address, error="m", micro=False).error in {"M", "Q", "H"}


@pytest.mark.usefixtures("city", "clock")
@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.TEAM_LEADER, Role.MANAGER, Role.AUDITOR])
def test_free_words_are_for_who_may_see_them(sign_in, role):
    sign_in("dispatcher").post("/api/v1/tickets/W000001/note", json={"note": "Ring twice"})
    page = sign_in(role, team_id=1).get(PAGE).text
    may = Permission.SEE_PERSONAL in GRANTS[role]
    assert ("Ring twice" in page) is may
    assert ("the stairs" in page) is may


@pytest.mark.usefixtures("city", "clock")
def test_who_may_not_see_the_ticket_gets_none(sign_in, client):
    assert sign_in("crew", crew_id=1).get(PAGE).status_code == 403
    assert sign_in("team_leader", team_id=2).get(PAGE).status_code == 404
    assert sign_in("dispatcher").get("/desk/tickets/W000009/work-order").status_code == 404
    assert client.get(PAGE).status_code == 302


@pytest.mark.usefixtures("city", "clock")
def test_it_is_there_in_chinese(sign_in):
    chinese = {"Accept-Language": "zh-CN"}
    page = sign_in("dispatcher").get(PAGE, headers=chinese).text
    assert "工单 W000001" in page
    assert "漏水" in page
