"""Does a crew see all it needs of its own tickets, and nobody's number once they are done?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.domain.visit_state import VisitState
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket
from dispatch.queries.crew_ticket import crew_ticket
from tests.factories import DESK, IN_EAST, IN_WEST
from tests.trips import another_ticket, open_burst, send, step, steward, work

MINUTE = timedelta(minutes=1)
OWN, OTHER = Scope(crew_id=1), Scope(crew_id=2)
CALLER = {"reporter_name": "Zhou Ming", "reporter_phone": "13812345678", "description": "It pours"}


def test_a_crew_sees_its_ticket_with_the_caller_and_the_place(session, now):
    open_burst(now, pipe_mm=300, **CALLER)
    send(1, 1, now)
    shown = crew_ticket("w000001", OWN, now)
    assert (shown.number, shown.visit_state) == ("W000001", VisitState.DISPATCHED)
    assert shown.point == Point(IN_WEST.lat, IN_WEST.lon)
    assert shown.pipe_mm == 300
    (caller,) = shown.callers
    assert (caller.said, caller.name) == ("It pours", "Zhou Ming")
    assert (caller.phone, caller.masked) == ("13812345678", "138****5678")
    assert shown.promise.seconds == 1800.0
    assert shown.eta_at == now + 12 * MINUTE


@pytest.mark.parametrize("number", ["W000001", "W000099", "x", "", "1" * 40, "W-1"])
def test_a_foreign_or_unknown_ticket_is_not_there(session, now, number):
    open_burst(now)
    send(1, 1, now)
    with pytest.raises(NotFound):
        crew_ticket(number, OTHER, now)


def test_names_and_numbers_are_gone_once_the_visit_has_ended(session, now):
    open_burst(now, **CALLER)
    send(1, 1, now)
    done = work(1, 1, now)
    shown = crew_ticket("W000001", OWN, done)
    assert shown.visit_state is None
    assert "138" not in repr(shown.callers)
    assert "Zhou" not in repr(shown.callers)
    assert shown.callers[0].said == "It pours"


def test_a_ticket_that_was_called_off_promises_nothing_any_more(session, now):
    open_burst(now)
    send(1, 1, now)
    step(1, "cancel", DESK, now, reason="found by another crew")
    shown = crew_ticket("W000001", OWN, now + MINUTE)
    assert (shown.promise, shown.repair_due_at) == (None, None)


def test_a_promise_that_was_kept_is_still_told(session, now):
    open_burst(now)
    send(1, 1, now)
    done = work(1, 1, now)
    assert crew_ticket("W000001", OWN, done).promise.state == "met"


def test_water_can_be_given_back_once_and_only_on_site(session, now):
    open_burst(now)
    send(1, 1, now)
    assert not crew_ticket("W000001", OWN, now).may_restore
    at = work(1, 1, now, until="arrive")
    assert crew_ticket("W000001", OWN, at).may_restore
    step(1, "restore", steward(1), at)
    assert not crew_ticket("W000001", OWN, at).may_restore


def test_the_visits_before_are_shown_with_cause_and_note(session, now):
    open_burst(now)
    send(1, 1, now)
    at = work(1, 1, now, until="arrive")
    step(1, "cannot-complete", steward(1), at, cause="no_access", note="nobody home")
    send(1, 2, at + MINUTE)
    (visit,) = crew_ticket("W000001", OTHER, at + MINUTE).visits
    assert (visit.crew, str(visit.cause), visit.note) == ("W1", "No access", "nobody home")
    assert visit.at == at


def test_the_history_is_that_of_the_household_or_of_the_spot(session, now):
    session.add(Household(account="A1", address="Wuyi Road 12", remarks="Key at the guard"))
    session.commit()
    open_burst(now, household_id=1)
    another_ticket(now + MINUTE, household_id=1, place=IN_EAST)
    another_ticket(now + 2 * MINUTE)
    another_ticket(now + 3 * MINUTE, place=None)
    for ticket in (2, 3):
        send(ticket, 1, now + 4 * MINUTE)
    household = crew_ticket("W000002", OWN, now)
    assert [each.number for each in household.history] == ["W000001"]
    assert (household.household, household.household_remarks) == ("A1", "Key at the guard")
    spot = crew_ticket("W000003", OWN, now)
    assert [each.number for each in spot.history] == ["W000001"]
    assert crew_ticket("W000004", Scope(everything=True), now).history == ()
    session.get(Ticket, 1).lat = IN_WEST.lat + 0.00029
    assert crew_ticket("W000003", OWN, now).history == ()


def test_a_remark_of_the_desk_is_among_the_notes(session, now):
    open_burst(now)
    send(1, 1, now)
    step(1, "note", DESK, now + MINUTE, note="mind the dog")
    (note,) = crew_ticket("W000001", OWN, now).notes
    assert (note.by, note.text) == ("Li Na", "mind the dog")
