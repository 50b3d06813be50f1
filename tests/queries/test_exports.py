"""Does everybody see the own exports and nobody else's, and which files are needed?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.actions.exports import QUEUE, Wanted, ask_for_export, finish_export, note_whose
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotAllowed, NotFound
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.queries.exports import (
    ExportNotice,
    any_export_waiting,
    asker_of,
    export_for,
    export_notice,
    exports_ahead,
    exports_for,
    files_needed,
)
from tests.factories import make_account, make_team


@pytest.fixture
def chief(session, now):
    with transaction():
        return make_account(Role.MANAGER, now)


def ask(actor, now, number=0) -> str:
    wanted = Wanted("rows.csv", {"from": "2026-03-02"}, f"http://here/{number}", "en")
    with transaction():
        return ask_for_export(wanted, 9_000, actor=actor, now=now).key


def make(row_id, now) -> None:
    with transaction():
        assert QUEUE.begin_next(now).id == row_id
    with transaction():
        finish_export(row_id, "tickets.csv", 9_000, 1, now=now)


def test_what_is_made_and_what_has_ended_since_is_counted_for_its_asker(chief, now):
    with transaction():
        other = make_account(Role.ADMINISTRATOR, now)
    before = now - timedelta(minutes=1)
    assert export_notice(chief, before) == ExportNotice(going=0, ended=0)
    ask(chief, now)
    ask(chief, now, 1)
    make(1, now)
    assert export_notice(chief, before) == ExportNotice(going=1, ended=1)
    assert export_notice(chief, now) == ExportNotice(going=1, ended=0)
    assert export_notice(other, before) == ExportNotice(going=0, ended=0)


def test_only_the_asker_finds_an_export(chief, now):
    with transaction():
        other = make_account(Role.ADMINISTRATOR, now)
    first, second = ask(chief, now), ask(chief, now, 1)
    assert [row.key for row in exports_for(chief)] == [second, first]
    assert exports_for(other) == []
    assert export_for(first, chief).key == first
    with pytest.raises(NotFound, match="no such export"):
        export_for(first, other)
    with pytest.raises(NotFound):
        export_for("nothing", chief)


def test_what_holds_more_than_its_asker_now_sees_is_not_there(chief, now):
    key = ask(chief, now)
    make(export_for(key, chief).id, now)
    with transaction():
        team = make_team("East Team")
    leader = replace(chief, role=Role.TEAM_LEADER, team_id=team.id)
    with pytest.raises(NotFound):
        export_for(key, leader)
    with transaction():
        note_whose(export_for(key, chief).id, leader)
    assert export_for(key, leader).team_id == team.id


def test_how_many_are_made_before_and_which_files_are_needed(chief, now):
    assert not any_export_waiting()
    keys = [ask(chief, now, number) for number in range(3)]
    first, second, third = (export_for(key, chief) for key in keys)
    assert any_export_waiting()
    assert [exports_ahead(row) for row in (first, second, third)] == [0, 1, 2]
    make(first.id, now)
    assert exports_ahead(third) == 1
    with transaction():
        QUEUE.begin_next(now)
    assert files_needed([*keys, "left-by-a-crash"]) == set(keys[:2])


def test_the_asker_is_who_they_are_now(chief, now):
    row = export_for(ask(chief, now), chief)
    assert asker_of(row).scope.everything
    user = db.session.get(User, chief.user_id)
    with transaction():
        user.role = str(Role.CREW)
    with pytest.raises(NotAllowed, match="may no longer export"):
        asker_of(row)
    with transaction():
        user.role, user.active = str(Role.MANAGER), False
    with pytest.raises(NotAllowed):
        asker_of(row)
