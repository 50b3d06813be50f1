"""Does the page switch storm mode, and does everybody see the banner?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.queries.storms import storm_rows
from tests.factories import make_city


@pytest.fixture
def city(app, now, clock):
    with app.app_context(), transaction():
        make_city(now)
    return app


def form(**more: object):
    return {
        "key": "6d1f5a1e-0d0e-4c55-9a4d-7b1f3f0c9a11",
        "kind": "flood",
        "reason": "River 36.2 m",
        "ends_at": "2026-03-03T08:00",
        "where": "grids",
        "grids": ["West"],
    } | more


def storms(app, now):
    with app.app_context():
        return storm_rows(now)


def test_it_is_switched_on_once_with_its_end_in_local_time(city, sign_in, now):
    manager = sign_in("manager")
    for _ in range(2):
        assert manager.post("/desk/storm", data=form()).status_code == 303
    [row] = storms(city, now)
    assert (row["kind"], row["grids"], row["on"]) == ("flood", ["West"], True)
    assert row["ends_at"].isoformat() == "2026-03-03T00:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"grids": []}, "Choose at least one grid"),
        ({"ends_at": "soon"}, "Give a day and a time."),
        ({"reason": " "}, "Give a reason."),
        ({"ends_at": "2026-03-01T08:00"}, "lies in the past"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    city, sign_in, now, change, said
):
    reply = sign_in("manager").post("/desk/storm", data=form(**change))
    assert reply.status_code == 422
    assert said in reply.text
    assert 'value="grids" checked' in reply.text
    assert storms(city, now) == []


def test_its_end_is_changed_and_it_is_switched_off_as_it_was_seen(city, sign_in, now):
    manager = sign_in("manager")
    manager.post("/desk/storm", data=form(where="city"))
    later = {"version": 1, "ends_at": "2026-03-03T20:00"}
    assert manager.post("/desk/storm/1/prolong", data=later).status_code == 303
    assert manager.post("/desk/storm/1/prolong", data=later).status_code == 409
    assert manager.post("/desk/storm/1/end", data={"version": 1}).status_code == 409
    assert manager.post("/desk/storm/1/end", data={"version": 2}).status_code == 303
    [row] = storms(city, now)
    assert (row["on"], row["grids"]) == (False, [])
    assert "River 36.2 m" in manager.get("/desk/storm").text


def test_only_the_duty_manager_is_shown_the_switch(city, sign_in):
    page = sign_in("dispatcher").get("/desk/storm").text
    assert "Storm mode is off" in page
    assert "Switch storm mode on" not in page
    assert sign_in("dispatcher").post("/desk/storm", data=form()).status_code == 403


@pytest.mark.parametrize("role", ["dispatcher", "crew", "auditor"])
def test_the_banner_is_on_every_page_of_the_staff(city, sign_in, clock, role):
    sign_in("manager").post("/desk/storm", data=form())
    visitor = sign_in(role)
    reply = visitor.get("/alerts/centre")
    assert "Storm mode: Flood" in reply.text
    assert ("/desk/storm" in reply.text) == (role != "crew")
    tag = reply.headers["ETag"]
    assert visitor.get("/alerts/centre", headers={"If-None-Match": tag}).status_code == 304
    clock.shift(timedelta(days=1))
    assert "Storm mode" not in visitor.get("/alerts/centre", headers={"If-None-Match": tag}).text
