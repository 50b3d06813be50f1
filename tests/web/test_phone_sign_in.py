"""Does a phone become a crew's by its code alone, and open for its people's PINs alone?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.access import PHONE_COOKIE, SESSION_COOKIE
from dispatch.actions.accounts import set_password
from dispatch.actions.phones import make_code, revoke_phone
from dispatch.actions.pins import set_pin
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.field import PhonePerson
from dispatch.models.people import Crew, Device, SignInTry, User, UserSession
from tests.factories import DESK, make_account, make_city
from tests.visitors import visitor

PIN = "201530"


@pytest.fixture
def people(app, now, clock):
    """Return the account numbers of two stewards of W1, the second without a PIN, and one of E1."""
    with app.app_context(), transaction():
        crews = make_city(now).crews
        found = [
            make_account(Role.CREW, now, name=name, crew_id=crews[crew].id).user_id
            for name, crew in (("Ann Chen", 0), ("Bo Deng", 0), ("Eva Fang", 2))
        ]
        for number in (0, 2):
            set_pin(db.session.get_one(User, found[number]), PIN, actor=DESK, now=now)
    return found


def code_for(app, now, crew=1):
    with app.app_context(), transaction():
        return make_code(crew, "Phone 1", actor=DESK, now=now)


@pytest.fixture
def phone(app, now, people, client):
    """Return a browser that is a phone of W1."""
    answer = client.post("/crew/join", data={"code": code_for(app, now)})
    assert (answer.status_code, answer.location) == (303, "/crew/sign-in")
    return client


def sign_in_as(phone, person, pin=PIN):
    return phone.post("/crew/sign-in", data={"person": str(person), "pin": pin})


def test_a_code_makes_a_phone_of_the_browser_that_scans_it(app, client, people, now):
    code = code_for(app, now)
    page = client.get(f"/crew/join?code={code.lower()}").text
    assert f'value="{code[:4]} {code[4:]}"' in page
    answer = client.post("/crew/join", data={"code": f"{code[:4]}-{code[4:]}"})
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if PHONE_COOKIE in c)
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    page = client.get("/crew/sign-in").text
    for words in ("one of W1", "Ann Chen", "Bo Deng", "no PIN yet"):
        assert words in page
    assert "Eva Fang" not in page


def test_behind_https_the_cookie_never_leaves_it(app, client, people, now):
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, base_url="https://desk.example")
    answer = client.post("/crew/join", data={"code": code_for(app, now)})
    assert any("Secure" in c for c in answer.headers.getlist("Set-Cookie") if PHONE_COOKIE in c)


def test_a_code_that_was_photographed_is_no_good_after_its_first_use(app, phone, now, clock):
    thief = visitor(app)
    code = code_for(app, now)
    assert visitor(app).post("/crew/join", data={"code": code}).status_code == 303
    answer = thief.post("/crew/join", data={"code": code})
    assert (answer.status_code, "used before" in answer.text) == (422, True)
    late = code_for(app, now)
    clock.shift(601)
    assert "too old" in thief.post("/crew/join", data={"code": late}).text
    code = code_for(app, now + timedelta(seconds=601), crew=2)
    with app.app_context(), transaction():
        db.session.get_one(Crew, 2).active = False
    assert "is no more" in thief.post("/crew/join", data={"code": code}).text
    assert thief.get_cookie(PHONE_COOKIE) is None


def test_codes_are_not_guessed(app, client, people, now):
    statuses = [
        client.post("/crew/join", data={"code": f"0000000{n % 10}"}).status_code for n in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2
    answer = client.post("/crew/join", data={"code": code_for(app, now)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")


def test_a_pin_opens_the_phone_for_a_shift(app, phone, people, clock):
    answer = sign_in_as(phone, people[0])
    assert (answer.status_code, answer.location) == (302, "/crew")
    assert 'name="phone" content="yes"' in phone.get("/crew").text
    assert phone.get("/crew/sign-in").location == "/crew"
    with app.app_context():
        [session] = db.session.query(UserSession).all()
        device = db.session.query(Device).one()
        assert session.device_id == device.id
        assert session.expires_at - session.created_at == timedelta(hours=12)
        assert device.last_user_id == people[0]
        assert db.session.query(PhonePerson).one().user_id == people[0]
        assert db.session.query(SignInTry).count() == 0
    clock.shift(12 * 3600 + 1)
    assert phone.get("/crew").status_code == 302
    assert phone.post("/api/v1/field/sync", json={}).status_code == 401
    assert phone.get("/sign-in?next=/crew").location == "/crew/sign-in"
    assert phone.get("/sign-in?next=/crew&password").status_code == 200


def test_a_phone_that_looks_at_its_list_was_seen(app, phone, people, now, clock):
    sign_in_as(phone, people[0])
    told: dict[str, str] = {}
    for seconds, seen, status in ((30, 0, 200), (40, 70, 304)):
        clock.shift(seconds)
        answer = phone.get("/crew", headers=told)
        assert answer.status_code == status
        told = {"If-None-Match": answer.headers["ETag"]}
        with app.app_context():
            assert db.session.query(Device).one().last_seen_at == now + timedelta(seconds=seen)


def test_the_next_person_picks_the_own_name_after_the_first_is_out(app, phone, people, now):
    with app.app_context(), transaction():
        set_pin(db.session.get_one(User, people[1]), PIN, actor=DESK, now=now)
    sign_in_as(phone, people[0])
    assert phone.post("/sign-out").location == "/crew/sign-in"
    assert phone.get_cookie(SESSION_COOKIE) is None
    assert sign_in_as(phone, people[1]).location == "/crew"
    with app.app_context():
        assert db.session.query(PhonePerson).count() == 2


def test_a_wrong_pin_and_a_person_of_another_crew_get_the_same_answer(app, phone, people):
    for person, pin in ((people[0], "999999"), (people[1], PIN), (people[2], PIN), ("x", PIN)):
        answer = sign_in_as(phone, person, pin)
        assert (answer.status_code, "do not fit together" in answer.text) == (401, True)
    assert phone.get_cookie(SESSION_COOKIE) is None


def test_fifty_tries_of_a_pin_are_five(app, phone, people, clock):
    statuses = [sign_in_as(phone, people[0], f"{n:06}").status_code for n in range(50)]
    assert statuses == [401] * 5 + [429] * 45
    clock.shift(20)
    answer = sign_in_as(phone, people[0])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")
    clock.shift(41)
    assert sign_in_as(phone, people[0]).status_code == 302


def test_a_browser_that_is_no_phone_shows_no_names_and_takes_no_pin(app, people):
    stranger = visitor(app)
    page = stranger.get("/crew/sign-in").text
    assert "not a crew&#39;s yet" in page
    assert "Ann Chen" not in page
    assert sign_in_as(stranger, people[0]).status_code == 403


def test_a_revoked_phone_says_so_and_lets_nobody_in(app, phone, people, now):
    sign_in_as(phone, people[0])
    with app.app_context(), transaction():
        revoke_phone(db.session.query(Device).one(), "lost", actor=DESK, now=now)
    assert phone.get("/crew").status_code == 302
    page = phone.get("/crew/sign-in").text
    assert "was revoked by the desk" in page
    assert "Ann Chen" not in page
    assert sign_in_as(phone, people[0]).status_code == 409
    again = phone.post("/crew/join", data={"code": code_for(app, now)})
    assert again.location == "/crew/sign-in"
    assert sign_in_as(phone, people[0]).location == "/crew"


def test_a_password_on_a_crews_phone_is_a_sign_in_on_it_too(app, phone, people, now):
    with app.app_context(), transaction():
        user = db.session.get_one(User, people[0])
        set_password(user, "correct horse battery", actor=DESK, now=now)
        boss = make_account(Role.DISPATCHER, now, name="boss")
        set_password(
            db.session.get_one(User, boss.user_id), "correct horse battery", actor=DESK, now=now
        )
    for name, tied in (("Ann Chen", True), ("boss", False)):
        with app.app_context(), transaction():
            db.session.query(User).filter_by(name=name).one().sign_in_name = (
                name[:4].strip().lower()
            )
        data = {"name": name[:4].strip().lower(), "password": "correct horse battery"}
        phone.post("/sign-in", data=data)
        with app.app_context():
            newest = db.session.query(UserSession).order_by(UserSession.id.desc()).first()
            assert (newest.device_id is not None) == tied


def test_a_crew_without_people_and_a_retired_one_are_said_so(app, client, people, now):
    client.post("/crew/join", data={"code": code_for(app, now, crew=2)})
    assert "Nobody of this crew has an account" in client.get("/crew/sign-in").text
    with app.app_context(), transaction():
        db.session.get_one(Crew, 2).active = False
    assert "This crew is paused." in client.get("/crew/sign-in").text


def test_the_demos_pin_stands_beside_its_name(app, phone, people, tmp_path):
    shown = [{"name": "Ann Chen", "password": "x", "role": "crew", "pin": PIN}]
    (tmp_path / "demo_sign_ins.json").write_text(json.dumps(shown), encoding="utf-8")
    assert PIN not in phone.get("/crew/sign-in").text
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], demo=True, data_dir=tmp_path)
    assert PIN in phone.get("/crew/sign-in").text
