"""Does work that takes long run one at a time, and is a lost run begun anew, once?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.background import MOST_TRIES, SILENT_FOR
from dispatch.actions.exports import QUEUE, Wanted, ask_for_export
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.exports import Export
from tests.factories import make_account


@pytest.fixture
def chief(session, now):
    with transaction():
        return make_account(Role.MANAGER, now)


def ask(chief, now, file="rows.csv") -> int:
    wanted = Wanted(file, {"from": "2026-03-02", "to": "2026-03-08"}, "http://here/circle", "en")
    with transaction():
        return ask_for_export(wanted, 9_000, actor=chief, now=now).id


def begin(now) -> int | None:
    with transaction():
        row = QUEUE.begin_next(now)
        return row and row.id


def found(row_id) -> Export:
    db.session.expire_all()
    return db.session.get(Export, row_id)


def test_the_oldest_begins_and_runs_alone(chief, now):
    first, second = ask(chief, now), ask(chief, now, "rows.xlsx")
    assert QUEUE.waiting() == 2
    assert begin(now) == first
    assert begin(now) is None
    with transaction():
        assert QUEUE.note_progress(first, 0.4, now + timedelta(seconds=1))
    assert (found(first).progress, found(first).beat_at) == (0.4, now + timedelta(seconds=1))
    with transaction():
        QUEUE.finish(first, now, tickets=8_999)
    assert (found(first).state, found(first).tickets) == ("done", 8_999)
    assert begin(now) == second


def test_what_is_over_is_written_no_more(chief, now):
    row_id = ask(chief, now)
    begin(now)
    with transaction():
        QUEUE.fail(row_id, say("The disk is full."), now)
    with transaction():
        QUEUE.finish(row_id, now, tickets=1)
        QUEUE.give_back(row_id)
        assert not QUEUE.note_progress(row_id, 0.5, now)
    row = found(row_id)
    assert (row.state, row.tickets, row.fault["text"]) == ("failed", 9_000, "The disk is full.")


def test_a_run_that_is_given_back_has_not_been_tried(chief, now):
    row_id = ask(chief, now)
    begin(now)
    with transaction():
        QUEUE.give_back(row_id)
    assert (found(row_id).state, found(row_id).tries) == ("queued", 0)


def test_a_silent_run_waits_again_and_fails_the_second_time(chief, now):
    row_id = ask(chief, now)
    for number in range(MOST_TRIES):
        assert begin(now) == row_id
        with transaction():
            assert QUEUE.take_back_lost(now + SILENT_FOR) == 0
        with transaction():
            assert QUEUE.take_back_lost(now + SILENT_FOR + timedelta(seconds=1)) == 1
        assert found(row_id).state == ("queued" if number + 1 < MOST_TRIES else "failed")
    assert "twice" in found(row_id).fault["text"]
