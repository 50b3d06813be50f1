"""Does a handover tell how the desk stood then, in names, and what waits to be signed?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.handovers import sign_handover, write_handover, write_note
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.handovers import (
    ROWS_A_PAGE,
    desk_of,
    handover_page,
    handover_seen,
    notes_between,
    standing,
    waiting_handover,
)
from tests.factories import DESK, IN_EAST, make_account, make_ticket
from tests.trips import open_burst, step

LATER = timedelta(hours=3)


@pytest.fixture
def people(session, now):
    open_burst(now)
    with transaction():
        make_ticket(now, place=IN_EAST, category="leak")
        people = [make_account(Role.DISPATCHER, now, name=name) for name in ("Ann", "Bo")]
    step(2, "hold", DESK, now, reason="waiting_for_part")
    return people


def test_the_desk_stands_with_its_promises_holds_alerts_and_disputes(session, people, now):
    from dispatch.actions.disputes import NewDispute, Whose, open_dispute  # noqa: PLC0415  one test

    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        gas = NewDispute("not_our_pipe", Whose(department="Gas"))
        open_dispute(ticket, gas, reason="Yellow pipe", actor=DESK, now=now)
        row = write_handover("Mind W000001", actor=people[0], now=now + LATER)
    facts = handover_seen(row.id, people[1])["facts"]
    assert (facts["open"], facts["overdue"], facts["held"], facts["disputed"]) == (2, 1, 1, 1)
    [promise] = facts["promises"]
    assert (promise["number"], promise["overdue"]) == ("W000001", True)
    assert promise["due_at"] < now + LATER
    assert str(promise["category_name"]) == "Burst main"
    assert str(promise["clock_name"]) == "Dispatch"
    assert str(facts["holds"][0]["reason_name"]) == "Waiting for a part"
    assert str(facts["disputes"][0]["ground_name"])
    assert facts["alerts"] == []


def test_what_was_kept_does_not_change_with_the_desk(session, people, now):
    with transaction():
        number = write_handover("x", actor=people[0], now=now).id
    step(1, "cancel", DESK, now, reason="x")
    assert handover_seen(number, people[0])["facts"]["open"] == 2
    assert standing(Scope(everything=True), now)["open"] == 1


def test_the_newest_without_a_signature_waits(session, people, now):
    ann, bo = people
    assert waiting_handover(ann) is None
    with transaction():
        first, second = (write_handover(words, actor=ann, now=now).id for words in "ab")
    assert (waiting_handover(bo)["id"], waiting_handover(bo)["mine"]) == (second, False)
    assert waiting_handover(ann)["mine"] is True
    with transaction():
        sign_handover(second, actor=bo, now=now)
    assert waiting_handover(bo)["id"] == first


def test_pages_are_the_newest_first_and_of_ones_own_desk(session, people, now):
    with transaction():
        for at in range(ROWS_A_PAGE + 1):
            write_handover(str(at), actor=people[0], now=now + timedelta(minutes=at))
        leader = make_account(Role.TEAM_LEADER, now, team_id=1)
    page = handover_page(people[1], 9)
    assert (page.page, page.pages, page.total) == (2, 2, ROWS_A_PAGE + 1)
    assert [row["text"] for row in page.rows] == ["0"]
    assert handover_page(people[1], 1).rows[0]["text"] == str(ROWS_A_PAGE)
    assert (desk_of(leader), handover_page(leader, 1).rows) == (1, [])
    with pytest.raises(NotFound):
        handover_seen(1, leader)


def test_remarks_are_those_between_two_instants(session, people, now):
    minute = timedelta(minutes=1)
    with transaction():
        for at in range(3):
            write_note(str(at), number="W2" if at else "", actor=people[0], now=now + at * minute)
    told = notes_between(None, now, now + minute)
    assert [(each["text"], each["ticket"]) for each in told] == [("1", "W000002")]
    assert len(notes_between(None, None)) == 3
    assert notes_between(1, None) == []
