"""Is every change told at least once, and nothing told for ever?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.intake import add_note
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.people import Position
from dispatch.queries.live import OVERLAP, Mark, changes_since
from dispatch.queries.tickets import ticket_for_change
from tests.factories import DESK, make_crew, make_team, make_ticket

ALL = Scope(everything=True)
SECOND = timedelta(seconds=1)


def look(known, now, *, scope=ALL, watched="ok"):
    return changes_since(known, scope, now, watched=watched)


def test_the_first_look_is_a_fresh_list(session, now):
    first = look(None, now)
    assert first.since is None
    assert first.crews is None
    assert look(first.mark, now) is None


def test_a_mark_is_read_as_it_was_written(session, now):
    mark = look(None, now).mark
    assert Mark.read(str(mark)) == mark
    for text in ("", "x", "1-2-3", "0-0-0-00000000000g", f"{mark}0"):
        with pytest.raises(Invalid):
            Mark.read(text)


def test_a_new_ticket_is_told_and_then_silence(session, now):
    with transaction():
        make_ticket(now - SECOND)
    known = look(None, now).mark
    with transaction():
        make_ticket(now)
    told = look(known, now)
    assert told.since <= now
    assert told.removed == []
    assert look(told.mark, now + SECOND) is None


def test_a_change_that_was_committed_late_is_told(session, now):
    with transaction():
        make_ticket(now)
    with transaction():
        make_ticket(now + 20 * SECOND)
    known = look(None, now + 20 * SECOND).mark
    with transaction():  # stamped before the newest change, seen after it
        make_ticket(now + 20 * SECOND - OVERLAP)
    told = look(known, now + 21 * SECOND)
    assert told is not None
    assert told.since <= now + 20 * SECOND - OVERLAP


def test_an_ended_ticket_is_taken_away(session, now):
    with transaction():
        ticket = make_ticket(now).ticket
    known = look(None, now).mark
    with transaction():
        ticket = ticket_for_change("W000001", ALL)
        cancel_ticket(ticket, reason="test", actor=DESK, now=now + SECOND)
    assert look(known, now + SECOND).removed == ["W000001"]


def test_a_moved_crew_is_told_alone(session, now):
    with transaction():
        team = make_team()
        moving = make_crew("A", team=team)
        make_crew("B", team=team)
        db.session.add(Position(crew_id=moving.id, lat=28.1, lon=112.9, measured_at=now))
    known = look(None, now).mark
    with transaction():
        db.session.get(Position, 1).measured_at = now + 30 * SECOND
    told = look(known, now + 30 * SECOND)
    assert told.crews == {1}
    assert look(told.mark, now + 31 * SECOND) is None
    assert look(known, now + 30 * SECOND, scope=Scope(team_id=9)) is not None


def test_a_sent_crew_is_told(session, now):
    with transaction():
        crew = make_crew("A", team=make_team())
        make_ticket(now)
    known = look(None, now).mark
    with transaction():
        dispatch_visit(ticket_for_change("W000001", ALL), crew, actor=DESK, now=now)
    assert look(known, now).crews == {1}


def test_each_minute_all_crews_are_told(session, now):
    known = look(None, now).mark
    assert look(known, now + 59 * SECOND) is None
    assert look(known, now + 60 * SECOND).crews is None


def test_a_silent_clockwork_is_told(session, now):
    known = look(None, now).mark
    assert look(known, now, watched="red") is not None


def test_a_quiet_night_is_no_absence_but_an_old_mark_is(session, now):
    with transaction():
        make_ticket(now)
    known = look(None, now).mark
    later = now + timedelta(hours=9)
    assert look(known, later).since is not None
    with transaction():
        make_ticket(later)
    assert look(known, later).since is None


def test_a_mark_from_the_future_begins_anew(session, now):
    with transaction():
        make_ticket(now + timedelta(hours=1))
    known = look(None, now).mark
    assert look(known, now).since is None


def test_only_the_own_changes_are_told(session, now):
    crew = Scope(crew_id=1)
    with transaction():
        make_ticket(now - SECOND)
    known = look(None, now, scope=crew).mark
    with transaction():
        ticket = make_ticket(now).ticket
        add_note(ticket, "foreign", actor=DESK, now=now)
    assert look(known, now, scope=crew) is None
