"""Does a resident's code prove an arrival, and can nobody try them all?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.steps import take_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotAllowed
from dispatch.domain.resident_code import MOST_TRIES, resident_code
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket, TicketEvent, Visit
from tests.factories import DESK
from tests.trips import open_burst, send, step, steward, work


@pytest.fixture
def at(session, now):
    """One burst main and crew W1 that has just tapped its arrival; return when."""
    open_burst(now)
    send(1, 1, now)
    return work(1, 1, now, until="arrive")


def right_code():
    return resident_code(db.session.query(Report).one().token)


def wrong_code():
    return f"{(int(right_code()) + 1) % 10_000:04d}"


def tell(code, at, crew_id=1):
    step(1, "code", steward(crew_id), at, code=code)
    last = db.session.query(TicketEvent).filter_by(kind="resident_code")
    return last.order_by(TicketEvent.id.desc()).first().facts["right"]


def grade():
    return db.session.get_one(Visit, 1).arrival_grade


def test_a_right_code_confirms_the_arrival(at):
    assert grade() == "crew_only"
    version = db.session.get_one(Ticket, 1).version
    assert tell(right_code(), at)
    assert grade() == "confirmed"
    assert db.session.get_one(Ticket, 1).version == version


def test_a_wrong_code_proves_nothing_and_is_not_kept(at):
    assert not tell(wrong_code(), at)
    assert grade() == "crew_only"
    event = db.session.query(TicketEvent).filter_by(kind="resident_code").one()
    assert (event.facts, event.note) == ({"right": False}, None)


def test_after_many_wrong_ones_none_counts_on_this_visit(at):
    for _ in range(MOST_TRIES):
        tell(wrong_code(), at)
    assert not tell(right_code(), at)
    step(1, "cannot-complete", steward(1), at, cause="no_access")
    send(1, 2, at)
    assert tell(right_code(), at + timedelta(minutes=1), crew_id=2)


def test_who_was_never_sent_proves_nothing(at):
    tell(right_code(), at, crew_id=2)
    assert grade() == "crew_only"


def test_the_desk_types_no_code(at):
    with pytest.raises(NotAllowed), transaction():
        take_step(db.session.get_one(Ticket, 1), "code", {"code": "1"}, actor=DESK, now=at)
