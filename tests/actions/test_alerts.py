"""Is each rung told once to those on duty, noted by name, and passed on when nobody notes it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions import visits
from dispatch.actions.alerts import acknowledge
from dispatch.actions.clockwork import fire_due
from dispatch.actions.dispatching import dispatch_visit, withdraw_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.intake import change_level
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, NotAllowed, NotFound
from dispatch.domain.permissions import Role
from dispatch.models.alerts import Alert, AlertPerson, RotaEntry
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.people import User
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import DESK, make_account, make_city, make_crew, make_ticket
from tests.invariants import rows_of, stored

CREW_OFF_AT = (0, 1)


@pytest.fixture
def city(session, now):
    found = make_city(now)
    session.commit()
    return found


@pytest.fixture
def people(session, city, now):
    """Write one person into the rota for each duty but the crew's."""
    found = {}
    with transaction():
        for duty in ("dispatcher", "team_leader", "duty_manager", "head_of_operations"):
            found[duty] = make_account(Role.DISPATCHER, now, name=duty)
            on_duty(session, duty, found[duty])
    return found


def on_duty(session, duty, actor):
    session.add(RotaEntry(duty=duty, user_id=actor.user_id, start_minute=0, end_minute=0))
    session.flush()


@pytest.fixture
def ticket(session, city, now):
    with transaction():
        opened = make_ticket(now).ticket
        session.execute(Timer.__table__.delete().where(Timer.clock != "arrive"))
    return opened


def sweep(at):
    with transaction():
        return fire_due(at, limit=1000)


def at(now, minutes):
    return now + timedelta(minutes=minutes)


def alerts(session):
    session.expire_all()
    return session.scalars(select(Alert).order_by(Alert.id)).all()


def told(session, alert):
    return session.scalars(
        select(User.name)
        .join(AlertPerson, AlertPerson.user_id == User.id)
        .where(AlertPerson.alert_id == alert.id)
        .order_by(User.name)
    ).all()


def note(session, alert, actor, when):
    with transaction():
        acknowledge(alert.id, actor=actor, now=when)


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


def test_a_named_person_takes_note_and_it_goes_no_further(session, ticket, people, now):
    sweep(at(now, 15))
    [alert] = alerts(session)
    note(session, alert, people["dispatcher"], at(now, 16))
    note(session, alert, people["dispatcher"], at(now, 17))
    sweep(at(now, 21))
    [alert] = alerts(session)
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", "dispatcher")
    assert (alert.acknowledged_by_id, alert.acknowledged_at) == (
        people["dispatcher"].user_id,
        at(now, 16),
    )


def test_a_note_stands_once_in_the_story_and_makes_no_view_stale(session, ticket, people, now):
    sweep(at(now, 15))
    [alert] = alerts(session)
    version = stored(ticket.id).version
    for minutes in (16, 17):
        note(session, alert, people["dispatcher"], at(now, minutes))
    found = rows_of(TicketEvent, ticket.id)
    [event] = [each for each in found if each.kind == "alert_acknowledged"]
    assert (event, event.previous_hash) == (found[-1], found[-2].hash)
    assert (event.actor, event.recorded_at) == ("dispatcher", at(now, 16))
    assert event.facts == {"clock": "arrive", "fraction": 0.5, "duty": "dispatcher"}
    kept = stored(ticket.id)
    assert (kept.version, kept.last_event_hash) == (version, event.hash)


def test_a_note_keeps_back_what_of_the_alert_is_not_sent_yet(session, ticket, people, now):
    with transaction():
        for number in range(4):
            named = {"name": f"d{number}", "alert_channel": "sms", "phone": f"1380000111{number}"}
            on_duty(session, "dispatcher", make_account(Role.DISPATCHER, now, **named))
    sweep(at(now, 15))
    rows = select(Outbox).where(Outbox.channel == "sms").order_by(Outbox.id)
    with transaction():
        sent, under_way, lost, waiting = session.scalars(rows)
        sent.state = "sent"
        under_way.leased_until, lost.leased_until = at(now, 16.5), at(now, 15.5)
        other = make_ticket(now, reporter_phone="13800005678").ticket
    [alert] = alerts(session)
    note(session, alert, people["dispatcher"], at(now, 16))
    session.expire_all()
    states = {row.recipient[-1]: row.state for row in session.scalars(rows)}
    assert states == {
        "0": "sent",
        "1": "waiting",
        "2": "cancelled",
        "3": "cancelled",
        "8": "waiting",
    }
    assert waiting.fault["values"] == {"who": "dispatcher"}
    assert {each.ticket_id for each in session.scalars(rows)} == {ticket.id, other.id}


def half_spent(session):
    return [each for each in alerts(session) if each.fraction == 0.5]


