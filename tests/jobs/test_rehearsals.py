"""Does a rehearsal run beside the clockwork, end when it is not wanted, and survive a restart?"""

from __future__ import annotations

import sys
from datetime import timedelta
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.rehearsals import ask_for_rehearsal, cancel_rehearsal
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.jobs import rehearsals
from dispatch.jobs.beside import Stage
from dispatch.jobs.rehearsals import WORK
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.rehearsals import Rehearsal
from dispatch.queries.rehearsals import material_for
from dispatch.rehearsal.own_city import rehearse_own
from dispatch.rehearsal.own_material import Material
from tests.factories import make_account
from tests.own_days import make_days, wish

ZONE = ZoneInfo("Asia/Shanghai")
TELLS = "import time; print('{\"progress\": 0.25}', flush=True); time.sleep(600)"
ENDLESS = (sys.executable, "-c", TELLS)
BREAKS = (sys.executable, "-c", "import sys; sys.exit(3)")
ROUNDS = 400
run, leave = WORK.advance, WORK.leave


@pytest.fixture
def chief(session, now):
    with transaction():
        make_days(now)
        return make_account(Role.MANAGER, now)


@pytest.fixture
def stage():
    made = Stage(ZONE)
    yield made
    if made.run is not None:
        made.run.end()


def ask(chief, now, **changes: Any) -> int:
    with transaction():
        return ask_for_rehearsal(wish(**changes), actor=chief, now=now).id


def found(row_id) -> Rehearsal:
    db.session.expire_all()
    return db.session.get(Rehearsal, row_id)


def rounds(stage, now, until) -> None:
    """Do rounds, a second apart for the job, until something is true."""
    pause = Event()
    for number in range(ROUNDS):
        if until():
            return
        run(now + timedelta(seconds=number), stage)
        pause.wait(0.05)
    raise AssertionError("the rehearsal did not get there")


def test_it_runs_to_the_figures_of_the_engine(chief, now, stage):
    row_id = ask(chief, now)
    rounds(stage, now, lambda: found(row_id).state == "done")
    row = found(row_id)
    material, life = material_for(wish(), ZONE, None, now)
    expected = rehearse_own(Material.from_json(material), wish())
    expected["travel"]["note"] = None
    assert {name: row.result[name] for name in expected} == expected
    assert row.result["life"] == life
    assert row.result["took_seconds"] >= 0
    assert stage.run is None
    assert run(now, stage) == {"begun": 0, "lost": 0}


def test_two_run_one_after_the_other(chief, now, stage):
    first, second = ask(chief, now), ask(chief, now, seed=2)
    run(now, stage)
    assert (found(first).state, found(second).state) == ("running", "queued")
    assert run(now, Stage(ZONE))["begun"] == 0
    rounds(stage, now, lambda: found(second).state == "done")
    assert found(first).state == "done"


def test_progress_is_written_and_a_cancelled_run_ends(chief, now, stage, monkeypatch):
    monkeypatch.setattr(rehearsals, "COMMAND", ENDLESS)
    row_id = ask(chief, now)
    rounds(stage, now, lambda: found(row_id).progress == 0.25)
    child = stage.run.child
    with transaction():
        cancel_rehearsal(found(row_id), actor=chief, now=now)
    rounds(stage, now + timedelta(hours=1), lambda: stage.run is None)
    assert child.poll() is not None
    assert found(row_id).state == "cancelled"


def test_a_deleted_run_ends(chief, now, stage, monkeypatch):
    monkeypatch.setattr(rehearsals, "COMMAND", ENDLESS)
    row_id = ask(chief, now)
    run(now, stage)
    with transaction():
        db.session.delete(found(row_id))
    rounds(stage, now, lambda: stage.run is None)


def test_a_stop_gives_the_run_back(chief, now, stage, monkeypatch):
    monkeypatch.setattr(rehearsals, "COMMAND", ENDLESS)
    row_id = ask(chief, now)
    run(now, stage)
    child = stage.run.child
    leave(stage)
    leave(stage)
    assert child.poll() is not None
    assert (found(row_id).state, found(row_id).tries) == ("queued", 0)


def test_a_run_whose_job_was_killed_is_run_again_by_the_next(chief, now, stage, monkeypatch):
    row_id = ask(chief, now)
    with monkeypatch.context() as patch:
        patch.setattr(rehearsals, "COMMAND", ENDLESS)
        killed = Stage(ZONE)
        run(now, killed)
        killed.run.end()
    later = now + timedelta(minutes=2)
    assert run(now, stage) == {"begun": 0, "lost": 0}
    rounds(stage, later, lambda: found(row_id).state == "done")
    assert found(row_id).tries == 2


def test_a_process_that_breaks_off_fails_with_a_sentence(chief, now, stage, monkeypatch, caplog):
    monkeypatch.setattr(rehearsals, "COMMAND", BREAKS)
    row_id = ask(chief, now)
    rounds(stage, now, lambda: found(row_id).state == "failed")
    assert "broke off" in found(row_id).fault["text"]
    assert "ended with 3" in caplog.text


def test_what_cannot_be_rehearsed_fails_with_its_reason(chief, now, stage):
    no_days = wish().first.replace(year=2020)
    empty = ask(chief, now, first=no_days, last=no_days)
    rounds(stage, now, lambda: found(empty).state == "failed")
    assert "No located ticket" in found(empty).fault["text"]


def test_a_refusal_of_the_process_is_its_reason(chief, now, stage):
    with transaction():
        for crew in db.session.query(Crew):
            crew.active = False
    row_id = ask(chief, now)
    rounds(stage, now, lambda: found(row_id).state == "failed")
    assert "no active crew" in found(row_id).fault["text"]
