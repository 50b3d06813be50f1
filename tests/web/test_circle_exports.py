"""Does a small file come at once, and a large one only to whom it belongs?"""

from __future__ import annotations

import pytest
from flask import current_app

from dispatch.actions.exports import QUEUE, finish_export
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.export_files import ExportFiles
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.exports import Export
from dispatch.web import circle_export, circle_exports
from tests.circle_history import DAYS, a_week_of_tickets

HERE = "/circle/exports"
ASKED = f"{HERE}?file=rows.csv&{DAYS}"


@pytest.fixture
def week(app, monkeypatch):
    for module in (circle_export, circle_exports):
        monkeypatch.setattr(module, "SMALL_EXPORT", 60)
    with app.app_context(), transaction():
        a_week_of_tickets()


def rows(app) -> list[Export]:
    with app.app_context():
        return db.session.query(Export).order_by(Export.id).all()


def make(app, now, content=b"rows") -> Export:
    """Make the oldest file that waits, as the job does."""
    with app.app_context():
        with transaction():
            row = QUEUE.begin_next(now)
        with ExportFiles(current_app.config["SETTINGS"].data_dir).writing(row.key) as out:
            out.write(content)
        with transaction():
            finish_export(row.id, "tickets.csv", 127, 12_345_678, now=now)
        return row


def test_a_small_file_comes_at_once(week, app, sign_in):
    manager = sign_in("manager")
    assert manager.get(f"/circle/rows.csv?{DAYS}&grid=East").mimetype == "text/csv"
    answer = manager.post(f"{HERE}?file=rows.csv&{DAYS}&grid=East")
    assert answer.mimetype == "text/csv"
    assert manager.get(f"/circle/figures.csv?{DAYS}").mimetype == "text/csv"
    assert manager.get(f"/circle/figures.geojson?{DAYS}").mimetype == "application/geo+json"
    assert rows(app) == []


@pytest.mark.parametrize("file", ["rows.csv", "rows.xlsx", "figures.xlsx"])
def test_a_large_file_is_offered_and_asked_for(week, app, sign_in, file):
    manager = sign_in("manager")
    answer = manager.get(f"/circle/{file}?{DAYS}&days=weekdays")
    assert answer.status_code == 302
    page = manager.get(answer.location).text
    assert "Make the file" in page
    assert "2026-03-02 – 2026-03-08 · Monday to Friday" in page
    assert manager.post(answer.location).location.startswith(f"{HERE}#")
    [row] = rows(app)
    assert (row.file, row.state, row.language) == (file, "queued", "en")
    assert row.query == {
        "from": "2026-03-02", "to": "2026-03-08", "compare": "1", "days": "weekdays",
    }  # fmt: skip
    assert "One export is made at a time" in manager.get(HERE).text


def test_the_tickets_of_a_group_stay_those_of_the_group(week, app, sign_in):
    manager = sign_in("manager")
    query = f"{DAYS}&by=grid&key=West&promise=all&stage="
    answer = manager.get(f"/circle/rows.csv?{query}")
    page = manager.get(answer.location).text
    assert "Grid: West" in page
    manager.post(answer.location)
    [row] = rows(app)
    assert (row.query["by"], row.query["key"], row.query["promise"]) == ("grid", "West", "all")
    assert "/circle/tickets?" in row.address


def test_days_that_move_are_those_of_the_question(week, app, sign_in, clock, now):
    clock.move_to(now.replace(day=8))
    manager = sign_in("manager")
    manager.post(f"{HERE}?file=rows.csv&last=7")
    assert (rows(app)[0].query["from"], rows(app)[0].query["to"]) == ("2026-03-02", "2026-03-08")


def test_two_clicks_are_one_export(week, app, sign_in):
    manager = sign_in("manager")
    first, second = manager.post(ASKED), manager.post(ASKED)
    assert first.location == second.location
    assert len(rows(app)) == 1


