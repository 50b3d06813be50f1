"""Are people let in, changed and shown out by the forms of the administration?"""

from __future__ import annotations

import re

import pytest

from dispatch.models.base import db
from dispatch.models.people import User
from tests.visitors import visitor

PASSWORD = "correct horse battery"


@pytest.fixture
def boss(sign_in):
    return sign_in("administrator")


def people_of(app, **wanted: str):
    with app.app_context():
        return db.session.query(User).filter_by(**wanted).all()


def test_a_new_person_gets_a_link_that_works_once(app, boss):
    page = boss.post(
        "/admin/people/new",
        data={"sign_in_name": "Ann", "name": "Ann", "role": "dispatcher", "language": "zh-CN"},
    )
    path = re.search(r'value="http://[^/"]+(/sign-in/[^"]+)"', page.text)[1]
    ann = visitor(app)
    assert ann.post(path).location == "/account"
    data = {"password": PASSWORD, "again": PASSWORD}
    assert ann.post("/account/password", data=data).location == "/account"
    assert ann.get("/account").status_code == 200
    assert path not in boss.get("/admin/people").text


def test_a_refused_person_is_named_by_field_and_nothing_typed_is_lost(app, boss):
    data = {"sign_in_name": "a b", "name": "Ann Wang", "role": "crew", "password": "short"}
    page = boss.post("/admin/people/new", data=data)
    assert page.status_code == 422
    for name in ("sign_in_name", "crew_id", "password"):
        assert f'id="field-{name}-error"' in page.text
    assert 'value="Ann Wang"' in page.text
    assert 'value="a b"' in page.text
    assert "short" not in page.text
    assert people_of(app, name="Ann Wang") == []


def test_a_duplicate_name_is_a_fault_of_its_field(boss):
    data = {"sign_in_name": "ann", "name": "Ann", "role": "manager", "password": PASSWORD}
    assert boss.post("/admin/people/new", data=data).status_code == 302
    page = boss.post("/admin/people/new", data=data)
    assert page.status_code == 422
    assert 'id="field-sign_in_name-error"' in page.text


def test_hostile_row_ids_are_no_team(boss):
    for team in ("0", "-1", str(10**30), "x", "\0"):
        data = {"sign_in_name": "ann", "name": "Ann", "role": "team_leader", "team_id": team}
        assert boss.post("/admin/people/new", data=data).status_code == 422


def test_a_paused_person_is_out_at_once(app, boss, sign_in):
    ann = sign_in("manager")
    assert ann.get("/account").status_code == 200
    data = {"name": "Ann", "role": "manager", "version": "1"}
    assert boss.post(f"/admin/people/{ann.user_id}", data=data).status_code == 302
    assert ann.get("/account").status_code == 302
    assert people_of(app, id=ann.user_id)[0].active is False


def test_a_stale_form_is_told_so(boss, sign_in):
    ann = sign_in("manager")
    data = {"name": "Ann", "role": "manager", "active": "1", "version": "1"}
    path = f"/admin/people/{ann.user_id}"
    assert boss.post(path, data=data).status_code == 302
    again = boss.post(path, data=data | {"name": "Ben"})
    assert again.status_code == 409
    assert 'value="Ben"' in again.text


def test_the_last_administrator_stays(app, boss):
    data = {"name": "Boss", "role": "manager", "active": "1", "version": "1"}
    page = boss.post(f"/admin/people/{boss.user_id}", data=data)
    assert page.status_code == 422
    assert "last administrator" in page.text
    assert people_of(app, id=boss.user_id)[0].role == "administrator"


def test_sessions_are_ended_one_by_one_and_all(boss, sign_in):
    ann = sign_in("manager")
    path = f"/admin/people/{ann.user_id}"
    found = re.findall(rf'action="({path}/sessions/\d+)"', boss.get(path).text)
    assert len(found) == 1
    assert boss.post(found[0]).status_code == 302
    assert ann.get("/account").status_code == 302
    assert boss.post(found[0]).status_code == 404
    ben = sign_in("manager")
    assert boss.post(f"/admin/people/{ben.user_id}/sessions").status_code == 302
    assert ben.get("/account").status_code == 302


def test_passwords_are_set_and_tokens_are_given(app, boss, sign_in):
    robot = sign_in("api_client")
    page = boss.post(f"/admin/people/{robot.user_id}/token")
    token = re.search(r'class="mono secret" readonly value="([^"]+)"', page.text)[1]
    headers = {"Authorization": f"Bearer {token}"}
    assert visitor(app).get("/account", headers=headers).status_code == 200
    path = f"/admin/people/{robot.user_id}/password"
    assert boss.post(path, data={"password": "short"}).status_code == 422
    assert boss.post(path, data={"password": PASSWORD}).status_code == 302
    assert visitor(app).get("/account", headers=headers).status_code == 302


def test_a_paused_account_gets_no_link(boss, sign_in):
    ann = sign_in("manager")
    boss.post(f"/admin/people/{ann.user_id}", data={"name": "Ann", "role": "manager"})
    for kind in ("link", "token"):
        assert boss.post(f"/admin/people/{ann.user_id}/{kind}").status_code == 422


def test_a_steward_is_given_a_pin(app, boss, sign_in, now):
    steward = sign_in("crew").user_id
    path = f"/admin/people/{steward}/pin"
    weak = boss.post(path, data={"pin": "123456"})
    assert (weak.status_code, "easy to guess" in weak.text) == (422, True)
    assert boss.post(path, data={"pin": "201530"}).location == f"/admin/people/{steward}"
    assert people_of(app, id=steward)[0].pin_hash
    assert boss.post(f"/admin/people/{boss.user_id}/pin", data={"pin": "201530"}).status_code == 422
