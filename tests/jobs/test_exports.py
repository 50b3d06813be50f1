"""Is a large file made beside the clockwork, the same as a small one, and only once?"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import current_app

from dispatch.actions.exports import QUEUE, Wanted, ask_for_export, cancel_export
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.export_files import ExportFiles
from dispatch.circle.asked import asked_of
from dispatch.circle.files import CircleFile, Shown, small_file
from dispatch.domain.permissions import Role, Scope
from dispatch.jobs import exports
from dispatch.jobs.beside import Stage
from dispatch.jobs.export_process import make_file
from dispatch.jobs.exports import WORK, clear_export_files
from dispatch.models.base import db
from dispatch.models.exports import Export
from dispatch.models.people import User
from dispatch.queries import figure_rows
from tests.circle.test_workbook import sheets_of
from tests.circle_history import a_week_of_tickets
from tests.factories import make_account

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
QUERY = {"from": "2026-03-02", "to": "2026-03-08", "compare": "1"}
ADDRESS = "http://here/circle"
TELLS = "import time; print('{\"progress\": 0.25}', flush=True); time.sleep(600)"
ENDLESS = (sys.executable, "-c", TELLS)
BREAKS = (sys.executable, "-c", "import sys; sys.exit(3)")
ROUNDS = 4_000
run, leave = WORK.advance, WORK.leave


@pytest.fixture
def chief(session):
    shutil.rmtree(files().folder, ignore_errors=True)
    with transaction():
        a_week_of_tickets()
        return make_account(Role.MANAGER, NOW)


@pytest.fixture
def stage():
    made = Stage(ZONE)
    yield made
    if made.run is not None:
        made.run.end()


def ask(chief, file="rows.csv", **more: str) -> int:
    with transaction():
        wanted = Wanted(file, QUERY | more, ADDRESS, "en")
        return ask_for_export(wanted, 127, actor=chief, now=NOW).id


def found(row_id) -> Export:
    db.session.expire_all()
    return db.session.get(Export, row_id)


def rounds(stage, until, now=NOW) -> None:
    pause = Event()
    for number in range(ROUNDS):
        if until():
            return
        run(now + timedelta(milliseconds=20 * number), stage)
        pause.wait(0.05)
    raise AssertionError("the export did not get there")


def files() -> ExportFiles:
    return ExportFiles(current_app.config["SETTINGS"].data_dir)


def shown(**more: str) -> Shown:
    asked = asked_of(QUERY | more, "", NOW.date(), ZONE)
    return Shown(asked, Scope(everything=True), NOW, ADDRESS)


def process_asked(file: str, **more: str) -> dict[str, Any]:
    return {
        "file": file,
        "query": QUERY | more,
        "address": ADDRESS,
        "language": "en",
        "everything": True,
        "team_id": None,
        "now": NOW.isoformat(),
        "key": "key-of-it",
    }


def test_the_process_makes_the_file(chief, stage):
    row_id = ask(chief)
    rounds(stage, lambda: found(row_id).state == "done")
    row = found(row_id)
    content = files().path(row.key).read_bytes()
    assert content == small_file(CircleFile.ROWS_CSV, shown())
    assert (row.tickets, row.bytes) == (127, len(content))
    assert row.name.startswith("tickets_2026-03-02_2026-03-08_20260320-17")
    assert stage.run is None
    assert run(NOW, stage)["begun"] == 0


@pytest.mark.parametrize("more", [{}, {"by": "grid", "key": "East", "promise": "broken"}])
@pytest.mark.parametrize("file", list(CircleFile))
def test_each_file_is_the_same_as_a_small_one(chief, monkeypatch, file, more):
    monkeypatch.setattr(figure_rows, "TICKETS_AT_ONCE", 10)
    asked = process_asked(str(file), **more)
    told = []
    make_file(asked, current_app.config["SETTINGS"], told.append)
    content, expected = files().path("key-of-it").read_bytes(), small_file(file, shown(**more))
    if file.form == "xlsx":
        assert sheets_of(content) == sheets_of(expected)
        assert "Definitions" in sheets_of(content)
    else:
        assert content == expected
    shares = [each["progress"] for each in told[:-1]]
    assert shares == sorted(shares)
    assert told[-1]["result"]["bytes"] == len(content)
    assert [each.name for each in files().folder.iterdir()] == ["key-of-it"]
    if file.has_tickets:
        assert len(shares) > 1
        assert shares[-1] == 1


def test_a_file_speaks_the_language_of_its_asker(chief):
    asked = process_asked("rows.xlsx") | {"language": "zh-CN"}
    make_file(asked, current_app.config["SETTINGS"], lambda _line: None)
    assert "工单" in sheets_of(files().path("key-of-it").read_bytes())


def test_a_view_that_is_gone_fails_with_a_sentence(chief):
    told = []
    asked = process_asked("rows.csv", team="Gone")
    make_file(asked, current_app.config["SETTINGS"], told.append)
    assert "no %(kind)s named" in told[0]["refused"]["text"]
    assert files().keys() == []


def test_one_runs_at_a_time_and_a_cancelled_one_ends(chief, stage, monkeypatch):
    monkeypatch.setattr(exports, "COMMAND", ENDLESS)
    first, second = ask(chief), ask(chief, "rows.xlsx")
    rounds(stage, lambda: found(first).progress == 0.25)
    assert run(NOW, Stage(ZONE))["begun"] == 0
    child = stage.run.child
    with transaction():
        cancel_export(found(first), now=NOW)
    rounds(stage, lambda: child.poll() is not None, NOW + timedelta(seconds=30))
    monkeypatch.undo()
    rounds(stage, lambda: found(second).state == "done", NOW + timedelta(seconds=30))
    assert found(first).state == "cancelled"
    assert files().keys() == [found(second).key]


def test_a_restart_begins_anew_and_makes_one_file(chief, stage, monkeypatch):
    row_id = ask(chief)
    with monkeypatch.context() as patch:
        patch.setattr(exports, "COMMAND", ENDLESS)
        run(NOW, stage)
        leave(stage)
        assert (found(row_id).state, found(row_id).tries) == ("queued", 0)
        killed = Stage(ZONE)
        run(NOW, killed)
        killed.run.end()
    later = NOW + timedelta(minutes=2)
    rounds(stage, lambda: found(row_id).state == "done", later)
    assert found(row_id).tries == 2
    assert files().keys() == [found(row_id).key]


def test_one_who_slept_lets_go_of_what_another_may_have(chief, stage, monkeypatch):
    monkeypatch.setattr(exports, "COMMAND", ENDLESS)
    ask(chief)
    run(NOW, stage)
    child = stage.run.child
    run(NOW + timedelta(minutes=5), stage)
    assert stage.run is None
    assert child.poll() is not None


def test_a_process_that_breaks_off_fails_with_a_sentence(chief, stage, monkeypatch, caplog):
    monkeypatch.setattr(exports, "COMMAND", BREAKS)
    row_id = ask(chief)
    rounds(stage, lambda: found(row_id).state == "failed")
    assert "broke off" in found(row_id).fault["text"]
    assert "ended with 3" in caplog.text


def test_who_may_no_longer_export_gets_nothing(chief, stage):
    row_id = ask(chief)
    with transaction():
        db.session.get(User, chief.user_id).active = False
    run(NOW, stage)
    assert found(row_id).state == "failed"
    assert "may no longer export" in found(row_id).fault["text"]


def test_files_without_an_export_are_swept(chief):
    row = found(ask(chief))
    with transaction():
        QUEUE.begin_next(NOW)
    for key in (row.key, "left-by-a-crash"):
        with files().writing(key) as out:
            out.write(b"x")
    assert clear_export_files(NOW) == 1
    assert files().keys() == [row.key]
    with transaction():
        cancel_export(found(row.id), now=NOW)
    assert clear_export_files(NOW) == 1
    assert files().keys() == []
