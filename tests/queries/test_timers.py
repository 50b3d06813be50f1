"""Do two runners share the due timers, and is a standstill noticed?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.clockwork import beat
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.queries.timers import DeadlineWatch, claim_due, deadline_watch, next_due_at
from tests.factories import make_ticket


@pytest.fixture
def timers(session, now):
    with transaction():
        make_ticket(now)
        make_ticket(now + timedelta(seconds=10))
    return session.scalars(select(Timer).order_by(Timer.due_at, Timer.id)).all()


def test_due_timers_come_oldest_first_with_their_tickets(session, timers, now):
    found = claim_due(now + timedelta(days=9), 100)
    assert [timer.id for timer, _ in found] == [timer.id for timer in timers]
    assert all(timer.ticket_id == ticket.id for timer, ticket in found)


def test_only_so_many_are_claimed(session, timers, now):
    assert [timer.id for timer, _ in claim_due(now + timedelta(days=9), 1)] == [timers[0].id]


def test_fired_and_later_timers_are_left(session, timers, now):
    timers[0].state = "fired"
    session.commit()
    due = timers[1].due_at
    assert [timer.id for timer, _ in claim_due(due, 100)] == [timers[1].id]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_another_runner_holds_is_passed_over(app, session, timers, now):
    at = now + timedelta(days=9)
    first = {timer.ticket_id for timer, _ in claim_due(at, 1)}
    with db.engine.connect() as other:
        rows = other.execute(select(Timer.ticket_id).with_for_update(skip_locked=True)).scalars()
        assert len(list(rows)) == len(timers) - 1
    session.rollback()
    assert first == {timers[0].ticket_id}


def test_the_next_due_time_is_known(session, timers, now):
    assert next_due_at() == timers[0].due_at
    session.execute(Timer.__table__.delete())
    assert next_due_at() is None


def test_nobody_watches_before_the_first_beat(session, now):
    assert deadline_watch(now) == DeadlineWatch(None, None)


def test_a_late_timer_and_an_old_beat_are_seen(session, timers, now):
    due = timers[0].due_at
    with transaction():
        beat("timers", "here/1", now=now, started_at=now, took_ms=1)
        beat("planner", "here/1", now=due, started_at=now, took_ms=1)
    assert deadline_watch(due - timedelta(seconds=1)).overdue_seconds is None
    late = deadline_watch(due + timedelta(seconds=31))
    assert late.overdue_seconds == 31
    assert late.beat_age_seconds == (due - now).total_seconds() + 31


def test_the_loop_that_was_silent_longest_counts(session, timers, now):
    with transaction():
        for name, seconds in (("timers", 9), ("planner", 5), ("outbox", 7), ("geocoding", 0)):
            beat(name, "here/1", now=now + timedelta(seconds=seconds), started_at=now, took_ms=1)
        beat("planner", "there/1", now=now + timedelta(seconds=8), started_at=now, took_ms=1)
    assert deadline_watch(now + timedelta(seconds=10)).beat_age_seconds == 3
