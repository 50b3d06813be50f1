"""Does a pause stop the clocks and nothing else, and does a return stop none?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.actions.administration import store_policy
from dispatch.actions.endings import cancel_ticket, reopen_ticket
from dispatch.actions.holds import hold_ticket, release_hold, return_ticket
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.budgets import Budget
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.holding import DEFAULT_HOLDS
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.tickets import Hold
from tests.factories import DESK
from tests.invariants import rows_of


def test_a_hold_stops_the_warnings_and_its_release_moves_them(case):
    before, dues = case.armed(), case.ticket.arrive_due_at
    case.do(hold_ticket, at=4, reason="waiting_for_permit", until_at=case.minute(60))
    assert (case.ticket.state, case.ticket.held_from) == ("on_hold", "accepted")
    assert case.armed() == {"hold": case.minute(60)}
    case.do(release_hold, at=14)
    assert case.ticket.state == "accepted"
    assert case.ticket.arrive_due_at == dues
    assert case.ticket.held_seconds == case.ticket.held_seconds_before_arrival == 600
    moved = {clock: at + timedelta(minutes=10) for clock, at in before.items()}
    # Half of the five minutes to dispatch were spent before the hold began.
    moved["dispatch"] = before["dispatch"]
    assert case.armed() == moved
    [hold] = rows_of(Hold, case.id)
    assert (hold.reason, hold.from_at, hold.to_at, hold.until_at) == (
        "waiting_for_permit",
        case.minute(4),
        case.minute(14),
        case.minute(60),
    )


DAY = 24 * 60


@pytest.mark.parametrize(
    ("reason", "ends"),
    [("waiting_for_part", 4 + 3 * DAY), ("unsafe_conditions", 4 + DAY)],
)
def test_a_hold_without_an_end_gets_the_longest_of_its_reason(case, reason, ends):
    case.do(hold_ticket, at=4, reason=reason)
    [hold] = rows_of(Hold, case.id)
    assert hold.until_at == case.minute(ends)
    assert case.armed() == {"hold": case.minute(ends)}
    assert case.last_event().facts["until_at"] == case.minute(ends).isoformat()


def test_a_hold_may_not_be_longer_than_its_reason_allows(case):
    longest = case.minute(4 + DAY)
    with pytest.raises(Invalid) as refused:
        case.do(
            hold_ticket,
            at=4,
            reason="unsafe_conditions",
            until_at=longest + timedelta(seconds=1),
        )
    assert list(refused.value.fields) == ["until_at"]
    assert rows_of(Hold, case.id) == []
    case.do(hold_ticket, at=4, reason="unsafe_conditions", until_at=longest)
    assert case.ticket.state == "on_hold"


def test_the_longest_pause_is_that_of_the_promises_in_force(case):
    limits = replace(DEFAULT_HOLDS, waiting_for_payment=Budget(minutes=30))
    with transaction():
        policy = replace(DEFAULT_POLICY, holds=limits)
        store_policy(policy, "shorter", actor=DESK, now=case.start, seen_version=0)
    case.do(hold_ticket, at=4, reason="waiting_for_payment")
    assert case.armed() == {"hold": case.minute(34)}


def test_a_pause_told_too_late_to_last_is_refused(case):
    told = Told(effective_at=case.minute(1))
    with pytest.raises(Invalid, match="is past") as refused:
        case.do(hold_ticket, at=1 + DAY, reason="unsafe_conditions", told=told)
    assert list(refused.value.fields) == ["until_at"]


def test_a_release_by_hand_after_the_end_counts_up_to_the_end(case):
    case.do(hold_ticket, at=4, reason="waiting_for_part", until_at=case.minute(10))
    case.do(release_hold, at=30)
    assert (case.ticket.held_seconds, case.last_event().effective_at) == (360, case.minute(10))


def test_a_pause_that_has_ended_already_is_refused(case):
    with pytest.raises(Invalid, match="is past"):
        case.do(hold_ticket, at=4, reason="waiting_for_permit", until_at=case.minute(4))
    assert rows_of(Hold, case.id) == []
    assert case.ticket.state == "accepted"


@pytest.mark.parametrize(
    ("steps", "state"),
    [((), "dispatched"), (("set_off",), "en_route"), (("arrive", "start"), "working")],
)
def test_a_ticket_goes_on_where_it_was(case, steps, state):
    visit = case.send(at=1)
    case.go(visit, *steps, at=2)
    arrived = case.ticket.arrived_at
    case.do(hold_ticket, at=5, reason="unsafe_conditions")
    case.do(release_hold, at=8)
    assert case.ticket.state == state
    assert case.ticket.arrived_at == arrived
    assert ("acknowledge" in case.armed()) == (state == "dispatched")
    assert case.ticket.held_seconds_before_arrival == (0 if arrived else 180)


def test_two_holds_add_up_and_never_overlap(case):
    for from_at, to_at in ((1, 3), (10, 15)):
        case.do(hold_ticket, at=from_at, reason="other_department")
        case.do(release_hold, at=to_at)
    assert case.ticket.held_seconds == 7 * 60
    told = Told(effective_at=case.minute(12))
    with pytest.raises(Invalid):
        case.do(hold_ticket, at=20, reason="other_department", told=told)


def test_a_hold_needs_a_reason_from_the_list_and_a_ticket_that_runs(case):
    with pytest.raises(Invalid) as refused:
        case.do(hold_ticket, at=1, reason="lunch")
    assert "reason" in refused.value.fields
    with pytest.raises(Forbidden, match="not on hold"):
        case.do(release_hold, at=1)
    case.fixed(at=2)
    with pytest.raises(Forbidden):
        case.do(hold_ticket, at=20, reason="waiting_for_part")


def test_a_hold_ends_by_its_release_and_by_nothing_else(case):
    case.do(hold_ticket, at=1, reason="waiting_for_part")
    for action, named in (
        (hold_ticket, {"reason": "waiting_for_part"}),
        (return_ticket, {"reason": "not ours"}),
        (reopen_ticket, {"reason": "again"}),
        (cancel_ticket, {"reason": "no fault"}),
    ):
        with pytest.raises(Forbidden):
            case.do(action, at=2, **named)
    with pytest.raises(Invalid):
        case.do(release_hold, at=2, told=Told(effective_at=case.minute(0)))
    with pytest.raises(Stale):
        case.do(release_hold, at=2, seen_version=1)
    assert case.reload().state == "on_hold"


def test_a_return_stops_no_clock_and_calls_the_crew_back(case):
    visit = case.send(at=1)
    case.go(visit, "acknowledge", at=2)
    dues = case.ticket.arrive_due_at, case.ticket.repair_due_at
    armed = case.armed()
    case.do(return_ticket, at=5, reason=" not our grid ")
    ticket = case.ticket
    assert (ticket.state, ticket.returns) == ("returned", 1)
    assert (visit.state, visit.ended_at, visit.cause) == ("withdrawn", case.minute(5), None)
    assert (ticket.arrive_due_at, ticket.repair_due_at) == dues
    assert case.armed() == armed
    assert case.last_event().note == "not our grid"


def test_a_crew_on_site_that_returns_the_ticket_names_the_pipe(case):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=2)
    case.do(return_ticket, at=5, reason="private pipe")
    assert visit.cause == "not_our_pipe"


def test_a_return_needs_a_reason_and_a_ticket_that_runs(case):
    with pytest.raises(Invalid):
        case.do(return_ticket, at=1, reason=" ")
    case.fixed()
    with pytest.raises(Forbidden):
        case.do(return_ticket, at=30, reason="not ours")
