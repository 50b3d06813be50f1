"""Is a large file asked for once, recorded, and let go in time?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.actions.exports import (
    KEPT_DAYS,
    MOST_WAITING,
    QUEUE,
    SAME_QUESTION,
    Wanted,
    ask_for_export,
    cancel_export,
    finish_export,
    forget_old_exports,
    note_whose,
    retry_export,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Stale, TooMany
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.exports import Export
from dispatch.models.people import SettingsEvent
from tests.factories import make_account, make_team

WANTED = Wanted("rows.csv", {"from": "2026-03-02", "to": "2026-03-08"}, "http://here/circle", "en")


@pytest.fixture
def chief(session, now):
    with transaction():
        return make_account(Role.MANAGER, now)


def ask(actor, now, wanted=WANTED) -> int:
    with transaction():
        return ask_for_export(wanted, 9_000, actor=actor, now=now).id


def made(chief, now) -> int:
    row_id = ask(chief, now)
    with transaction():
        QUEUE.begin_next(now)
    with transaction():
        finish_export(row_id, "tickets.csv", 8_999, 1_234_567, now=now)
    return row_id


def found(row_id) -> Export:
    db.session.expire_all()
    return db.session.get(Export, row_id)


def test_who_asked_for_what_is_written_down(chief, now):
    row = found(ask(chief, now))
    assert (row.state, row.tickets, row.created_by) == ("queued", 9_000, chief.name)
    [line] = db.session.query(SettingsEvent).filter_by(subject="export")
    assert (line.subject_key, line.actor, line.now["tickets"]) == ("rows.csv", chief.name, 9_000)
    assert line.now["from"] == "2026-03-02"


def test_a_second_click_finds_the_first(chief, now):
    first = ask(chief, now)
    assert ask(chief, now) == first
    assert ask(chief, now, replace(WANTED, file="rows.xlsx")) != first
    assert db.session.query(Export).count() == 2
    assert db.session.query(SettingsEvent).filter_by(subject="export").count() == 2


def test_two_clicks_at_once_are_one_export(chief, now):
    first = found(ask(chief, now))
    facts = {
        column.name: getattr(first, column.name)
        for column in Export.__table__.columns
        if column.name not in {"id", "key"}
    }
    with pytest.raises(Stale), transaction():
        db.session.add(Export(key="another-key-of-it", **facts))


def test_one_that_was_just_made_is_found_and_later_made_anew(chief, now):
    row_id = made(chief, now)
    assert ask(chief, now + SAME_QUESTION - timedelta(seconds=1)) == row_id
    assert ask(chief, now + SAME_QUESTION) != row_id


def test_a_person_waits_for_a_few_at_most(chief, now):
    views = [replace(WANTED, address=f"http://here/{n}") for n in range(MOST_WAITING + 1)]
    for wanted in views[:-1]:
        ask(chief, now, wanted)
    with pytest.raises(TooMany, match="You wait for"):
        ask(chief, now, views[-1])
    with transaction():
        other = make_account(Role.DISPATCHER, now)
    assert ask(other, now, views[-1])


def test_the_file_is_noted_with_its_end(chief, now):
    with transaction():
        team = make_team("East Team")
        leader = replace(chief, role=Role.TEAM_LEADER, team_id=team.id)
    row_id = made(chief, now)
    row = found(row_id)
    assert (row.name, row.tickets, row.bytes) == ("tickets.csv", 8_999, 1_234_567)
    assert (row.expires_at, row.team_id) == (now + KEPT_DAYS, None)
    with transaction():
        note_whose(row_id, leader)
    assert found(row_id).team_id == leader.team_id


def test_what_is_cancelled_or_failed_can_be_made_after_all(chief, now):
    row_id = ask(chief, now)
    with pytest.raises(Forbidden, match="neither failed"), transaction():
        retry_export(found(row_id))
    with transaction():
        cancel_export(found(row_id), now=now)
    with pytest.raises(Forbidden, match="is over"), transaction():
        cancel_export(found(row_id), now=now)
    with transaction():
        retry_export(found(row_id))
    with transaction():
        assert QUEUE.begin_next(now).id == row_id
        QUEUE.fail(row_id, say("The disk is full."), now)
    with transaction():
        retry_export(found(row_id))
    row = found(row_id)
    assert (row.state, row.tries, row.fault, row.finished_at) == ("queued", 0, None, None)


def test_an_export_is_forgotten_a_week_after_its_end(chief, now):
    row_id = made(chief, now)
    waiting = ask(chief, now + timedelta(minutes=1))
    with transaction():
        assert forget_old_exports(now + KEPT_DAYS) == 0
    with transaction():
        assert forget_old_exports(now + KEPT_DAYS + timedelta(seconds=1)) == 1
    assert found(row_id) is None
    assert found(waiting) is not None
