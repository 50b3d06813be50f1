"""Is the right crew sent, called back and replaced, and nobody twice?"""

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import (
    Decision,
    decline_visit,
    dispatch_visit,
    recall_visit,
    report_nobody,
    report_waiting,
    withdraw_visit,
)
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.merging import merge_ticket
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.models.clockwork import Outbox
from tests.cases import Case
from tests.factories import IN_WEST, make_ticket
from tests.invariants import rows_of


def merge_elsewhere(case, *, at):
    with transaction():
        other = make_ticket(case.start).ticket
    case.do(merge_ticket, other, at=at)


def cancel(case, *, at):
    case.do(cancel_ticket, at=at, reason="no fault")


def test_a_dispatch_stops_its_clock_and_starts_that_of_the_answer(case):
    visit = case.send(at=1)
    assert case.ticket.state == visit.state == "dispatched"
    assert case.ticket.dispatched_at == case.minute(1)
    assert case.ticket.acknowledge_due_at == visit.acknowledge_due_at == case.minute(6)
    assert case.armed()["acknowledge"] == case.minute(3.5)
    assert "dispatch" not in case.armed()


def test_an_override_is_counted_and_its_reason_kept(case):
    decision = Decision(override_reason="knows the valve", reasons={"rule": "v1"})
    visit = case.do(dispatch_visit, case.crews[2], at=1, decision=decision)
    assert case.ticket.overridden
    assert visit.reasons == {"rule": "v1"}
    assert case.last_event().note == "knows the valve"
    assert case.last_event().facts["crew_id"] == case.crews[2].id


def test_another_crew_in_the_same_role_replaces_the_first(case):
    first = case.send(at=1)
    case.go(first, "acknowledge", at=2)
    second = case.send(1, at=4)
    assert (first.state, first.ended_at) == ("withdrawn", case.minute(4))
    assert second.acknowledge_due_at == case.minute(9)
    assert case.ticket.state == "dispatched"
    assert case.ticket.dispatches == 2
    assert case.ticket.dispatched_at == case.minute(1)
    assert case.ticket.acknowledge_due_at == case.minute(6)
    assert case.armed()["acknowledge"] == case.minute(6.5)
    assert case.told()[-2:] == ["withdrawn", "dispatched"]


def test_a_crew_is_not_sent_twice_not_even_in_another_role(case):
    case.send(at=1)
    for role in ("lead", "support"):
        with pytest.raises(Forbidden, match="W1 is on this ticket already"):
            case.send(at=2, role=role)


def test_a_crew_on_site_is_not_replaced(case):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=2)
    with pytest.raises(Forbidden, match="A crew is on site"):
        case.send(1, at=3)
    with pytest.raises(Forbidden, match="cannot be called back"):
        case.do(withdraw_visit, visit, at=3, reason="needed elsewhere")
    with pytest.raises(Forbidden, match="cannot become declined"):
        case.do(decline_visit, visit, at=3, reason="no")


@pytest.mark.parametrize("place", [None, IN_WEST])
def test_a_ticket_is_sent_once_it_is_placed(session, now, place):
    case = Case(now, place=place)
    if place is None:
        with pytest.raises(Forbidden, match="received, so it cannot become dispatched"):
            case.send(at=1)
    else:
        assert case.send(at=1).state == "dispatched"


def test_nobody_is_sent_while_on_hold_or_to_what_is_completed(case):
    case.do(hold_ticket, at=1, reason="waiting_for_part")
    with pytest.raises(Forbidden, match="on hold"):
        case.send(at=2)


def test_nobody_is_sent_to_a_completed_ticket(case):
    case.fixed()
    with pytest.raises(Forbidden, match="completed"):
        case.send(1, at=9)


@pytest.mark.parametrize(
    ("action", "state"), [(decline_visit, "declined"), (withdraw_visit, "withdrawn")]
)
def test_a_crew_that_does_not_go_leaves_the_ticket_waiting(case, action, state):
    visit = case.send(at=1)
    with pytest.raises(Invalid):
        case.do(action, visit, at=2, reason=" ")
    case.do(action, visit, at=2, reason=" flat tyre ")
    assert (visit.state, visit.ended_at) == (state, case.minute(2))
    assert case.ticket.state == "accepted"
    assert case.told().count(state) == 1
    assert case.last_event().note == "flat tyre"
    assert "acknowledge" not in case.armed()
    assert "dispatch" not in case.armed()


