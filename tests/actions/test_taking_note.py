"""Does a named person take note of an alert where it is now, and is nobody told any more?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.endings import cancel_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, NotAllowed, NotFound
from dispatch.domain.permissions import Role
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.tickets import Ticket, TicketEvent
from tests.alerting import (
    alerts,
    at,
    note,
    on_duty,
    sweep,
)
from tests.factories import DESK, make_account, make_ticket
from tests.invariants import rows_of, stored


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
