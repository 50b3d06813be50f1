"""Do grids, crews and past tickets come in through the browser, seen before they count?"""

from __future__ import annotations

import io
import json
import re

import pytest

from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid
from dispatch.web import admin_imports

SQUARE = [[112.9, 28.1], [113.0, 28.1], [113.0, 28.2], [112.9, 28.2], [112.9, 28.1]]
CREWS = (
    "crew,team,skills,base_lat,base_lon,shift_start,shift_end,vehicle\n"
    "Yuelu 1,Yuelu,mains;meter,28.2,112.9,08:00,20:00,van 7\n"
)
TICKETS = "OPEN,WHERE\n2025-01-05 08:00:00,1 Main Street\n"
MAP = '[columns]\nreceived_at = "OPEN"\naddress = "WHERE"\n\n[format]\ntime = "%Y-%m-%d %H:%M:%S"\n'


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


def test_crews_none_or_with_an_unknown_skill_are_told_in_the_preview(boss):
    header = CREWS.splitlines()[0]
    assert upload(boss, "/admin/teams", header, "crews.csv").status_code == 422
    page = upload(boss, "/admin/teams", CREWS.replace("mains", "mians"), "crews.csv")
    assert page.status_code == 200
    assert "no kind of fault asks for the skill “mians”" in page.text


@pytest.mark.parametrize(
    ("path", "reader", "content"),
    [
        ("/admin/grids", "read_grid_features", geojson()),
        ("/admin/teams", "read_crew_rows", CREWS),
        ("/admin/tickets", "read_table", TICKETS),
    ],
)
def test_nobody_waits_while_a_file_is_read(boss, monkeypatch, path, reader, content):
    read, writing = getattr(admin_imports, reader), []

    def watched(*given: object):
        writing.append(bool(db.session().info.get("writing")))
        return read(*given)

    monkeypatch.setattr(admin_imports, reader, watched)
    page = upload(boss, path, content, "file.geojson", team_field="team", columns=MAP)
    assert page.status_code == 200
    assert writing == [False]


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


def test_a_city_s_grids_with_every_corner_come_in_through_the_page(boss):
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="g.geojson"\r\n\r\n'
    body = f"{head}{geojson(remark='x' * 2_000_000)}\r\n--x--\r\n".encode()
    page = boss.post("/admin/grids", data=body, content_type="multipart/form-data; boundary=x")
    assert page.status_code == 200


def test_the_first_run_shrinks_as_it_is_done(app, boss, now):
    assert "0 of 5 done" in boss.get("/admin").text
    upload(boss, "/admin/grids", geojson(), team_field="team", step="apply")
    assert "1 of 5 done" in boss.get("/admin").text
