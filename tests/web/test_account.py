"""Can everybody look after the own account, and only that?"""

from __future__ import annotations

from dispatch.models.base import db
from dispatch.models.people import User
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
