"""Can two teams argue on the page, a manager decide, and anybody take the list away?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.disputes import Dispute
from tests.factories import make_city, make_ticket

LIST = "/circle/disputes"


@pytest.fixture
def leader(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, address="=Wuyi Road 12")
    return sign_in("team_leader", team_id=1)


def put(browser, **given: str):
    asked = {"ticket": "W000001", "ground": "not_our_area", "team": "2", "reason": "their grid"}
    return browser.post(LIST, data=asked | given)


def test_a_dispute_is_opened_decided_and_shown(app, leader, sign_in):
    assert "Nothing is in dispute" in leader.get(LIST).text
    assert put(leader).headers["Location"] == f"{LIST}/1"
    assert "A manager decides this." in leader.get(f"{LIST}/1").text
    assert leader.post(f"{LIST}/1/decide", data={"team": "2", "reason": "x"}).status_code == 403
    manager = sign_in("manager")
    assert "Decide it" in manager.get(f"{LIST}/1").text
    decided = manager.post(
        f"{LIST}/1/decide", data={"team": "2", "reason": "by the map", "version": "1"}
    )
    assert decided.status_code == 303
    assert "by the map" in manager.get(f"{LIST}/1").text
    assert "minutes to a decision" in manager.get(LIST).text
    with app.app_context():
        assert db.session.query(Dispute).one().owner_team_id == 2


def test_what_was_typed_comes_back_with_the_fault_beside_it(leader, sign_in):
    answer = put(leader, team="", reason="their grid")
    assert answer.status_code == 422
    assert "Name the other team or the other department" in answer.text
    assert "their grid" in answer.text
    put(leader)
    manager = sign_in("manager")
    stale = manager.post(
        f"{LIST}/1/decide", data={"team": "2", "reason": "by the map", "version": "7"}
    )
    assert (stale.status_code, "by the map" in stale.text) == (409, True)


def test_the_list_is_filtered_and_taken_away_without_formulas(leader):
    put(leader)
    assert "W000001" in leader.get(f"{LIST}?state=open&team=2&ground=not_our_area").text
    assert "W000001" not in leader.get(f"{LIST}?state=decided").text
    assert "W000001" in leader.get(f"{LIST}?state=lazy&team=99").text
    answer = leader.get(f"{LIST}/table.csv")
    assert answer.text.startswith("\ufeffid,ticket,")
    assert "'=Wuyi Road 12" in answer.text
