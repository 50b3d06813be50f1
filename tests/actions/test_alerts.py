"""Is each rung told once to those on duty, noted by name, and passed on when nobody notes it?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions import visits
from dispatch.actions.dispatching import dispatch_visit, withdraw_visit
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.intake import change_level
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.alerts import AlertPerson
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.people import User
from dispatch.models.tickets import Ticket, Visit
from tests.alerting import alerts, at, on_duty, sweep
from tests.factories import DESK, make_account, make_crew, make_ticket

CREW_OFF_AT = (0, 1)


def told(session, alert):
    return session.scalars(
        select(User.name)
        .join(AlertPerson, AlertPerson.user_id == User.id)
        .where(AlertPerson.alert_id == alert.id)
        .order_by(User.name)
    ).all()


def send(session, ticket, crew, when):
    with transaction():
        visit = dispatch_visit(session.get(Ticket, ticket.id), crew, actor=DESK, now=when)
        session.execute(Timer.__table__.delete().where(Timer.clock == "acknowledge"))
    return visit


def test_without_a_crew_half_of_the_promise_goes_to_the_dispatcher(session, ticket, people, now):
    sweep(at(now, 15.05))
    [alert] = alerts(session)
    assert (alert.duty, alert.state, alert.late_ms) == ("dispatcher", "open", 3000)
    assert told(session, alert) == ["dispatcher"]
    assert alert.rule["text"].startswith("%(missing)s: nobody on duty")
    assert alert.pass_on_at == at(now, 20.05)


def test_the_crew_that_was_sent_is_told_first(session, ticket, people, city, now):
    with transaction():
        make_account(Role.CREW, now, name="steward", crew_id=city.crews[0].id)
    send(session, ticket, city.crews[0], now)
    sweep(at(now, 15))
    [alert] = alerts(session)
    assert (alert.duty, alert.crew_id) == ("crew", city.crews[0].id)
    assert told(session, alert) == ["steward"]


def test_a_crew_off_its_shift_is_not_woken(session, ticket, people, city, now):
    with transaction():
        sleeping = make_crew("night", team=city.west, shift=CREW_OFF_AT)
        make_account(Role.CREW, now, name="steward", crew_id=sleeping.id)
    send(session, ticket, sleeping, now)
    sweep(at(now, 15))
    [alert] = alerts(session)
    assert told(session, alert) == ["dispatcher"]


def test_each_rung_climbs_the_ladder_once(session, ticket, people, now):
    for minutes in (15, 24, 30, 45):
        sweep(at(now, minutes))
        sweep(at(now, minutes))
    first = [alert for alert in alerts(session) if alert.passed_from_id is None]
    assert [(a.fraction, a.duty) for a in first] == [
        (0.5, "dispatcher"),
        (0.8, "dispatcher"),
        (1.0, "team_leader"),
        (1.5, "duty_manager"),
    ]


def test_silence_passes_it_on_up_to_the_top_and_no_further(session, ticket, people, now):
    sweep(at(now, 15))
    session.execute(Timer.__table__.delete().where(Timer.alert_id.is_(None)))
    session.commit()
    for minutes in (20, 25, 30, 60, 600):
        sweep(at(now, minutes))
    found = alerts(session)
    assert [(a.duty, a.state) for a in found] == [
        ("dispatcher", "passed_on"),
        ("team_leader", "passed_on"),
        ("duty_manager", "passed_on"),
        ("head_of_operations", "open"),
    ]
    assert [a.passed_from_id for a in found] == [None, found[0].id, found[1].id, found[2].id]
    assert found[0].ended_at == at(now, 20)
    assert found[-1].pass_on_at is None


def test_nobody_on_duty_is_everybody_at_the_desk(session, ticket, now):
    sweep(at(now, 15))
    [alert] = alerts(session)
    assert alert.everybody
    assert alert.rule["text"].startswith("Nobody is on duty")
    assert (told(session, alert), alert.pass_on_at) == ([], None)


def test_a_paused_account_is_not_told(session, ticket, people, now):
    session.get(User, people["dispatcher"].user_id).active = False
    session.commit()
    sweep(at(now, 15))
    [alert] = alerts(session)
    assert told(session, alert) == ["team_leader"]


def test_a_hold_rests_the_passing_on_until_the_release(session, ticket, people, now):
    sweep(at(now, 15))
    with transaction():
        row = session.get(Ticket, ticket.id)
        hold_ticket(row, reason="waiting_for_part", actor=DESK, now=at(now, 16))
    assert sweep(at(now, 60)).seen == 0
    with transaction():
        release_hold(session.get(Ticket, ticket.id), actor=DESK, now=at(now, 60))
    session.execute(Timer.__table__.delete().where(Timer.alert_id.is_(None)))
    session.commit()
    sweep(at(now, 60))
    assert [a.state for a in alerts(session)] == ["passed_on", "open"]


def test_another_level_settles_what_was_told_of_the_old_promise(session, ticket, people, now):
    sweep(at(now, 15))
    with transaction():
        row = session.get(Ticket, ticket.id)
        change_level(row, 3, reason="smaller", actor=DESK, now=at(now, 16))
    assert [a.state for a in alerts(session)] == ["settled"]


def test_the_next_crew_is_told_what_the_one_before_was_told(session, ticket, people, city, now):
    with transaction():
        for number in (0, 1):
            make_account(Role.CREW, now, name=f"steward {number}", crew_id=city.crews[number].id)
    visit = send(session, ticket, city.crews[0], now)
    sweep(at(now, 15))
    with transaction():
        row, visit = session.get(Ticket, ticket.id), session.get(Visit, visit.id)
        withdraw_visit(row, visit, reason="flat tyre", actor=DESK, now=at(now, 16))
    send(session, ticket, city.crews[1], at(now, 17))
    sweep(at(now, 17))
    first, second = alerts(session)
    assert (first.state, second.state) == ("passed_on", "open")
    assert told(session, second) == ["steward 1"]
    sweep(at(now, 18))
    assert len(alerts(session)) == 2


def test_taking_the_ticket_settles_the_alert_of_its_clock_alone(session, city, people, now):
    with transaction():
        opened = make_ticket(now).ticket
        visit = dispatch_visit(opened, city.crews[0], actor=DESK, now=now)
    sweep(at(now, 4))
    [alert] = [each for each in alerts(session) if each.clock == "acknowledge"]
    with transaction():
        row, visit = session.get(Ticket, opened.id), session.get(Visit, visit.id)
        visits.acknowledge(row, visit, actor=DESK, now=at(now, 4.5))
    session.refresh(alert)
    assert (alert.state, alert.ended_at) == ("settled", at(now, 4.5))


@pytest.mark.parametrize(
    ("columns", "recipient"),
    [
        ({"alert_channel": "sms", "phone": "13800005678"}, "13800005678"),
        ({"alert_channel": "email", "email": "li@water.example"}, "li@water.example"),
        ({"alert_channel": "wecom"}, "user/{id}"),
        ({"alert_channel": "sms"}, None),
        ({}, None),
    ],
)
def test_a_person_is_also_told_by_the_own_channel(session, ticket, now, columns, recipient):
    with transaction():
        actor = make_account(Role.DISPATCHER, now, language="zh-CN", **columns)
        on_duty(session, "dispatcher", actor)
    sweep(at(now, 15))
    found = session.scalars(select(Outbox).where(Outbox.channel != "console")).all()
    if recipient is None:
        assert found == []
        return
    [message] = found
    [alert] = alerts(session)
    assert message.recipient == recipient.format(id=actor.user_id)
    assert (message.template, message.language, message.urgency) == (
        "clock_warning",
        "zh-CN",
        "warning",
    )
    assert message.content["number"] == "W000001"
    assert (message.content["category"], message.content["level"]) == (
        ticket.category,
        ticket.level,
    )
    assert message.lane == f"warning/{columns['alert_channel']}"
    assert message.effect_key == f"alert/{alert.key}/{actor.user_id}"
