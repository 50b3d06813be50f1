"""Is only that deleted which is old enough?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from dispatch.actions import retention
from dispatch.actions.clockwork import beat, fire_due
from dispatch.actions.retention import (
    forget_ended_sessions,
    forget_old_alerts,
    forget_old_beats,
    forget_old_field_entries,
    forget_old_keys,
    forget_old_messages,
    forget_old_positions,
    forget_old_remarks,
    forget_old_round_notes,
    forget_old_tracks,
    forget_old_tries,
)
from dispatch.actions.sessions import open_session, revoke_session
from dispatch.actions.unit_of_work import transaction
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Idempotency, Outbox, Timer
from dispatch.models.field import FieldEntry, PhoneCode
from dispatch.models.follow_ups import FollowUp
from dispatch.models.messages import Delivery
from dispatch.models.people import CrewTrack, Device, Position, SignInTry, User, UserSession
from dispatch.models.rounds import RoundStop
from dispatch.models.tickets import TicketEvent
from tests.factories import DESK, make_city, make_crew, make_team, make_ticket
from tests.finished import complete_one
from tests.follow_ups import questions, say_it
from tests.rounds import add_households, go_round


def left(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_answers_are_kept_for_thirty_days(session, now):
    for days in (29, 30, 31):
        at = now - timedelta(days=days)
        session.add(Idempotency(scope="report", key=str(days), fingerprint="x", created_at=at))
    session.commit()
    with transaction():
        assert forget_old_keys(now) == 1
    assert left(session, Idempotency) == 2


@pytest.mark.parametrize(("outcome", "kept"), [("applied", 1), ("rejected", 1), ("held", 2)])
def test_answers_to_phones_are_kept_for_ninety_days_and_what_is_held_longer(
    session, now, outcome, kept
):
    phone = Device(name="One", secret_hash="h", enrolled_at=now)
    session.add(phone)
    session.flush()
    for number, days in enumerate((89, 91), 1):
        session.add(
            FieldEntry(
                uuid=str(number), device_id=phone.id, sequence=number, kind="note",
                outcome=outcome, received_at=now - timedelta(days=days),
            )
        )  # fmt: skip
    session.commit()
    with transaction():
        forget_old_field_entries(now)
    assert left(session, FieldEntry) == kept


def test_held_work_that_was_decided_goes_like_the_rest_and_codes_go_after_a_day(session, now):
    phone = Device(name="One", secret_hash="h", enrolled_at=now)
    crew = make_crew("W1", team=make_team())
    session.add(phone)
    session.flush()
    session.add(
        FieldEntry(
            uuid="1", device_id=phone.id, sequence=1, kind="note", outcome="held",
            received_at=now - timedelta(days=91), decided_at=now - timedelta(days=90),
        )
    )  # fmt: skip
    for hours in (23, 25):
        at = now - timedelta(hours=hours)
        code = PhoneCode(code_hash=str(hours), crew_id=crew.id, name="x", made_by="y", made_at=at)
        code.expires_at = at
        session.add(code)
    session.commit()
    with transaction():
        assert forget_old_field_entries(now) == 2
    assert (left(session, FieldEntry), left(session, PhoneCode)) == (0, 1)


def test_wrong_tries_are_kept_for_a_day(session, now):
    for hours in (1, 24, 25):
        at = now - timedelta(hours=hours)
        session.add(SignInTry(sign_in_name="ann", address="127.0.0.1", tried_at=at))
    session.commit()
    with transaction():
        assert forget_old_tries(now) == 1
    assert left(session, SignInTry) == 2


def test_sessions_are_kept_a_week_after_their_end(session, now):
    user = User(sign_in_name="ann", name="Ann", role="dispatcher", created_at=now)
    session.add(user)
    session.flush()
    long_ago = now - timedelta(days=30)
    open_session(user, now=long_ago, lifetime=timedelta(days=60))
    open_session(user, now=long_ago, lifetime=timedelta(days=24))
    open_session(user, now=long_ago, lifetime=timedelta(days=22))
    open_session(user, now=long_ago, lifetime=timedelta(days=60))
    session.flush()
    last = session.scalars(select(UserSession.secret_hash).order_by(UserSession.id.desc())).first()
    revoke_session(last, now - timedelta(days=8))
    session.commit()
    with transaction():
        assert forget_ended_sessions(now) == 2
    assert left(session, UserSession) == 2


@pytest.mark.parametrize(("hours", "kept"), [(23, 1), (25, 0)])
def test_the_beats_of_a_runner_that_is_gone_are_kept_for_a_day(session, now, hours, kept):
    at = now - timedelta(hours=hours)
    with transaction():
        beat("timers", "there/1", now=at, started_at=at, took_ms=1)
        forget_old_beats(now)
    assert left(session, Heartbeat) == kept


def message(key, at, state="sent", channel="sms"):
    row = Outbox(
        effect_key=key, created_at=at, next_try_at=at, state=state, channel=channel,
        recipient="13800005678", template="arrived",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.add(Delivery(outbox_id=row.id, at=at, outcome="sent", took_ms=1, answer="ok"))


@pytest.mark.parametrize("state", ["sent", "kept", "dead", "cancelled"])
def test_messages_and_their_tries_are_kept_for_ninety_days(session, now, state):
    with transaction():
        message("old", now - timedelta(days=91), state=state)
        message("new", now - timedelta(days=90), state=state)
    with transaction():
        assert forget_old_messages(now) == 1
    assert session.scalars(select(Outbox.effect_key)).all() == ["new"]
    assert left(session, Delivery) == 1


def test_a_message_that_waits_is_not_forgotten_unless_nobody_sends_it(session, now):
    with transaction():
        message("late", now - timedelta(days=91), state="waiting")
        message("seen", now - timedelta(days=91), state="waiting", channel="console")
    with transaction():
        assert forget_old_messages(now) == 1
    assert session.scalars(select(Outbox.effect_key)).all() == ["late"]


def test_a_long_backlog_of_messages_goes_in_portions(session, now, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with transaction():
        for key in "abc":
            message(key, now - timedelta(days=100))
    with transaction():
        assert forget_old_messages(now) == 2
    assert session.scalars(select(Outbox.effect_key)).all() == ["c"]


@pytest.fixture
def alerted(session, now):
    """Return a ticket some of whose alerts were passed on."""
    with transaction():
        make_city(now)
        ticket = make_ticket(now).ticket
    for minutes in (15, 30, 60, 600):
        with transaction():
            fire_due(now + timedelta(minutes=minutes), limit=100)
    return ticket


def test_the_alerts_of_a_ticket_go_together_a_year_after_the_last(session, now, alerted):
    last = session.scalar(select(func.max(Alert.raised_at)))
    session.execute(update(Alert).values(state="settled"))
    session.execute(update(Timer).where(Timer.alert_id.is_(None)).values(alert_id=1))
    session.commit()
    events = left(session, TicketEvent)
    with transaction():
        assert forget_old_alerts(last + timedelta(days=365)) == 0
    kept = left(session, Alert)
    with transaction():
        assert forget_old_alerts(last + timedelta(days=365, seconds=1)) == kept > 1
    assert left(session, Alert) == left(session, AlertPerson) == left(session, Timer) == 0
    assert left(session, TicketEvent) == events


def test_an_open_alert_keeps_the_others_of_its_ticket(session, now, alerted):
    first = session.scalar(select(func.min(Alert.id)))
    session.execute(update(Alert).where(Alert.id != first).values(state="settled"))
    session.execute(update(Alert).where(Alert.id == first).values(state="open"))
    session.commit()
    with transaction():
        assert forget_old_alerts(now + timedelta(days=3650)) == 0


@pytest.mark.parametrize(("days", "remark"), [(365, "Still damp"), (366, None)])
def test_a_remark_is_forgotten_after_a_year_and_the_answer_stays(session, now, days, remark):
    complete_one(now, reporter_phone="13800005678")
    row = questions()[0]
    asked = now + timedelta(hours=4)
    row = say_it(row.id, "fixed", actor=DESK, now=asked, process=5, result=4, note="Still damp")
    ended = row.ended_at
    with transaction():
        forget_old_remarks(ended + timedelta(days=days))
        assert forget_old_remarks(ended + timedelta(days=days)) == 0
    row = questions()[0]
    assert (row.note, row.fixed, row.process, row.result) == (remark, "fixed", 5, 4)


def test_the_remark_of_an_unfinished_follow_up_stays(session, now):
    complete_one(now, reporter_phone="13800005678")
    session.execute(update(FollowUp).values(note="x", ended_at=now))
    session.commit()
    with transaction():
        assert forget_old_remarks(now + timedelta(days=999)) == 0


def test_the_ways_of_crews_are_kept_for_so_many_days(session, now):
    crew = make_city(now).crews[0]
    for days in (1, 7, 8):
        at = now - timedelta(days=days)
        session.add(CrewTrack(crew_id=crew.id, begins_at=at, points=b"", settled=0))
    session.commit()
    with transaction():
        assert forget_old_tracks(now, 7) == 1
    assert left(session, CrewTrack) == 2


def test_where_a_crew_was_last_is_forgotten_with_its_ways(session, now):
    crews = make_city(now).crews
    for crew, days in zip(crews, (1, 6, 8), strict=True):
        at = now - timedelta(days=days)
        session.add(Position(crew_id=crew.id, lat=28.1, lon=112.9, measured_at=at))
    session.commit()
    with transaction():
        assert forget_old_positions(now, 7) == 1
    assert left(session, Position) == 2


def test_what_a_steward_wrote_on_a_round_is_forgotten_and_that_he_was_there_stays(session, now):
    with transaction():
        make_city(now)
    add_households()
    go_round(now, ["H-1", "H-2"])
    ended = {"state": "done", "note": "Dog in the yard", "lat": 28.1, "ended_at": now}
    session.execute(update(RoundStop).where(RoundStop.id == 1).values(**ended))
    session.commit()
    with transaction():
        assert forget_old_round_notes(now + timedelta(days=365)) == 0
        assert forget_old_round_notes(now + timedelta(days=366)) == 1
        assert forget_old_round_notes(now + timedelta(days=366)) == 0
    kept = session.get(RoundStop, 1)
    assert (kept.state, kept.note, kept.lat, kept.ended_at) == ("done", None, None, now)


def test_what_was_written_at_a_stop_that_waits_again_goes_with_its_round(session, now):
    with transaction():
        make_city(now)
    add_households()
    go_round(now, ["H-1"])
    session.get(RoundStop, 1).note = "Stopcock is stiff"
    session.commit()
    with transaction():
        assert forget_old_round_notes(now + timedelta(days=365)) == 0
        assert forget_old_round_notes(now + timedelta(days=367)) == 1
    assert session.get(RoundStop, 1).note is None
