"""May a program read the findings and say once what came of each?"""

from __future__ import annotations

import pytest

from tests.findings import leave_one

FINDINGS = "/api/v1/findings"


@pytest.fixture
def leader(app, clock, now, sign_in):
    with app.app_context():
        leave_one(now)
    clock.shift(3_600)
    return sign_in("team_leader", team_id=1)


def post(browser, path, key="a", **body: object):
    headers = {"Idempotency-Key": key}
    return browser.post(f"{FINDINGS}/{path}", json=body, headers=headers)


def test_a_finding_is_marked_once_and_taken_back(leader):
    listed = leader.get(FINDINGS).json
    assert [row["key"] for row in listed["findings"]] == ["no_evidence-1"]
    assert listed["findings"][0]["evidence"].startswith("Only the tap says")
    first, again = (post(leader, "no_evidence-1/mark", mark="right") for _ in range(2))
    assert (first.status_code, first.json["finding"]["mark"]) == (200, "right")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert leader.get(FINDINGS).json["unmarked"] == 0
    assert post(leader, "no_evidence-1/undo", "b").json["finding"]["mark"] is None


def test_the_list_is_narrowed(leader, sign_in):
    manager = sign_in("manager")
    for query, count in (
        ("?team=1", 1), ("?team=2", 0), ("?crew=W1", 1), ("?crew=W2", 0), ("?kind=far_away", 0),
        ("?from=2026-03-01&to=2026-03-02", 1), ("?to=2026-03-01&from=2026-03-01", 0),
    ):  # fmt: skip
        assert len(manager.get(FINDINGS + query).json["findings"]) == count, query
    assert sign_in("team_leader", team_id=2).get(FINDINGS).json["findings"] == []


def test_what_is_wrong_is_named(leader, sign_in):
    for query, field in (("?kind=lost", "kind"), ("?from=today", "from"), ("?team=x", "team")):
        answer = leader.get(FINDINGS + query)
        assert (answer.status_code, [*answer.json["error"]["fields"]]) == (422, [field])
    assert post(leader, "no_evidence-1/mark").status_code == 422
    assert post(leader, "no_evidence-9/mark", "b", mark="right").status_code == 404
    assert sign_in("dispatcher").get(FINDINGS).status_code == 403
