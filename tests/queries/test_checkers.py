"""Is a repair that did not hold checked by another crew, wherever another may go?"""

from __future__ import annotations

import pytest

from dispatch.actions.endings import answer_follow_up
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.assignment import choose
from dispatch.domain.permissions import RESIDENT
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from dispatch.queries.candidates import candidates_for, need_of
from dispatch.queries.outlook import planning_board
from tests.cases import Case


@pytest.fixture
def reopened(session, now):
    """Let the first crew of the west repair a ticket, and its reporter say that it did not hold."""
    case = Case(now)
    case.fixed()
    with transaction():
        answer_follow_up(
            case.reload(), case.report, "not_fixed", actor=RESIDENT, now=case.minute(60)
        )
    return case


def weighed(case, minute=61):
    found = candidates_for(db.session.get_one(Ticket, case.id), case.minute(minute))
    return {each.name: each for each in found}


def test_the_crew_that_did_the_work_is_left_out_with_the_reason(reopened):
    found = weighed(reopened)
    assert found["W1"].excluded_by == "checker"
    assert found["W1"].reasons[0].text.startswith("Did the repair that is now to be checked")
    assert found["W2"].excluded_by is None
    chosen = choose(need_of(reopened.reload()), list(found.values()))
    assert chosen.crew_id == reopened.crews[1].id


def test_the_planner_leaves_it_out_too(reopened):
    [pending] = planning_board(reopened.minute(61)).tickets
    assert pending.refused == pending.need.repaired_by == {reopened.crews[0].id}


def test_nobody_waits_for_want_of_a_second_crew(reopened, session):
    with transaction():
        for crew in reopened.crews[1:]:
            db.session.get_one(Crew, crew.id).active = False
    assert weighed(reopened)["W1"].excluded_by is None


def test_a_ticket_that_was_not_reopened_bars_nobody(session, now):
    case = Case(now)
    visit = case.send(at=1)
    case.go(visit, "acknowledge", at=2)
    assert weighed(case, 4)["W1"].excluded_by == "committed"
