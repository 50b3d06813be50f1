"""Is a warning written once, dated at its deadline, and only while its clock runs?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dispatch.actions import clockwork
from dispatch.actions.clockwork import Sweep, beat, fire_due
from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.promises import rearm
from dispatch.actions.rota import replace_rota
from dispatch.actions.task_steps import ask_for_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.domain.rota import DutyRole, RotaRule
from dispatch.domain.rota_rows import NOBODY, RotaDraft
from dispatch.models.alerts import Alert
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Outbox, Timer
from dispatch.models.tickets import Ticket, TicketEvent
from tests.factories import (
    DESK,
    NOWHERE,
    make_account,
    make_crew,
    make_grid,
    make_team,
    make_ticket,
)
from tests.invariants import expect_whole, rows_of, stored
from tests.statements import statements

FAR = timedelta(days=30)


@pytest.fixture
def west(session, now):
    team = make_team()
    make_grid(team=team, now=now)
    session.commit()
    return team


@pytest.fixture
def ticket(session, now, west):
    with transaction():
        return make_ticket(now).ticket


def sweep(now, limit=1000):
    with transaction():
        return fire_due(now, limit=limit)


def events(session, kind="clock_%"):
    return session.scalars(
        select(TicketEvent).where(TicketEvent.kind.like(kind)).order_by(TicketEvent.id)
    ).all()


def only(session, clock):
    """Leave the timers of one clock alone."""
    session.execute(Timer.__table__.delete().where(Timer.clock != clock))
    session.commit()


def test_half_of_the_promise_spent_is_a_warning(session, ticket, now):
    only(session, "arrive")
    at = now + timedelta(minutes=15, seconds=2)
    assert sweep(at) == Sweep(fired=1)
    [event] = events(session)
    assert event.kind == "clock_warning"
    assert event.effective_at == now + timedelta(minutes=15)
    assert event.recorded_at == at
    assert event.facts == {
        "clock": "arrive",
        "rung": 0,
        "fraction": 0.5,
        "due_at": (now + timedelta(minutes=30)).isoformat(),
        "late_ms": 2000,
    }


def test_the_timer_is_marked_and_the_next_one_armed(session, ticket, now):
    only(session, "arrive")
    sweep(now + timedelta(minutes=15, seconds=1))
    timers = session.scalars(select(Timer).order_by(Timer.id)).all()
    assert [(timer.state, timer.rung, timer.late_ms) for timer in timers] == [
        ("fired", 0, 1000),
        ("armed", 1, None),
    ]
    assert timers[0].fired_at == now + timedelta(minutes=15, seconds=1)
    assert timers[1].due_at == now + timedelta(minutes=24)


def test_nothing_is_due_a_second_before(session, ticket, now):
    only(session, "arrive")
    assert sweep(now + timedelta(minutes=14, seconds=59)) == Sweep()


def test_the_ladder_ends_at_its_top(session, ticket, now):
    only(session, "arrive")
    while sweep(now + FAR).fired:
        pass
    kinds = [event.kind for event in events(session)]
    assert kinds == ["clock_warning", "clock_warning", "clock_breached", "clock_escalated"]
    minutes = [(event.effective_at - now).total_seconds() / 60 for event in events(session)]
    assert minutes == [15, 24, 30, 45]


def test_a_breach_tells_the_console_of_the_team(session, ticket, now, west):
    only(session, "arrive")
    sweep(now + timedelta(minutes=15))
    [alert] = session.scalars(select(Outbox).where(Outbox.channel == "console")).all()
    assert alert.recipient == f"team/{west.id}"
    assert alert.template == "clock_warning"
    assert alert.content["number"] == "W000001"


def test_a_ticket_without_a_team_tells_the_desk(session, now):
    with transaction():
        make_ticket(now, place=NOWHERE)
    sweep(now + timedelta(minutes=15))
    alerts = session.scalars(select(Outbox.recipient).where(Outbox.channel == "console")).all()
    assert set(alerts) == {"desk"}


def test_a_stopped_clock_drops_its_timer(session, ticket, now):
    only(session, "arrive")
    session.execute(update(Ticket).values(arrived_at=now))
    session.commit()
    assert sweep(now + FAR) == Sweep(dropped=1)
    assert events(session) == []
    assert session.scalars(select(Timer)).all() == []


def test_a_moved_deadline_drops_its_timer(session, ticket, now):
    only(session, "arrive")
    session.execute(update(Ticket).values(arrive_due_at=now + timedelta(hours=1)))
    session.commit()
    assert sweep(now + FAR) == Sweep(dropped=1)


def test_a_paused_ticket_is_not_warned_about(session, ticket, now):
    with transaction():
        found = session.get(Ticket, ticket.id)
        timers = [
            {column.name: getattr(timer, column.name) for column in Timer.__table__.columns}
            for timer in session.scalars(select(Timer).where(Timer.clock == "arrive"))
        ]
        hold_ticket(found, reason="waiting_for_part", actor=DESK, now=now)
        # As if a runner had read the timer before the hold was written.
        session.execute(Timer.__table__.insert(), timers)
    assert sweep(now + timedelta(days=1)) == Sweep(dropped=1)


def held(session, ticket, now, until_at=None):
    with transaction():
        found = session.get(Ticket, ticket.id)
        hold_ticket(found, reason="waiting_for_part", actor=DESK, now=now, until_at=until_at)
    return ticket.id


def test_a_hold_whose_time_is_over_is_released_by_rule_and_the_desk_is_told(session, ticket, now):
    number = held(session, ticket, now, until_at=now + timedelta(minutes=30))
    assert sweep(now + timedelta(minutes=29)) == Sweep()
    assert sweep(now + timedelta(minutes=30)) == Sweep(fired=1)
    expect_whole(number)
    found = stored(number)
    assert (found.state, found.held_from, found.held_seconds) == ("accepted", None, 1800)
    [released] = [each for each in rows_of(TicketEvent, number) if each.kind == "released"]
    assert (released.actor, released.source) == ("rule", "rule")
    assert released.effective_at == now + timedelta(minutes=30)
    assert released.facts == {
        "clock": "hold",
        "until_at": (now + timedelta(minutes=30)).isoformat(),
        "late_ms": 0,
    }
    [alert] = [each for each in rows_of(Alert, number) if each.clock == "hold"]
    assert (alert.state, alert.everybody, alert.target_at) == ("open", True, released.effective_at)


def test_a_late_release_is_dated_at_the_end_and_what_fell_due_since_is_told(session, ticket, now):
    number = held(session, ticket, now, until_at=now + timedelta(minutes=30))
    with transaction():
        assert fire_due(now + timedelta(hours=9), limit=1) == Sweep(fired=1)
    released = rows_of(TicketEvent, number)[-1]
    assert (released.kind, released.effective_at) == ("released", now + timedelta(minutes=30))
    assert released.facts["late_ms"] == 8.5 * 3_600_000
    assert stored(number).held_seconds == 1800
    while sweep(now + timedelta(hours=9)).seen:
        pass
    expect_whole(number)
    assert {each.kind for each in rows_of(TicketEvent, number)} >= {"clock_breached"}
    assert [each.kind for each in rows_of(TicketEvent, number)].count("released") == 1


def test_a_hold_that_a_person_released_in_between_is_left_alone(session, ticket, now):
    number = held(session, ticket, now, until_at=now + timedelta(minutes=30))
    timers = [
        {name: getattr(timer, name) for name in set(Timer.__table__.columns.keys()) - {"id"}}
        for timer in rows_of(Timer, number)
        if timer.clock == "hold"
    ]
    with transaction():
        release_hold(session.get(Ticket, number), actor=DESK, now=now + timedelta(minutes=5))
        # As if a runner had read the timer before the release was written.
        session.execute(Timer.__table__.insert(), timers)
    sweep(now + timedelta(minutes=31))
    assert [each.kind for each in rows_of(TicketEvent, number)].count("released") == 1
    expect_whole(number)


def test_a_release_and_the_warning_of_a_task_in_one_batch_keep_the_story(session, ticket, now):
    with transaction():
        asked = {"kind": "valve_closing", "minutes": 10}
        ask_for_task(session.get(Ticket, ticket.id), asked, actor=DESK, now=now)
    number = held(session, ticket, now, until_at=now + timedelta(minutes=30))
    while sweep(now + timedelta(hours=1)).seen:
        pass
    expect_whole(number)
    kinds = [each.kind for each in rows_of(TicketEvent, number)]
    assert kinds.count("released") == 1
    assert "clock_escalated" in kinds


def test_the_end_of_a_pause_stays_told_until_the_next_pause(session, ticket, now):
    number = held(session, ticket, now, until_at=now + timedelta(minutes=30))
    sweep(now + timedelta(minutes=30))
    with transaction():
        rearm(session.get(Ticket, number))
    assert [each.state for each in rows_of(Alert, number) if each.clock == "hold"] == ["open"]
    held(session, ticket, now + timedelta(minutes=40))
    assert [each.state for each in rows_of(Alert, number) if each.clock == "hold"] == ["settled"]
    expect_whole(number)


def test_nobody_takes_note_and_the_end_of_a_pause_goes_up_the_ladder(session, ticket, now):
    with transaction():
        for role, name in ((Role.DISPATCHER, "li"), (Role.TEAM_LEADER, "sun")):
            make_account(role, now, name=name)
        drafts = [
            RotaDraft(RotaRule(duty, NOBODY), "", name)
            for duty, name in ((DutyRole.DISPATCHER, "li"), (DutyRole.TEAM_LEADER, "sun"))
        ]
        replace_rota(drafts, actor=DESK, now=now)
    number = held(session, ticket, now, until_at=now + timedelta(minutes=30))
    sweep(now + timedelta(minutes=30))
    sweep(now + timedelta(minutes=36))
    found = [each for each in rows_of(Alert, number) if each.clock == "hold"]
    assert [(each.duty, each.state) for each in found] == [
        ("dispatcher", "passed_on"),
        ("team_leader", "open"),
    ]


def test_a_timer_above_a_ladder_that_became_shorter_is_dropped(session, ticket, now):
    only(session, "arrive")
    session.execute(update(Timer).values(rung=9))
    session.commit()
    assert sweep(now + FAR) == Sweep(dropped=1)


def test_the_acknowledgement_of_a_visit_has_its_own_clock(session, ticket, now, west):
    crew = make_crew("West 1", team=west)
    session.commit()
    with transaction():
        visit = dispatch_visit(session.get(Ticket, ticket.id), crew, actor=DESK, now=now)
    only(session, "acknowledge")
    assert sweep(now + timedelta(minutes=3)) == Sweep(fired=1)
    [event] = events(session)
    assert event.visit_id == visit.id


def test_one_that_fails_keeps_no_other_back(session, now, west, monkeypatch, caplog):
    with transaction():
        first = make_ticket(now).ticket
        make_ticket(now)
    only(session, "arrive")
    fire = clockwork.fire

    def break_for_the_first(timer, ticket, batch):
        if timer.ticket_id == first.id:
            ticket.address = "half done"
            session.flush()
            raise OSError("no")
        return fire(timer, ticket, batch)

    monkeypatch.setattr(clockwork, "fire", break_for_the_first)
    assert sweep(now + timedelta(minutes=16)) == Sweep(fired=1, failed=1)
    assert "stays due" in caplog.text
    session.expire_all()
    assert session.get(Ticket, first.id).address == "Wuyi Road 12"
    monkeypatch.undo()
    assert sweep(now + timedelta(minutes=16)) == Sweep(fired=1)


def test_a_heartbeat_is_one_row_a_loop(session, now):
    for beats in range(2):
        with transaction():
            beat(
                "timers",
                "here/1",
                now=now + timedelta(seconds=beats),
                started_at=now,
                took_ms=beats,
                result={"fired": beats},
                error=None,
            )
    session.expire_all()
    [row] = session.scalars(select(Heartbeat)).all()
    assert (row.beat_at, row.took_ms) == (now + timedelta(seconds=1), 1)
    assert row.last_result == {"fired": 1}


def test_the_clocks_of_one_ticket_that_fire_together_are_sealed_one_to_the_other(
    session, ticket, now
):
    head = session.get(Ticket, ticket.id).last_event_hash
    session.rollback()
    assert sweep(now + timedelta(hours=1)).fired > 1
    found = events(session)
    assert [event.previous_hash for event in found] == [head, *(row.hash for row in found[:-1])]
    assert session.get(Ticket, ticket.id).last_event_hash == found[-1].hash


@pytest.mark.parametrize("tickets", [1, 5])
def test_a_batch_takes_as_many_statements_for_five_tickets_as_for_one(session, now, west, tickets):
    with transaction():
        for _ in range(tickets):
            make_ticket(now)
    only(session, "arrive")
    with statements(db.engine) as ran:
        assert sweep(now + timedelta(minutes=16)).fired == tickets
    verbs = Counter(each.verb for each in ran)
    # timers and heads of tickets; events, alerts, messages and next timers
    assert (verbs["UPDATE"], verbs["INSERT"], verbs["DELETE"]) == (2, 4, 0)
