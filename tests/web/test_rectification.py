"""Can leaders and managers work through the list on the page and take it away as a file?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.rectification import Rectification
from tests.factories import IN_EAST, make_city, make_ticket

LIST = "/circle/rectification"


@pytest.fixture
def leader(app, clock, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, address="=Wuyi Road 12")
        make_ticket(now, place=IN_EAST)
    clock.shift(60)
    return sign_in("team_leader", team_id=1)


def put(browser, ticket="W000001", **given: str):
    return browser.post(LIST, data={"ticket": ticket} | given)


def item(app):
    with app.app_context():
        return db.session.query(Rectification).one()


def test_a_ticket_is_put_right_and_signed_off(app, leader, sign_in):
    assert leader.get(LIST).status_code == 200
    assert put(leader, due="2026-03-09").headers["Location"] == f"{LIST}/1"
    said = {"cause": "travel", "text": "Nearer base", "due": "2026-03-09"}
    assert leader.post(f"{LIST}/1", data=said).status_code == 303
    assert leader.post(f"{LIST}/1/begin").status_code == 303
    assert leader.post(f"{LIST}/1/finish").status_code == 303
    manager = sign_in("manager")
    assert "Send back" in manager.get(f"{LIST}/1").text
    assert manager.post(f"{LIST}/1/reject", data={"reason": "more"}).status_code == 303
    assert leader.post(f"{LIST}/1/finish").status_code == 303
    assert manager.post(f"{LIST}/1/sign-off").status_code == 303
    assert "Signed off by" in leader.get(f"{LIST}/1").text
    row = item(app)
    assert (row.state, row.cause, row.due_at.isoformat()) == (
        "signed_off", "travel", "2026-03-09T15:59:00+00:00",
    )  # fmt: skip


def test_the_due_date_and_the_responsible_are_mended(app, leader):
    put(leader)
    given = {"due": "2026-04-01", "responsible": "Wang", "reason": "was on duty"}
    assert leader.post(f"{LIST}/1", data=given).status_code == 303
    assert (item(app).responsible, item(app).due_at.day) == ("Wang", 1)
    assert "was on duty" in leader.get(f"{LIST}/1").text


def test_what_is_refused_is_said_beside_what_was_typed(leader):
    unknown = put(leader, "W009999", text="a text that stays")
    assert unknown.status_code == 404
    assert "a text that stays" in unknown.text
    assert put(leader, due="2026-13-40").status_code == 422
    put(leader)
    assert put(leader).status_code == 409
    finish = leader.post(f"{LIST}/1/finish")
    assert finish.status_code == 422
    assert "Choose the cause first." in finish.text
    assert leader.post(f"{LIST}/1/begin", data={"version": "99"}).status_code == 409
    assert leader.post(f"{LIST}/1/shred").status_code == 404


def test_filters_narrow_and_nonsense_lets_everything_through(leader, sign_in):
    put(leader, cause="travel")
    put(sign_in("manager"), "W000002", cause="parts")
    manager = sign_in("manager")
    page = manager.get(f"{LIST}?cause=travel&team=1&state=open").text
    assert "W000001" in page
    assert "W000002" not in page
    assert "W000002" not in leader.get(LIST).text
    assert "W000002" in manager.get(f"{LIST}?cause=x&team=x&state=x").text
    assert "Nothing is on the list" in manager.get(f"{LIST}?overdue=1").text


def test_the_file_is_filtered_and_runs_no_formula(leader):
    put(leader, cause="travel", text="+1")
    answer = leader.get(f"{LIST}/table.csv?cause=travel")
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeffid,ticket,")
    assert "'=Wuyi Road 12" in text
    assert "'+1" in text
    assert "W000001" not in leader.get(f"{LIST}/table.csv?cause=parts").text


def test_others_do_not_see_the_page(leader, sign_in):
    for role in ("dispatcher", "auditor", "crew"):
        assert sign_in(role).get(LIST).status_code == 403
    assert leader.get(f"{LIST}/9").status_code == 404