def test_the_other_crew_speaks_for_the_ticket_when_the_furthest_turns_back(case):
    lead, support = case.send(at=1), case.send(1, at=1, role="support")
    case.go(support, "acknowledge", at=2)
    case.go(lead, "set_off", at=3)
    assert case.ticket.state == "en_route"
    case.do(withdraw_visit, lead, at=4, reason="needed elsewhere")
    assert case.ticket.state == "acknowledged"


def test_a_stale_dispatch_is_refused_with_who_and_when(case):
    seen = case.ticket.version
    case.send(at=1)
    with pytest.raises(Stale) as refused:
        case.send(1, at=2, seen_version=seen)
    assert refused.value.facts == {
        "version": case.reload().version,
        "seen_version": seen,
        "changed_by": "Li Na",
        "changed_at": case.minute(1).isoformat(),
        "state": "dispatched",
    }


def test_a_dispatch_is_dated_as_told_within_the_order_of_its_role(case):
    first = case.send(at=5, told=Told(effective_at=case.minute(3)))
    assert first.dispatched_at == case.ticket.dispatched_at == case.minute(3)
    for minutes in (2, 7):
        with pytest.raises(Invalid):
            case.send(1, at=6, told=Told(effective_at=case.minute(minutes)))


def test_a_crew_is_replaced_though_the_clock_was_set_back(case):
    first = case.send(at=10)
    case.go(first, "acknowledge", at=12)
    second = case.send(1, at=4)
    assert (first.state, first.ended_at) == ("withdrawn", case.minute(12))
    assert second.dispatched_at == case.minute(12)


@pytest.mark.parametrize("end", [merge_elsewhere, cancel])
def test_a_crew_under_way_on_a_second_trip_is_called_back_though_the_clock_was_set_back(case, end):
    case.do(decline_visit, case.send(at=1), at=2, reason="no van")
    second = case.send(1, at=10)
    end(case, at=4)
    assert (second.state, second.ended_at) == ("withdrawn", case.minute(10))


def test_nobody_available_is_written_with_its_reasons(case):
    case.do(report_nobody, [say("Crew %(crew)s is off duty.", crew="W1")], at=1)
    assert case.last_event().kind == "nobody_available"
    assert case.last_event().facts["reasons"][0]["values"] == {"crew": "W1"}


def test_the_planner_calls_a_crew_back_with_a_reason_in_both_languages(case):
    visit = case.send(at=1)
    case.do(recall_visit, visit, say("Needed elsewhere"), at=2, turned_to=9)
    assert (visit.state, case.ticket.state) == ("withdrawn", "accepted")
    facts = case.last_event().facts
    assert facts == {"reasons": [say("Needed elsewhere").as_json()], "turned_to": 9}
    mind = Decision(automatic=True, changes_mind=True)
    again = case.do(dispatch_visit, case.crews[1], at=3, decision=mind)
    assert case.last_event().facts["changed_mind"] is True
    case.do(recall_visit, again, say("Silent"), at=4)
    assert "turned_to" not in case.last_event().facts


def test_the_planner_calls_no_crew_back_that_has_arrived(case):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=2)
    with pytest.raises(Forbidden):
        case.do(recall_visit, visit, say("Needed elsewhere"), at=3)


def test_for_whom_a_ticket_waits_makes_nobodys_view_stale(case):
    version = case.ticket.version
    case.do(report_waiting, 4, say("Waits for W1"), at=1)
    assert case.last_event().kind == "waits"
    assert case.last_event().facts["crew_id"] == 4
    assert case.reload().version == version


def test_reporters_hear_of_the_first_dispatch_only(session, now):
    case = Case(now, reporter_phone="13800000001")
    case.send(at=1)
    case.send(1, at=2)
    assert [row.template for row in rows_of(Outbox, case.id)] == ["report_received", "dispatched"]


def test_a_level_without_a_promise_to_answer_arms_none(session, now):
    case = Case(now, level=int(Level.ENQUIRY))
    assert case.send(at=1).acknowledge_due_at is None
    assert "acknowledge" not in case.armed()
    assert case.ticket.dispatch_due_at == now + timedelta(minutes=30)
