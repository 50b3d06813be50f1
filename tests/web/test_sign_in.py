"""Do the sign-in pages let the right people in, and keep what was there before out?"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from dispatch.access import SESSION_COOKIE
from dispatch.actions.accounts import Account, add_user, give_link
from dispatch.actions.sessions import MOST_TRIES
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Actor
from tests.visitors import visitor

PASSWORD = "correct horse battery"
BOSS = Actor(name="boss")


@pytest.fixture
def ann(app, now):
    return added(app, now)


def added(app, now, role="dispatcher", **columns: Any):
    with app.app_context(), transaction():
        account = Account("ann", "Ann", role, **columns)
        return add_user(account, PASSWORD, actor=BOSS, now=now).id


def sign_in_as_ann(client, password=PASSWORD, **fields: Any):
    return client.post("/sign-in", data={"name": "ann", "password": password} | fields)


def link_for(app, user_id, now):
    from dispatch.queries.administration import person_for_change  # noqa: PLC0415

    with app.app_context(), transaction():
        return give_link(person_for_change(user_id), actor=BOSS, now=now)


def test_the_form_signs_in_and_leads_to_work(client, ann, clock):
    answer = sign_in_as_ann(client)
    assert (answer.status_code, answer.location) == (302, "/desk")
    assert client.get("/sign-in").location == "/desk"


@pytest.mark.parametrize(
    ("role", "home"),
    [("manager", "/circle"), ("auditor", "/circle"), ("administrator", "/admin")],
)
def test_each_role_lands_on_its_own_page(app, sign_in, role, home):
    client = sign_in(role)
    assert client.get("/sign-in").location == home
    assert client.get("/").location == home


def test_a_stranger_is_led_to_the_report_page(client):
    assert client.get("/").location == "/report"


@pytest.mark.parametrize(
    ("wanted", "landing"),
    [
        ("/desk?ticket=7", "/desk?ticket=7"),
        ("", "/desk"),
        ("/sign-in/some-secret", "/desk"),
        ("https://evil.example/x", "/x"),
        ("//evil.example/x", "/x"),
        ("/\\evil.example", "/desk"),
        ("/\t/evil.example", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("\\\\evil.example", "/desk"),
    ],
)
def test_one_goes_on_to_the_wanted_page_but_never_to_another_site(
    client, ann, clock, wanted, landing
):
    assert sign_in_as_ann(client, next=wanted).location == landing


def test_the_cookie_is_kept_from_scripts_and_other_sites(app, client, ann, clock):
    cookie = next(
        c for c in sign_in_as_ann(client).headers.getlist("Set-Cookie") if SESSION_COOKIE in c
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    https = dataclasses.replace(app.config["SETTINGS"], base_url="https://water.example")
    app.config["SETTINGS"] = https
    cookies = sign_in_as_ann(visitor(app)).headers.getlist("Set-Cookie")
    assert "Secure" in next(c for c in cookies if SESSION_COOKIE in c)


def test_a_session_that_was_planted_ends_at_sign_in(app, client, ann, clock):
    sign_in_as_ann(client)
    planted = client.get_cookie(SESSION_COOKIE).value
    other = visitor(app)
    other.set_cookie(SESSION_COOKIE, planted)
    assert sign_in_as_ann(other).status_code == 302
    assert other.get_cookie(SESSION_COOKIE).value != planted
    assert client.get("/sign-in").status_code == 200


def test_a_sign_in_from_another_site_is_refused(client, ann, clock):
    client.carries_token = False
    assert sign_in_as_ann(client).status_code == 400


def test_a_wrong_password_keeps_the_name_and_the_way(client, ann, clock):
    answer = sign_in_as_ann(client, "wrong", next="/desk?ticket=7")
    assert answer.status_code == 401
    assert 'value="ann"' in answer.text
    assert 'value="/desk?ticket=7"' in answer.text
    assert "do not fit together" in answer.text
    assert "wrong" not in re.sub(r"<[^>]*>", "", answer.text).split()


def test_hostile_fields_are_answered_and_shown_as_text(client, clock):
    for name in ("\0", "x" * 100_000, "'; DROP TABLE user_account; --", "<script>alert(1)"):
        answer = client.post("/sign-in", data={"name": name, "password": "\0" * 3})
        assert answer.status_code == 401
        assert "<script>alert" not in answer.text


def test_guessing_stops_after_ten_tries_and_says_when_to_come_back(client, ann, clock):
    for _ in range(MOST_TRIES):
        assert sign_in_as_ann(client, "wrong").status_code == 401
    answer = sign_in_as_ann(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    clock.shift(timedelta(minutes=5, seconds=1))
    assert sign_in_as_ann(client).status_code == 302


def test_looking_at_a_link_does_not_spend_it(app, client, ann, now, clock):
    secret = link_for(app, ann, now)
    for _ in range(3):
        assert visitor(app).get(f"/sign-in/{secret}").status_code == 200
    assert client.post(f"/sign-in/{secret}").location == "/account"
    again = visitor(app).post(f"/sign-in/{secret}")
    assert again.status_code == 401
    assert "used before or is too old" in again.text


def test_a_link_is_too_old_after_a_day(app, client, ann, now, clock):
    secret = link_for(app, ann, now)
    clock.shift(timedelta(days=1))
    assert client.post(f"/sign-in/{secret}").status_code == 401


def test_signing_out_ends_the_session_on_the_server(app, client, ann, clock):
    sign_in_as_ann(client)
    kept = client.get_cookie(SESSION_COOKIE).value
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get_cookie(SESSION_COOKIE) is None
    client.set_cookie(SESSION_COOKIE, kept)
    assert client.get("/sign-in").status_code == 200


def test_the_language_of_the_account_comes_along(app, client, now, clock):
    added(app, now, language="zh-CN")
    sign_in_as_ann(client)
    assert client.get_cookie("language").value == "zh-CN"


def test_a_chosen_language_stays(app, client, now, clock):
    added(app, now, language="zh-CN")
    client.set_cookie("language", "en")
    sign_in_as_ann(client)
    assert client.get_cookie("language").value == "en"


def test_only_the_demo_shows_sign_ins(app, client, tmp_path, clock):
    shown = [{"name": "dispatcher", "password": "demo-dispatcher", "role": "dispatcher"}]
    (tmp_path / "demo_sign_ins.json").write_text(json.dumps(shown), encoding="utf-8")
    settings = dataclasses.replace(app.config["SETTINGS"], data_dir=tmp_path)
    app.config["SETTINGS"] = settings
    assert "demo-dispatcher" not in client.get("/sign-in").text
    app.config["SETTINGS"] = dataclasses.replace(settings, demo=True)
    page = client.get("/sign-in").text
    assert "dispatcher · demo-dispatcher" in page
    assert "Dispatcher" in page
