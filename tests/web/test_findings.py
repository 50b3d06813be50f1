"""Can a leader work through the findings on the page and take them away as a file?"""

from __future__ import annotations

import uuid

import pytest

from dispatch.models.base import db
from dispatch.models.findings import FindingMark
from tests.findings import leave_one

LIST = "/circle/findings"


@pytest.fixture
def leader(app, clock, now, sign_in):
    with app.app_context():
        leave_one(now)
    clock.shift(3_600)
    return sign_in("team_leader", team_id=1)


def post(browser, step, key="no_evidence-1", query="", **form: str):
    form = {"key": str(uuid.uuid4())} | form
    return browser.post(f"{LIST}/{key}/{step}{query}", data=form)


def marks(app):
    with app.app_context():
        rows = db.session.query(FindingMark).order_by(FindingMark.id)
        return [(row.mark, row.note, row.undone_by is not None) for row in rows]


def test_a_finding_is_explained_and_that_is_taken_back(app, leader):
    page = leader.get(LIST).text
    assert 'href="/desk?ticket=W000002"' in page
    assert "Only the tap says that the crew arrived" in page
    refused = post(leader, "mark", mark="explained")
    assert refused.status_code == 422
    assert "Write down the explanation." in refused.text
    query = "?kind=no_evidence&from=2026-03-01&to=2026-03-02&_external=1"
    done = post(leader, "mark", query=query, mark="explained", note="No signal in the cellar")
    assert done.status_code == 303
    address = f"{LIST}?from=2026-03-01&to=2026-03-02&kind=no_evidence&page=1"
    assert done.headers["Location"] == address
    assert "No signal in the cellar" in leader.get(LIST).text
    assert post(leader, "mark", mark="right").status_code == 409
    assert post(leader, "undo").status_code == 303
    assert marks(app) == [("explained", "No signal in the cellar", True)]


def test_a_tap_that_came_twice_is_one_mark(app, leader):
    key = str(uuid.uuid4())
    for _ in range(2):
        answer = leader.post(f"{LIST}/no_evidence-1/mark", data={"key": key, "mark": "right"})
        assert answer.status_code == 303
    assert marks(app) == [("right", "", False)]


def test_only_leaders_and_managers_see_it_and_leaders_their_own(leader, sign_in):
    assert sign_in("dispatcher").get(LIST).status_code == 403
    other = sign_in("team_leader", team_id=2)
    assert "no_evidence-1" not in other.get(LIST).text
    assert post(other, "mark", mark="right").status_code == 404
    manager = sign_in("manager")
    assert "no_evidence-1" in manager.get(f"{LIST}?team=1").text
    assert "no_evidence-1" not in manager.get(f"{LIST}?team=2").text
    assert "no_evidence-1" in manager.get(f"{LIST}?team=x&kind=lost&page=99").text
    assert "no_evidence-1" not in manager.get(f"{LIST}?kind=far_away").text


def test_the_list_and_the_file_are_narrowed_to_one_crew(leader):
    page = leader.get(f"{LIST}?crew=W1").text
    assert '<option value="W1" selected' in page
    assert "no_evidence-1" in page
    assert 'value="E1"' not in page
    assert "no_evidence-1" not in leader.get(f"{LIST}?crew=W2").text
    assert len(leader.get(f"{LIST}/table.csv?crew=W2").text.splitlines()) == 1
    assert "no_evidence-1" in leader.get(f"{LIST}?crew=nobody").text


def test_the_file_holds_what_is_filtered(leader):
    answer = leader.get(f"{LIST}/table.csv?kind=no_evidence")
    head, row = answer.text.splitlines()
    assert head.startswith("\ufeffkey,kind,kind_name,at,ticket")
    assert row.startswith("no_evidence-1,no_evidence,Nothing shows the arrival,")
    assert 'W000002,W1,,"Only the tap' in row
    assert len(leader.get(f"{LIST}/table.csv?kind=far_away").text.splitlines()) == 1


def test_days_that_are_none_are_named(leader):
    assert leader.get(f"{LIST}?from=yesterday").status_code == 422
