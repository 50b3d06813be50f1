"""Is a handover kept with how the desk stood, and signed once, by somebody else?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatch.actions.handovers import sign_handover, write_handover, write_note
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound
from dispatch.domain.permissions import Role
from dispatch.models.handovers import Handover, ShiftNote
from dispatch.queries.handovers import handover_seen
from tests.factories import make_account
from tests.trips import open_burst

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(session, now):
    open_burst(now)
    with transaction():
        return [make_account(Role.DISPATCHER, now, name=name) for name in ("Ann", "Bo", "Cy")]


def test_a_remark_is_kept_with_time_person_and_ticket(session, people, now):
    with transaction():
        write_note(" Valve 7 is stuck ", number="w1", actor=people[0], now=now)
        write_note("Rain", actor=people[0], now=now)
    rows = session.query(ShiftNote).order_by(ShiftNote.id).all()
    assert [(row.author, row.at, row.text, row.ticket_id) for row in rows] == [
        ("Ann", now, "Valve 7 is stuck", 1), ("Ann", now, "Rain", None),
    ]  # fmt: skip


def test_words_are_needed_and_the_ticket_must_be_there(session, people, now):
    for act in (write_note, write_handover):
        with pytest.raises(Invalid) as refused, transaction():
            act("  ", actor=people[0], now=now)
        assert list(refused.value.fields) == ["text"]
    with pytest.raises(NotFound), transaction():
        write_note("x", number="W99", actor=people[0], now=now)


def test_the_next_dispatcher_signs_once(session, people, now):
    ann, bo, cy = people
    with transaction():
        number = write_handover("All quiet", actor=ann, now=now).id
    with pytest.raises(NotAllowed, match="You wrote"), transaction():
        sign_handover(number, actor=ann, now=now)
    with transaction():
        sign_handover(number, remark=" Read ", actor=bo, now=now + MINUTE)
    with pytest.raises(Forbidden, match="Bo signed"), transaction():
        sign_handover(number, actor=cy, now=now + MINUTE)
    seen = handover_seen(number, cy)
    assert (seen["signer"], seen["signed_at"], seen["remark"]) == ("Bo", now + MINUTE, "Read")


def test_each_handover_begins_where_the_one_before_ended(session, people, now):
    ann, bo, _ = people
    with transaction():
        write_note("before", actor=ann, now=now)
        write_handover("one", actor=ann, now=now + MINUTE)
        write_note("after", actor=bo, now=now + 2 * MINUTE)
        second = write_handover("two", actor=bo, now=now + 3 * MINUTE)
    assert second.since == now + MINUTE
    assert [each["text"] for each in handover_seen(second.id, ann)["notes"]] == ["after"]


def test_a_team_has_a_desk_of_its_own(session, people, now):
    with transaction():
        leader = make_account(Role.TEAM_LEADER, now, team_id=1)
        other = make_account(Role.TEAM_LEADER, now, name="Other", team_id=2)
        number = write_handover("West", actor=leader, now=now).id
    for stranger in (people[0], other):
        with pytest.raises(NotFound), transaction():
            sign_handover(number, actor=stranger, now=now)


@pytest.mark.parametrize("verb", ["UPDATE {} SET text = 'x'", "DELETE FROM {}"])
def test_the_database_lets_nobody_rewrite_what_was_written(session, people, now, verb):
    with transaction():
        write_note("x", actor=people[0], now=now)
        row = write_handover("x", actor=people[0], now=now)
        sign_handover(row.id, actor=people[1], now=now)
    for table in ("shift_note", "handover", "handover_signature"):
        statement = verb.format(table).replace(
            "text =", "remark =" if table == "handover_signature" else "text ="
        )
        with pytest.raises(DBAPIError, match="append-only"), transaction():
            session.execute(text(statement))
    assert session.query(Handover).count() == 1
