"""What is kept no longer than it is needed?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, false, not_, or_, select, update
from sqlalchemy.orm import aliased

from dispatch.domain.field_commands import FieldOutcome
from dispatch.domain.follow_up import UNFINISHED
from dispatch.domain.messages import Channel, MessageState
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Idempotency, Outbox, Timer
from dispatch.models.field import FieldEntry, PhoneCode
from dispatch.models.follow_ups import FollowUp
from dispatch.models.notices import NoticeRow
from dispatch.models.people import CrewTrack, Position, SignInTry, UserSession
from dispatch.models.rounds import Round, RoundStop

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import DeclarativeBase

KEYS_KEPT = timedelta(days=30)
TRIES_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=7)
"""An ended session stays a week, so that an administrator sees who was signed in."""
BEATS_KEPT = timedelta(days=1)
FIELD_ENTRIES_KEPT = timedelta(days=90)
MESSAGES_KEPT = timedelta(days=90)
ALERTS_KEPT = timedelta(days=365)
"""Whole tickets at a time; the warnings themselves stay in the story of the ticket."""
REMARKS_KEPT = timedelta(days=365)
AT_ONCE = 10_000
"""Rows of one table in one transaction, so that the first run on an old database stays short."""


def forget_old_keys(now: datetime) -> int:
    """Delete the answers to requests of 30 days ago; return how many."""
    return _delete(Idempotency, Idempotency.created_at < now - KEYS_KEPT)


def forget_ended_sessions(now: datetime) -> int:
    """Delete the sessions that ended over a week ago; return how many."""
    before = now - SESSIONS_KEPT
    return _delete(
        UserSession, (UserSession.expires_at < before) | (UserSession.revoked_at < before)
    )


def forget_old_tries(now: datetime) -> int:
    """Delete the wrong sign-ins of over a day ago; return how many."""
    return _delete(SignInTry, SignInTry.tried_at < now - TRIES_KEPT)


def forget_old_field_entries(now: datetime) -> int:
    """Delete the answers to phones of 90 days ago, but not what the desk has to decide.

    The codes that enrolled phones go a day after their end. Returns how many rows went.
    """
    is_old = FieldEntry.received_at < now - FIELD_ENTRIES_KEPT
    is_done = (FieldEntry.outcome != str(FieldOutcome.HELD)) | FieldEntry.decided_at.is_not(None)
    codes = _delete(PhoneCode, PhoneCode.expires_at < now - TRIES_KEPT)
    return codes + _delete(FieldEntry, is_old & is_done)


def forget_old_beats(now: datetime) -> int:
    """Delete the heartbeats of runners that stopped over a day ago; return how many."""
    return _delete(Heartbeat, Heartbeat.beat_at < now - BEATS_KEPT)


def forget_old_messages(now: datetime) -> int:
    """Delete the messages of 90 days ago with their tries; return how many messages.

    What still waits to be sent stays, and so does what subscribers heard of an interruption until
    its announced end: it says what they still have to hear. A row for the console never leaves its
    first state.
    """
    running = db.session.scalars(
        select(NoticeRow.id)
        .where(NoticeRow.published_at < now - MESSAGES_KEPT, NoticeRow.ends_at > now)
        .order_by(NoticeRow.id)
    )
    is_news = (Outbox.effect_key.startswith(f"notice/{each}/", autoescape=True) for each in running)
    is_over = or_(Outbox.state != str(MessageState.WAITING), Outbox.channel == str(Channel.CONSOLE))
    old = (
        select(Outbox.id)
        .where(is_over, Outbox.created_at < now - MESSAGES_KEPT, not_(or_(false(), *is_news)))
        .order_by(Outbox.id)
        .limit(AT_ONCE)
    )
    return _delete(Outbox, Outbox.id.in_(old))


def forget_old_alerts(now: datetime) -> int:
    """Delete the alerts of tickets that had none for a year and none open; return how many."""
    recent = aliased(Alert)
    in_use = select(recent.ticket_id).where(
        (recent.state == "open") | (recent.raised_at >= now - ALERTS_KEPT)
    )
    tickets = (
        select(Alert.ticket_id)
        .where(Alert.raised_at < now - ALERTS_KEPT, Alert.ticket_id.not_in(in_use))
        .distinct()
        .order_by(Alert.ticket_id)
        .limit(AT_ONCE // 10)
    )
    chosen = list(db.session.scalars(tickets))
    ids = select(Alert.id).where(Alert.ticket_id.in_(chosen))
    _delete(Timer, Timer.alert_id.in_(ids))
    _delete(AlertPerson, AlertPerson.alert_id.in_(ids))
    return _delete(Alert, Alert.ticket_id.in_(chosen))


def forget_old_remarks(now: datetime) -> int:
    """Empty the remarks of follow-ups that ended a year ago, and who had taken the call.

    Answers and scores stay for the figures. Returns how many rows changed.
    """
    done = db.session.execute(
        update(FollowUp)
        .where(
            FollowUp.state.not_in(UNFINISHED),
            FollowUp.ended_at < now - REMARKS_KEPT,
            or_(FollowUp.note.is_not(None), FollowUp.claimed_name.is_not(None)),
        )
        .values(note=None, claimed_by=None, claimed_name=None, claimed_until=None),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(done, "rowcount", 0))


def forget_old_round_notes(now: datetime) -> int:
    """Empty what stewards wrote on rounds a year ago, and where they stood; return how many rows.

    That a steward was at the household, and when, stays.
    """
    limit = now - REMARKS_KEPT
    old = select(Round.id).where(Round.day < limit.date())
    done = db.session.execute(
        update(RoundStop)
        .where(
            or_(
                RoundStop.ended_at < limit,
                RoundStop.ended_at.is_(None) & RoundStop.round_id.in_(old),
            ),
            or_(RoundStop.note.is_not(None), RoundStop.lat.is_not(None)),
        )
        .values(note=None, lat=None, lon=None, accuracy_metres=None),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(done, "rowcount", 0))


def forget_old_tracks(now: datetime, days: int) -> int:
    """Delete the ways of crews that are older than so many days; return how many hours of them."""
    return _delete(CrewTrack, CrewTrack.begins_at < now - timedelta(days=days))


def forget_old_positions(now: datetime, days: int) -> int:
    """Delete where crews were last that have told nothing for so many days; return how many."""
    return _delete(Position, Position.measured_at < now - timedelta(days=days))


def _delete(table: type[DeclarativeBase], old: ColumnElement[bool]) -> int:
    done = db.session.execute(
        delete(table).where(old), execution_options={"synchronize_session": False}
    )
    return int(getattr(done, "rowcount", 0))
