"""Do the pages of the administration work for administrators, and for nobody else?"""

from __future__ import annotations

import io
import json
import re

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import Crew, SettingsEvent, Team, User
from dispatch.models.places import Grid
from tests.visitors import visitor

PASSWORD = "correct horse battery"
SQUARE = [[112.9, 28.1], [113.0, 28.1], [113.0, 28.2], [112.9, 28.2], [112.9, 28.1]]
CREWS = (
    "crew,team,skills,base_lat,base_lon,shift_start,shift_end,vehicle\n"
    "Yuelu 1,Yuelu,mains;meter,28.2,112.9,08:00,20:00,van 7\n"
)
TICKETS = "OPEN,WHERE\n2025-01-05 08:00:00,1 Main Street\n"
MAP = '[columns]\nreceived_at = "OPEN"\naddress = "WHERE"\n\n[format]\ntime = "%Y-%m-%d %H:%M:%S"\n'

READS = {
    "/admin": {"administrator"},
    "/admin/people": {"administrator"},
    "/admin/people/new": {"administrator"},
    "/admin/people/1": {"administrator"},
    "/admin/teams": {"administrator"},
    "/admin/grids": {"administrator"},
    "/admin/tickets": {"administrator"},
    "/admin/policy": {"administrator"},
    "/admin/policy/edit": {"administrator"},
    "/admin/changes": {"administrator", "auditor"},
    "/admin/clockwork": {"administrator", "auditor"},
    "/account": set(Role),
}
WRITES = (
    "/admin/people/new",
    "/admin/people/1",
    "/admin/people/1/link",
    "/admin/people/1/token",
    "/admin/people/1/password",
    "/admin/people/1/sessions",
    "/admin/people/1/sessions/1",
    "/admin/teams",
    "/admin/grids",
    "/admin/tickets",
    "/admin/policy/edit",
)


@pytest.fixture
def boss(sign_in):
    return sign_in("administrator")


def geojson(name="North", ring=SQUARE, **properties: str):
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "geometry": geometry}
    feature["properties"] = {"name": name, "team": "Yuelu"} | properties
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def upload(visitor, path, content, name="file.geojson", **fields: str):
    if isinstance(content, str):
        content = content.encode()
    return visitor.post(path, data={"file": (io.BytesIO(content), name)} | fields)


def held(page):
    return re.search(r'name="held" value="([^"]+)"', page.text)[1]


def people_of(app, **wanted: str):
    with app.app_context():
        return db.session.query(User).filter_by(**wanted).all()


@pytest.mark.parametrize("role", [str(role) for role in Role])
def test_each_role_reads_its_pages_and_no_other(sign_in, role):
    person = sign_in(role)
    headers = person.bearer if role == "api_client" else {}
    for path, readers in READS.items():
        expected = 200 if role in readers else 403
        assert person.get(path, headers=headers).status_code == expected, path


@pytest.mark.parametrize("role", [str(role) for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_changes_anything(app, sign_in, role):
    person = sign_in(role)
    headers = person.bearer if role == "api_client" else {}
    for path in WRITES:
        assert person.post(path, headers=headers).status_code == 403, path
    with app.app_context():
        assert db.session.query(SettingsEvent).count() == 0


def test_a_stranger_is_asked_to_sign_in(client):
    for path in READS:
        assert client.get(path).location.startswith("/sign-in")
    for path in WRITES:
        assert client.post(path).status_code == 302


@pytest.mark.parametrize("path", sorted(READS))
def test_every_page_reads_in_chinese(boss, path):
    boss.set_cookie("language", "zh-CN")
    page = boss.get(path)
    assert page.status_code == 200
    assert 'lang="zh-CN"' in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/people/999",
        f"/admin/people/{10**30}",
        "/admin/policy/77",
        f"/admin/policy/{10**30}",
        "/admin/people/-1",
    ],
)
def test_what_is_not_there_is_not_found(boss, path):
    assert boss.get(path).status_code == 404


def test_a_form_from_another_site_is_refused(boss):
    boss.carries_token = False
    for path in WRITES:
        assert boss.post(path).status_code == 400


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


def test_the_own_password_needs_the_old_one(sign_in, boss):
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


def test_grids_are_seen_before_they_count(app, boss):
    page = upload(boss, "/admin/grids", geojson(), team_field="team", step="preview")
    assert page.status_code == 200
    with app.app_context():
        assert db.session.query(Grid).count() == 0
    data = {"held": held(page), "held_name": "g.geojson", "team_field": "team", "step": "apply"}
    assert boss.post("/admin/grids", data=data).status_code == 302
    with app.app_context():
        assert [grid.name for grid in db.session.query(Grid)] == ["North"]
    assert "Yuelu" in boss.get("/admin/grids").text
    assert boss.post("/admin/grids", data=data).status_code == 404


def test_a_held_file_is_nobody_elses(boss, sign_in):
    page = upload(boss, "/admin/grids", geojson(), team_field="team")
    other = sign_in("administrator")
    data = {"held": held(page), "held_name": "g", "step": "apply"}
    assert other.post("/admin/grids", data=data).status_code == 404
    for token in ("../../etc/passwd", "x" * 22, "\0" * 22):
        assert boss.post("/admin/grids", data=data | {"held": token}).status_code == 404


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "\xff", geojson(ring=[[0, 0]]), geojson(ring=[[1e9, 0]] * 4)]
)
def test_a_broken_geojson_is_refused_with_its_place(app, boss, content):
    page = upload(boss, "/admin/grids", content, team_field="team", step="apply")
    assert page.status_code == 422
    assert "Nothing was changed." in page.text
    assert 'value="team"' in page.text
    with app.app_context():
        assert db.session.query(Grid).count() == 0