def test_the_file_is_followed_and_saved(week, app, sign_in, now):
    manager = sign_in("manager")
    manager.post(ASKED)
    [told] = manager.get(f"{HERE}/progress").json["exports"]
    assert (told["state"], told["percent"]) == ("queued", 0)
    with app.app_context(), transaction():
        row = QUEUE.begin_next(now)
        QUEUE.note_progress(row.id, 0.5, now)
        assert row.tickets == 127
    [told] = manager.get(f"{HERE}/progress").json["exports"]
    assert (told["state"], told["percent"]) == ("running", 50)
    assert told["said"] == "64 of 127 tickets written"
    assert manager.get(f"{HERE}/{told['key']}/file").status_code == 404
    with app.app_context(), transaction():
        QUEUE.give_back(row.id)
    make(app, now)
    [told] = manager.get(f"{HERE}/progress").json["exports"]
    assert told["news"] == "Ready to save: Rows as CSV, 12.3 MB"
    page = manager.get(HERE).text
    assert "Save, 12.3 MB" in page
    assert "kept until 2026-03-09" in page
    with manager.get(f"{HERE}/{told['key']}/file") as answer:
        assert (answer.data, answer.mimetype) == (b"rows", "text/csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=tickets.csv"
    assert "no-store" in answer.headers["Cache-Control"]


def test_nobody_else_finds_it(week, app, sign_in, now):
    sign_in("manager").post(ASKED)
    key = make(app, now).key
    for role in ("administrator", "dispatcher"):
        other = sign_in(role)
        assert other.get(f"{HERE}/{key}/file").status_code == 404
        assert other.post(f"{HERE}/{key}/cancel").status_code == 404
        assert other.post(f"{HERE}/{key}/retry").status_code == 404
        assert other.get(f"{HERE}/progress").json == {
            "exports": [],
            "notice": {"going": 0, "words": ""},
        }
    leader = sign_in("team_leader", team_id=1)
    for path in (HERE, f"{HERE}/progress", f"{HERE}/{key}/file"):
        assert leader.get(path).status_code == 403


def test_who_is_not_signed_in_is_asked_to(app):
    visitor = app.test_client()
    for path in (HERE, f"{HERE}/a-key-of-nobody/file"):
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert "sign-in" in answer.location


def test_it_is_cancelled_and_made_after_all(week, app, sign_in):
    manager = sign_in("manager")
    key = manager.post(ASKED).location.partition("#")[2]
    assert manager.post(f"{HERE}/{key}/cancel").status_code == 303
    assert manager.post(f"{HERE}/{key}/cancel").status_code == 409
    assert "Try again" in manager.get(HERE).text
    manager.post(f"{HERE}/{key}/retry")
    assert rows(app)[0].state == "queued"
    assert manager.post(f"{HERE}/{key}/retry").status_code == 409


def test_why_it_failed_is_said_in_the_reader_s_words(week, app, sign_in, now):
    manager = sign_in("manager")
    manager.post(ASKED)
    with app.app_context(), transaction():
        row = QUEUE.begin_next(now)
        fault = say("There is no %(kind)s named “%(name)s”.", kind=say("team"), name="X")
        QUEUE.fail(row.id, fault, now)
    page = manager.get(HERE).text
    assert "There is no team named “X”." in page
    assert "Try again" in page


def test_a_lost_file_is_said(week, app, sign_in, now):
    manager = sign_in("manager")
    manager.post(ASKED)
    key = make(app, now).key
    with app.app_context():
        ExportFiles(current_app.config["SETTINGS"].data_dir).remove(key)
    assert "The file is not on this server." in manager.get(HERE).text
    assert manager.get(f"{HERE}/{key}/file").status_code == 404


@pytest.mark.parametrize("query", ["file=rows.pdf", "file=", "file=rows.csv&team=Nobody"])
def test_what_cannot_be_meant_is_refused(week, sign_in, query):
    manager = sign_in("manager")
    assert manager.get(f"{HERE}?{query}&{DAYS}").status_code in {404, 422}
    assert manager.post(f"{HERE}?{query}&{DAYS}").status_code in {404, 422}
