"""Can everybody look after the own account, and only that?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import User
from tests.factories import make_city
from tests.visitors import visitor

PASSWORD = "correct horse battery"


def people_of(app, **wanted: str):
    with app.app_context():
        return db.session.query(User).filter_by(**wanted).all()


def test_the_own_password_needs_the_old_one(sign_in):
    ann = sign_in("manager")
    first = {"password": PASSWORD, "again": PASSWORD}
    assert ann.post("/account/password", data=first).status_code == 302
    second = {"password": "another horse battery", "again": "another horse battery"}
    page = ann.post("/account/password", data=second | {"current": "wrong"})
    assert (page.status_code, "This is not your password." in page.text) == (422, True)
    mixed = second | {"current": PASSWORD, "again": "something else entirely"}
    assert ann.post("/account/password", data=mixed).status_code == 422
    assert ann.post("/account/password", data=second | {"current": PASSWORD}).status_code == 302


def test_signing_out_elsewhere_keeps_this_browser(app, sign_in):
    ann = sign_in("manager")
    data = {"password": PASSWORD, "again": PASSWORD}
    ann.post("/account/password", data=data)
    phone = visitor(app)
    name = people_of(app, id=ann.user_id)[0].sign_in_name
    assert phone.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 302
    assert ann.post("/account/sessions").status_code == 302
    assert ann.get("/account").status_code == 200
    assert phone.get("/account").status_code == 302


def test_the_chosen_language_stays_with_the_account(app, sign_in):
    ann = sign_in("manager")
    ann.post("/account/language", data={"language": "zh-CN"})
    assert people_of(app, id=ann.user_id)[0].language == "zh-CN"
    assert 'lang="zh-CN"' in ann.get("/account").text
    ann.post("/account/language", data={"language": "klingon"})
    assert people_of(app, id=ann.user_id)[0].language == "zh-CN"


def test_a_steward_chooses_a_pin_and_proves_who_it_is(app, sign_in, now):
    with app.app_context(), transaction():
        make_city(now)
    ann = sign_in("crew", crew_id=1)
    assert ann.post("/account/pin", data={"pin": "111111"}).status_code == 422
    assert ann.post("/account/pin", data={"pin": "201530"}).location == "/account"
    assert ann.post("/account/password", data={"password": PASSWORD, "again": PASSWORD}).location
    assert ann.post("/account/pin", data={"pin": "112358"}).status_code == 422
    changed = ann.post("/account/pin", data={"pin": "112358", "current": PASSWORD})
    assert changed.location == "/account"
    boss = sign_in("dispatcher")
    assert boss.post("/account/pin", data={"pin": "201530"}).status_code == 422
    assert "/account/pin" not in boss.get("/account").text


def test_on_a_crews_phone_the_pin_is_asked_before_a_first_password(app, sign_in, now):
    with app.app_context(), transaction():
        make_city(now)
    ann = sign_in("crew", crew_id=1)
    ann.post("/account/pin", data={"pin": "201530"})
    ann.post("/api/v1/field/devices", json={"name": "Phone"})
    assert "PIN until now" in ann.get("/account").text
    wanted = {"password": PASSWORD, "again": PASSWORD}
    page = ann.post("/account/password", data=wanted | {"current": "999999"})
    assert (page.status_code, "This is not your PIN." in page.text) == (422, True)
    assert ann.post("/account/password", data=wanted | {"current": "201530"}).status_code == 302