def test_no_file_and_no_such_datum_are_refused(boss):
    assert boss.post("/admin/grids", data={"step": "preview"}).status_code == 422
    assert upload(boss, "/admin/grids", geojson(), datum="mars").status_code == 422


def test_crews_come_in_with_their_team_and_shift(app, boss):
    page = upload(boss, "/admin/teams", CREWS, "crews.csv", step="preview")
    assert page.status_code == 200
    assert boss.post("/admin/teams", data={"held": held(page), "step": "apply"}).status_code == 302
    page = boss.get("/admin/teams").text
    assert "Yuelu 1" in page
    assert "08:00–20:00" in page
    with app.app_context():
        assert db.session.query(Crew).count() == db.session.query(Team).count() == 1


def test_a_bad_line_of_crews_is_named(boss):
    page = upload(boss, "/admin/teams", CREWS.replace("28.2", "north"), "crews.csv")
    assert page.status_code == 422
    assert "line 2" in page.text
    assert "base_lat" in page.text


def test_past_tickets_come_in_once(boss):
    page = upload(boss, "/admin/tickets", TICKETS, "t.csv", columns=MAP, step="preview")
    assert page.status_code == 200
    data = {"held": held(page), "held_name": "t.csv", "columns": MAP, "step": "apply"}
    assert boss.post("/admin/tickets", data=data).status_code == 302
    assert "1 tickets are here now" in boss.get("/admin/tickets").text
    page = upload(boss, "/admin/tickets", TICKETS, "t.csv", columns="[columns", step="preview")
    assert page.status_code == 422
    assert "[columns" in page.text


def test_a_file_that_is_too_large_is_refused(boss):
    multipart = "multipart/form-data; boundary=x"
    page = boss.post("/admin/tickets", data=b"x" * 1_100_000, content_type=multipart)
    assert page.status_code == 413


def test_new_promises_are_a_new_version_with_its_reason(app, boss):
    form = policy_form(boss)
    form |= {"levels.2.arrive.town": "45", "reason": "a trial", "version": "0"}
    assert boss.post("/admin/policy/edit", data=form).status_code == 302
    page = boss.get("/admin/policy").text
    assert "45 min" in page
    assert "a trial" in page
    assert boss.get("/admin/policy/1").status_code == 200
    stale = boss.post("/admin/policy/edit", data=form | {"levels.2.arrive.town": "40"})
    assert stale.status_code == 409
    assert 'value="40"' in stale.text
    assert "levels.2.arrive.town.minutes" in boss.get("/admin/changes").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("levels.1.dispatch", "soon"),
        ("levels.1.arrive.town", ""),
        ("levels.1.arrive.night", "999999 h"),
        ("night.0", "25:00"),
        ("ladder", "0.5 0.8"),
        ("calendar.zone", "Mars/Base"),
        ("calendar.hours", "17:00-08:00"),
        ("calendar.weekdays", "8"),
        ("calendar.holidays", "2026-02-30"),
        ("circle_minutes", "0"),
        ("large_main_mm", "wide"),
        ("follow_up", ""),
        ("reason", " "),
    ],
)
def test_a_wrong_promise_is_named_and_nothing_typed_is_lost(boss, field, typed):
    form = policy_form(boss) | {"levels.2.arrive.town": "47 min", "reason": "why not"}
    page = boss.post("/admin/policy/edit", data=form | {field: typed})
    assert page.status_code == 422
    assert 'value="47 min"' in page.text
    near = page.text[page.text.index(f'name="{field}"') :][:400]
    assert 'aria-invalid="true"' in near


def policy_form(boss):
    from dispatch.domain.service_policy import DEFAULT_POLICY  # noqa: PLC0415
    from dispatch.web.policy_form import form_of  # noqa: PLC0415

    assert boss.get("/admin/policy/edit").status_code == 200
    return form_of(DEFAULT_POLICY) | {"version": "0"}


def test_the_first_run_shrinks_as_it_is_done(app, boss, now):
    assert "0 of 5 done" in boss.get("/admin").text
    upload(boss, "/admin/grids", geojson(), team_field="team", step="apply")
    assert "1 of 5 done" in boss.get("/admin").text


def test_the_changes_are_paged_and_filtered(app, boss, now):
    with app.app_context(), transaction():
        for number in range(120):
            subject = "user" if number % 2 else "grids"
            db.session.add(
                SettingsEvent(
                    at=now, actor="x", subject=subject, subject_key=f"k{number}", now={"n": number}
                )
            )
    page = boss.get("/admin/changes?page=2&subject=user").text
    assert "60 changes" in page
    assert "k19" in page
    assert "k118" not in page
    for odd in (
        "page=0",
        "page=-5",
        "page=x",
        f"page={10**30}",
        "subject=%00",
        "subject=" + "x" * 99,
    ):
        assert boss.get(f"/admin/changes?{odd}").status_code == 200, odd