def test_what_was_passed_on_is_noted_where_it_is_now(session, ticket, people, city, now):
    with transaction():
        crew = make_account(Role.CREW, now, name="west 1", crew_id=city.crews[0].id)
        on_duty(session, "dispatcher", crew)
        other = make_account(Role.CREW, now, name="west 2", crew_id=city.crews[1].id)
    sweep(at(now, 15))
    sweep(at(now, 20))
    sweep(at(now, 25))
    first, second, third = half_spent(session)
    with pytest.raises(NotFound):
        note(session, first, other, at(now, 26))
    note(session, first, crew, at(now, 26))
    states = [each.state for each in half_spent(session)]
    assert states == ["passed_on", "passed_on", "acknowledged"]
    assert [second.duty, third.duty] == ["team_leader", "duty_manager"]
    assert third.acknowledged_by == "west 1"
    sweep(at(now, 60))
    assert len(half_spent(session)) == 3


def test_what_was_passed_on_to_nobody_that_is_kept_cannot_be_noted(session, ticket, people, now):
    sweep(at(now, 15))
    sweep(at(now, 20))
    with transaction():
        session.execute(Timer.__table__.delete().where(Timer.alert_id.is_not(None)))
        session.execute(Outbox.__table__.delete())
        session.execute(AlertPerson.__table__.delete().where(AlertPerson.alert_id == 2))
        session.execute(Alert.__table__.delete().where(Alert.id == 2))
    with pytest.raises(Forbidden, match="passed on"):
        note(session, alerts(session)[0], people["dispatcher"], at(now, 21))


def test_a_note_is_of_all_lower_rungs_of_the_clock_that_are_ones_own(session, ticket, people, now):
    for minutes in (15, 24, 30):
        sweep(at(now, minutes))
        with transaction():
            session.execute(Timer.__table__.delete().where(Timer.key.startswith("pass/")))
    with transaction():
        make_ticket(now)
    found = alerts(session)
    assert [(each.fraction, each.state) for each in found] == [
        (0.5, "open"), (0.8, "open"), (1.0, "open"),
    ]  # fmt: skip
    note(session, found[1], people["dispatcher"], at(now, 31))
    assert [each.state for each in alerts(session)] == ["acknowledged", "acknowledged", "open"]
    note(session, found[2], people["team_leader"], at(now, 32))
    told = [each for each in rows_of(TicketEvent, ticket.id) if each.kind == "alert_acknowledged"]
    assert [each.facts.get("below") for each in told] == [[0.5], None]


def test_who_sees_an_alert_of_others_is_told_who_takes_note(session, ticket, people, now):
    sweep(at(now, 15))
    with transaction():
        manager = make_account(Role.MANAGER, now, name="boss")
    with pytest.raises(NotAllowed, match="waits for dispatcher: they take note"):
        note(session, alerts(session)[0], manager, at(now, 16))


def test_what_is_over_cannot_be_noted_any_more(session, ticket, people, now):
    sweep(at(now, 15))
    [alert] = alerts(session)
    with transaction():
        cancel_ticket(
            session.get(Ticket, ticket.id), reason="no fault", actor=DESK, now=at(now, 16)
        )
    [alert] = alerts(session)
    assert (alert.state, alert.ended_at) == ("settled", at(now, 16))
    assert sweep(at(now, 600)).seen == 0
    with pytest.raises(Forbidden, match="over"):
        note(session, alert, people["dispatcher"], at(now, 21))


def test_a_refused_note_leaves_the_passing_on_armed(session, ticket, people, now):
    sweep(at(now, 15))
    [alert] = alerts(session)
    with transaction():
        stranger = make_account(Role.AUDITOR, now)
    with pytest.raises(NotAllowed):
        note(session, alert, stranger, at(now, 16))
    assert sweep(at(now, 20)).fired == 1


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.DISPATCHER, True),
        (Role.MANAGER, True),
        (Role.AUDITOR, False),
        (Role.CREW, False),
    ],
)
def test_what_is_for_everybody_is_noted_by_whoever_works_at_the_desk(
    session, ticket, city, now, role, may
):
    sweep(at(now, 15))
    [alert] = alerts(session)
    post = {"crew_id": city.crews[2].id} if role is Role.CREW else {}
    with transaction():
        actor = make_account(role, now, **post)
    if may:
        note(session, alert, actor, at(now, 16))
    else:
        seen = NotFound if role is Role.CREW else NotAllowed
        with pytest.raises(seen):
            note(session, alert, actor, at(now, 16))
    [alert] = alerts(session)
    assert (alert.state == "acknowledged") is may


def test_a_leader_takes_note_for_the_own_team_alone(session, ticket, people, city, now):
    sweep(at(now, 15))
    [alert] = alerts(session)
    with transaction():
        other = make_account(Role.TEAM_LEADER, now, name="east", team_id=city.east.id)
        own = make_account(Role.TEAM_LEADER, now, name="west", team_id=city.west.id)
    with pytest.raises(NotFound):
        note(session, alert, other, at(now, 16))
    note(session, alert, own, at(now, 16))


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
