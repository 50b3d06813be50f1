"""Does every warning come once, however long the clockwork stood still?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions import clockwork
from dispatch.actions.unit_of_work import transaction
from dispatch.jobs import timers
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import TicketEvent
from dispatch.queries.timers import next_due_at
from tests.factories import make_grid, make_team, make_ticket


@pytest.fixture
def three(session, now):
    make_grid(team=make_team(), now=now)
    session.commit()
    with transaction():
        return [make_ticket(now + timedelta(minutes=n)).ticket.id for n in range(3)]


def story(session):
    rows = session.execute(
        select(
            TicketEvent.ticket_id,
            TicketEvent.facts["clock"].as_string(),
            TicketEvent.facts["rung"].as_integer(),
            TicketEvent.effective_at,
        ).where(TicketEvent.kind.like("clock_%"))
    )
    return sorted(tuple(row) for row in rows)


def test_after_a_standstill_each_missed_warning_is_dated_at_its_deadline(session, three, now):
    swept = timers.run(now + timedelta(days=5))
    found = story(session)
    # dispatch, arrive, restore and repair, four rungs each
    assert swept.fired == len(found) == 3 * 4 * 4
    assert len({row[:3] for row in found}) == len(found)
    arrivals = [row[3] for row in found if row[0] == three[0] and row[1] == "arrive"]
    assert arrivals == [now + timedelta(minutes=minutes) for minutes in (15, 24, 30, 45)]


def test_a_second_round_adds_nothing(session, three, now):
    timers.run(now + timedelta(days=5))
    assert timers.run(now + timedelta(days=5)).seen == 0


@pytest.mark.parametrize("seconds", [7, 601, 86_400])
def test_the_story_does_not_depend_on_how_often_we_looked(session, three, now, seconds):
    end = now + timedelta(days=2)
    at = now
    while at < end:
        # Jump to the next deadline, then on by the length of the nap.
        due = next_due_at()
        at = max(at, due or end) + timedelta(seconds=seconds)
        timers.run(min(at, end))
    found = story(session)
    minutes = [
        (row[3] - now).total_seconds() / 60 for row in found if row[:2] == (three[1], "dispatch")
    ]
    assert minutes == [3.5, 5, 6, 8.5]
    assert len({row[:3] for row in found}) == len(found) == 3 * 4 * 4


def test_the_loop_ends_although_a_timer_fails(session, three, now, monkeypatch):
    def fail(_timer, _ticket, _batch):
        raise OSError("no")

    monkeypatch.setattr(clockwork, "fire", fail)
    swept = timers.run(now + timedelta(days=5))
    assert (swept.fired, swept.failed) == (0, 12)


def test_more_failing_timers_than_a_batch_keep_no_other_back(session, three, now, monkeypatch):
    fire = clockwork.fire

    def fail_for_two(timer, ticket, batch):
        if ticket.id != three[2]:
            raise OSError("no")
        return fire(timer, ticket, batch)

    monkeypatch.setattr(clockwork, "fire", fail_for_two)
    monkeypatch.setattr(timers, "BATCH", 2)
    swept = timers.run(now + timedelta(days=5))
    assert (swept.fired, swept.failed) == (4 * 4, 2 * 4)
    assert {row[0] for row in story(session)} == {three[2]}


def test_a_later_batch_is_as_late_as_it_is_by_then(session, three, now, monkeypatch):
    monkeypatch.setattr(timers, "BATCH", 1)
    begun = now + timedelta(minutes=18)
    times = iter([begun + timedelta(seconds=each) for each in range(1, 50)])
    timers.run(begun, clock=lambda: next(times))
    late = session.scalars(
        select(Timer.late_ms).where(Timer.clock == "arrive", Timer.state == "fired")
    )
    fired_at = session.scalars(
        select(Timer.fired_at).where(Timer.state == "fired").order_by(Timer.fired_at)
    ).all()
    assert fired_at[:3] == [begun + timedelta(seconds=each) for each in range(3)]
    assert len(set(late)) == 3


def test_the_clock_is_asked_again_after_a_full_batch_alone(session, three, now, monkeypatch):
    monkeypatch.setattr(timers, "BATCH", 4)
    asked = []

    def clock():
        asked.append(now + timedelta(minutes=40))
        return asked[-1]

    assert 0 < timers.run(next_due_at(), clock).fired < 4
    assert asked == []
    assert timers.run(now + timedelta(minutes=40), clock).fired > 4
    assert asked
