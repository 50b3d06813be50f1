"""Does a rehearsal pass through its states once, and only by whom it may?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.actions import rehearsals as rules
from dispatch.actions.background import SILENT_FOR
from dispatch.actions.rehearsals import (
    QUEUE,
    ask_for_rehearsal,
    cancel_rehearsal,
    delete_rehearsal,
    finish_rehearsal,
    forget_old_rehearsals,
    keep_rehearsal,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, Stale, TooMany
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.rehearsals import Rehearsal
from tests.factories import make_account, make_team
from tests.own_days import wish


@pytest.fixture
def chief(session, now):
    with transaction():
        return make_account(Role.MANAGER, now)


def ask(actor, now, **changes: Any) -> Rehearsal:
    with transaction():
        return ask_for_rehearsal(wish(**changes), actor=actor, now=now, name=" Frost ")


def again(row) -> Rehearsal:
    db.session.expire_all()
    return db.session.get(Rehearsal, row.id)


def begin(now) -> Rehearsal | None:
    with transaction():
        return QUEUE.begin_next(now)


def test_it_waits_runs_and_is_done(chief, now):
    row = ask(chief, now)
    assert (row.state, row.name, row.created_by, row.kept) == ("queued", "Frost", chief.name, False)
    assert begin(now).id == row.id
    with transaction():
        assert QUEUE.note_progress(row.id, 0.5, now + timedelta(seconds=1))
    assert (again(row).state, again(row).progress, again(row).tries) == ("running", 0.5, 1)
    with transaction():
        finish_rehearsal(row.id, {"total": {}}, now + timedelta(seconds=9))
    found = again(row)
    assert (found.state, found.progress, found.result) == ("done", 1.0, {"total": {}})
    assert found.finished_at == now + timedelta(seconds=9)


def test_one_runs_at_a_time_the_oldest_first(chief, now):
    first, second = ask(chief, now), ask(chief, now)
    assert begin(now).id == first.id
    assert begin(now) is None
    with transaction():
        QUEUE.fail(first.id, say("No."), now)
    assert again(first).fault["text"] == "No."
    assert begin(now).id == second.id
    assert begin(now) is None
    with transaction():
        finish_rehearsal(second.id, {}, now)
    assert begin(now) is None


def test_the_database_refuses_a_second_one_that_runs(chief, now):
    ask(chief, now)
    other = ask(chief, now)
    begin(now)
    with pytest.raises(Stale), transaction():
        again(other).state = "running"


def test_a_cancelled_one_takes_no_result(chief, now):
    row = ask(chief, now)
    begin(now)
    with transaction():
        cancel_rehearsal(again(row), actor=chief, now=now)
    with transaction():
        assert not QUEUE.note_progress(row.id, 0.5, now)
        finish_rehearsal(row.id, {}, now)
        QUEUE.fail(row.id, say("No."), now)
        QUEUE.give_back(row.id)
    assert (again(row).state, again(row).result, again(row).fault) == ("cancelled", None, None)
    with pytest.raises(Forbidden), transaction():
        cancel_rehearsal(again(row), actor=chief, now=now)


def test_a_run_given_back_waits_again_without_counting(chief, now):
    row = ask(chief, now)
    begin(now)
    with transaction():
        QUEUE.give_back(row.id)
    assert (again(row).state, again(row).tries) == ("queued", 0)


def test_a_lost_run_waits_again_once_and_fails_then(chief, now):
    row = ask(chief, now)
    later = now + SILENT_FOR + timedelta(seconds=1)
    begin(now)
    with transaction():
        assert QUEUE.take_back_lost(now + SILENT_FOR) == 0
    with transaction():
        assert QUEUE.take_back_lost(later) == 1
    assert again(row).state == "queued"
    begin(later)
    with transaction():
        assert QUEUE.take_back_lost(later + SILENT_FOR + timedelta(seconds=1)) == 1
    assert again(row).state == "failed"
    assert "twice" in again(row).fault["text"]


def test_a_wish_that_cannot_be_is_refused(chief, now):
    with pytest.raises(Invalid), transaction():
        ask_for_rehearsal(wish(seed=-1), actor=chief, now=now)
    with pytest.raises(Invalid) as refusal:
        ask(chief, now, extra_crews=1, extra_team="Nobody")
    assert "extra_team" in refusal.value.fields


def test_a_team_leader_asks_for_the_own_team_alone(session, now):
    with transaction():
        west, _east = make_team("West"), make_team("East")
        leader = make_account(Role.TEAM_LEADER, now, team_id=west.id)
    assert ask(leader, now, extra_crews=1, extra_team="West").team_id == west.id
    with pytest.raises(Invalid):
        ask(leader, now, extra_crews=1, extra_team="East")


def test_the_queue_has_an_end(chief, now, monkeypatch):
    monkeypatch.setattr(rules, "MOST_WAITING", 2)
    ask(chief, now)
    ask(chief, now)
    with pytest.raises(TooMany, match="2 rehearsals wait"):
        ask(chief, now)


def test_only_the_asker_and_an_administrator_change_it(chief, now):
    with transaction():
        other = make_account(Role.DISPATCHER, now)
        administrator = make_account(Role.ADMINISTRATOR, now)
    row = ask(chief, now)
    with pytest.raises(NotAllowed, match=chief.name), transaction():
        keep_rehearsal(again(row), "x", kept=True, actor=other)
    with pytest.raises(NotAllowed), transaction():
        delete_rehearsal(again(row), actor=other)
    with pytest.raises(NotAllowed), transaction():
        cancel_rehearsal(again(row), actor=other, now=now)
    with transaction():
        keep_rehearsal(again(row), " ", kept=True, actor=chief)
    assert (again(row).kept, again(row).name) == (True, None)
    with transaction():
        delete_rehearsal(again(row), actor=administrator)
    assert again(row) is None


def test_what_nobody_keeps_is_forgotten_after_a_week(chief, now):
    kept, loose = ask(chief, now), ask(chief, now)
    with transaction():
        keep_rehearsal(again(kept), "Frost", kept=True, actor=chief)
    for row in (kept, loose):
        with transaction():
            cancel_rehearsal(again(row), actor=chief, now=now)
    with transaction():
        assert forget_old_rehearsals(now + rules.KEPT_DAYS) == 0
    with transaction():
        assert forget_old_rehearsals(now + rules.KEPT_DAYS + timedelta(seconds=1)) == 1
    db.session.expire_all()
    assert db.session.scalars(select(Rehearsal.name)).all() == ["Frost"]
