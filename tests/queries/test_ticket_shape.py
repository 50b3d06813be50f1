"""Does a ticket look as everybody expects, and cost few statements however long the list?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.holds import hold_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.sentences import Sentence, say
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.queries.ticket_shape import reasons_of, shape_of_new
from dispatch.queries.tickets import ticket_row, ticket_rows
from dispatch.schemas.replies import TicketReply
from tests.factories import DESK, make_crew, make_grid, make_team, make_ticket
from tests.statements import statements

ALL = Scope(everything=True)
REASONS = {
    "rule": "nearest",
    "why": [say("First to arrive").as_json()],
    "candidates": [
        {
            "crew_id": 1,
            "crew": "West 1",
            "chosen": True,
            "excluded_by": None,
            "eta_seconds": 300,
            "reasons": [say("Home team of this grid").as_json()],
        }
    ],
}


@pytest.fixture
def sent(session, now):
    with transaction():
        team = make_team(name_zh="西片区队")
        make_grid(team=team, now=now, name_zh="西区")
        crew = make_crew("West 1", team=team)
        crew.name_zh = "西区一组"
        session.add(Household(account="A1", address="Road 1", name="Li Na"))
        ticket = make_ticket(now, household_id=1).ticket
        dispatch_visit(
            ticket, crew, actor=DESK, now=now, decision=Decision(automatic=True, reasons=REASONS)
        )
    return ticket


@pytest.mark.usefixtures("sent")
def test_the_reply_is_described_field_by_field():
    row = ticket_row("W000001", ALL)
    assert set(row) == set(TicketReply().fields)
    assert set(row["visits"][0]) == set(TicketReply().fields["visits"].inner.schema.fields)
    assert set(row["place"]) == set(TicketReply().fields["place"].schema.fields)
    assert set(row["next_clock"]) == set(TicketReply().fields["next_clock"].schema.fields)


@pytest.mark.usefixtures("sent")
def test_a_sent_ticket(now):
    row = ticket_row("W000001", ALL)
    assert row["crew"] == {"id": 1, "name": "West 1", "name_zh": "西区一组", "vehicle": "van"}
    home = {"account": "A1", "name": "L**", "address": "Road 1", "vulnerable": False}
    assert row["household"] == home
    assert row["grid"] == {"name": "West", "name_zh": "西区"}
    assert row["team"] == {"id": 1, "name": "West Team", "name_zh": "西片区队"}
    assert row["state_name"] == say("dispatched")
    assert row["next_clock"]["kind"] == "acknowledge"
    [visit] = row["visits"]
    assert (visit["state"], visit["automatic"], visit["dispatched_at"]) == ("dispatched", True, now)
    assert visit["why"] == [Sentence("First to arrive")]
    assert visit["reasons"][0]["reasons"] == [Sentence("Home team of this grid")]


@pytest.mark.usefixtures("sent")
def test_lists_leave_the_reasons_out():
    [row] = ticket_rows(ALL)
    assert "reasons" not in row["visits"][0]


def test_a_hold_is_shown_while_it_lasts(sent, now):
    later = now + timedelta(minutes=1)
    with transaction():
        ticket = db.session.merge(sent)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=later)
    [row] = ticket_rows(ALL)
    assert (row["state"], row["on_hold_since"]) == ("on_hold", later)
    assert row["hold"]["reason"] == "waiting_for_part"
    assert row["next_clock"]["due_at"] is None


def test_a_new_ticket_has_the_same_shape(session, now):
    with transaction():
        make_grid(team=make_team(name_zh="西片区队"), now=now, name_zh="西区")
        shape = shape_of_new(make_ticket(now).ticket)
    assert shape | {"visits": []} == ticket_row("W000001", ALL)


def test_a_visit_by_hand_has_no_reasons():
    assert reasons_of(None) == {"rule": None, "why": [], "reasons": []}


def test_statements_do_not_grow_with_the_list(session, now):
    def count():
        session.expire_all()
        with statements(db.engine) as ran:
            ticket_rows(ALL)
        return len(ran)

    with transaction():
        team = make_team()
        make_grid(team=team, now=now)
        make_ticket(now)
    few = count()
    with transaction():
        for _ in range(20):
            make_ticket(now)
    assert count() == few
