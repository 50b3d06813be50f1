"""Does every tap of a crew stamp its time and move the ticket?"""

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import withdraw_visit
from dispatch.actions.holds import hold_ticket
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import (
    acknowledge,
    arrive,
    cannot_complete,
    complete_visit,
    keep_for_review,
    restore_supply,
)
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.place import Point
from dispatch.domain.sentences import say
from tests.cases import Case

STEPS = ("acknowledge", "set_off", "arrive", "start", "complete")


def test_a_visit_runs_from_dispatched_to_completed(case):
    visit = case.send(at=1)
    case.go(visit, *STEPS, at=2)
    ticket = case.ticket
    assert ticket.state == visit.state == "completed"
    times = [visit.acknowledged_at, visit.en_route_at, visit.arrived_at, visit.working_at]
    assert [*times, visit.ended_at] == [case.minute(minute) for minute in (2, 3, 4, 5, 6)]
    assert [ticket.acknowledged_at, ticket.en_route_at, ticket.arrived_at] == times[:3]
    assert ticket.completed_at == ticket.restored_at == case.minute(6)
    assert ticket.follow_up_due_at == case.minute(6) + timedelta(days=1)
    assert list(case.armed()) == ["follow_up"]
    assert visit.arrival_grade == "crew_only"


def test_each_tap_stops_its_clock(case):
    visit = case.send(at=1)
    assert set(case.armed()) == {"acknowledge", "arrive", "restore", "repair"}
    case.go(visit, "acknowledge", at=2)
    assert set(case.armed()) == {"arrive", "restore", "repair"}
    case.go(visit, "arrive", at=3)
    assert set(case.armed()) == {"restore", "repair"}
    case.do(restore_supply, at=4)
    assert case.ticket.restored_at == case.minute(4)
    assert set(case.armed()) == {"repair"}
    case.go(visit, "complete", at=5)
    assert case.ticket.restored_at == case.minute(4)


def test_a_crew_that_starts_later_is_expected_later(case):
    visit = case.send(at=1)
    with transaction():
        visit.eta_at = case.minute(9)
    case.go(visit, "acknowledge", at=4)
    assert visit.eta_at == case.minute(12)
    case.go(visit, "set_off", at=6)
    assert visit.eta_at == case.minute(14)
    case.go(visit, "arrive", at=20)
    assert visit.eta_at == case.minute(14)


def test_a_tap_that_came_late_skips_the_steps_before_it(case):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=9)
    assert visit.en_route_at is case.ticket.en_route_at is None
    assert "acknowledge" not in case.armed()


def test_a_second_visit_leaves_the_first_times_as_they_are(case):
    first = case.send(at=1)
    case.go(first, "set_off", "arrive", at=2)
    case.do(cannot_complete, first, at=10, cause="part_missing", note=" DN100 clamp ")
    assert (first.state, first.cause, first.note) == (
        "cannot_complete",
        "part_missing",
        "DN100 clamp",
    )
    assert case.last_event().reason == "part_missing"
    assert case.ticket.state == "accepted"
    assert set(case.armed()) == {"restore", "repair"}
    second = case.send(1, at=20)
    case.go(second, *STEPS, at=21)
    assert case.ticket.state == "completed"
    assert case.ticket.dispatched_at == case.minute(1)
    assert case.ticket.acknowledged_at is None
    assert case.ticket.arrived_at == case.minute(3)
    assert case.ticket.completed_at == case.minute(25)


@pytest.mark.parametrize("cause", ["", "lazy"])
def test_a_cause_is_from_the_closed_list(case, cause):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=2)
    with pytest.raises(Invalid) as refused:
        case.do(cannot_complete, visit, at=3, cause=cause)
    assert "cause" in refused.value.fields
    assert case.reload().state == "arrived"


@pytest.mark.parametrize("action", [acknowledge, complete_visit])
def test_a_step_that_the_table_does_not_hold_is_refused(case, action):
    visit = case.send(at=1)
    case.go(visit, "acknowledge", at=2)
    with pytest.raises(Forbidden, match="This visit is acknowledged"):
        case.do(action, visit, at=3)


def test_no_crew_moves_while_the_ticket_is_on_hold_or_changed(case):
    visit = case.send(at=1)
    with pytest.raises(Stale):
        case.do(arrive, visit, at=2, seen_version=1)
    case.do(hold_ticket, at=2, reason="unsafe_conditions")
    for action in (acknowledge, arrive):
        with pytest.raises(Forbidden, match="on hold"):
            case.do(action, visit, at=3)
    with pytest.raises(Forbidden, match="on hold"):
        case.do(withdraw_visit, visit, at=3, reason="no")
    assert visit.arrival_grade is None


@pytest.mark.parametrize(("minute", "why"), [(0.5, "cannot be earlier"), (9, "in the future")])
def test_a_time_that_cannot_be_is_refused(case, minute, why):
    visit = case.send(at=1)
    with pytest.raises(Invalid, match=why):
        case.do(arrive, visit, at=8, told=Told(effective_at=case.minute(minute)))


def test_a_server_clock_that_was_stepped_back_refuses_nobody(case):
    visit = case.send(at=10)
    case.do(acknowledge, visit, at=9)
    assert visit.acknowledged_at == case.minute(10)
    assert case.last_event().recorded_at == case.minute(9)


@pytest.mark.parametrize(
    ("place", "grade"), [(Point(28.1501, 112.95), "crew_only"), (Point(28.3, 112.95), "disputed")]
)
def test_an_arrival_is_graded_by_where_the_crew_was(case, place, grade):
    visit = case.send(at=1)
    told = Told(position=place, accuracy_metres=10.0, datum="wgs84")
    case.do(arrive, visit, at=8, told=told)
    assert visit.arrival_grade == grade
    assert case.last_event().lat == place.lat


def test_supply_is_restored_once_after_an_arrival(case):
    with pytest.raises(Forbidden):
        case.do(restore_supply, at=1)
    visit = case.send(at=1)
    case.go(visit, "arrive", at=2)
    with pytest.raises(Invalid):
        case.do(restore_supply, at=9, told=Told(effective_at=case.minute(1)))
    with pytest.raises(Stale):
        case.do(restore_supply, at=9, seen_version=1)
    case.do(restore_supply, at=9)
    with pytest.raises(Forbidden):
        case.do(restore_supply, at=10)


def test_a_level_without_a_promise_to_restore_is_not_restored_by_its_repair(session, now):
    case = Case(now, category="low_pressure")
    case.fixed()
    assert case.ticket.restored_at is None
    with pytest.raises(Forbidden):
        case.do(restore_supply, at=30)


def test_a_tap_that_contradicts_its_visit_is_kept_for_a_person(case):
    visit = case.send(at=5)
    told = Told(effective_at=case.minute(2), time_quality="offline_skewed")
    case.do(keep_for_review, visit, "en_route", say("Too early."), at=6, told=told)
    event = case.last_event()
    assert (event.kind, event.effective_at) == ("for_review", case.minute(2))
    assert event.facts == {"step": "en_route", "why": {"text": "Too early.", "values": {}}}
    assert case.ticket.state == visit.state == "dispatched"
