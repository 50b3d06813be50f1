"""Is a wrong time mended, with both values kept and the order held?"""

import pytest

from dispatch.actions.corrections import correct_time
from dispatch.actions.dispatching import decline_visit
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.domain.errors import Invalid, Stale
from tests.invariants import DUES


def correct(case, step, minute, *, at=60, reason="mistyped", **named: object):
    case.do(correct_time, step, case.minute(minute), at=at, reason=reason, **named)


def test_both_values_stay_in_the_story(case):
    visit = case.fixed(at=10)
    dues = [getattr(case.ticket, f"{kind}_due_at") for kind in DUES]
    correct(case, "arrived", 12.5, reason=" wrong button ")
    assert case.ticket.arrived_at == visit.arrived_at == case.minute(12.5)
    event = case.last_event()
    assert (event.kind, event.time_quality, event.note) == (
        "time_corrected",
        "corrected",
        "wrong button",
    )
    assert event.facts == {
        "step": "arrived",
        "was": case.minute(13).isoformat(),
        "now": case.minute(12.5).isoformat(),
    }
    assert dues == [getattr(case.ticket, f"{kind}_due_at") for kind in DUES]


def test_only_a_corrected_receipt_moves_the_promises(case):
    correct(case, "received", -6)
    assert case.ticket.received_at == case.minute(-6)
    assert case.ticket.arrive_due_at == case.minute(24)
    assert case.armed()["arrive"] == case.minute(9)


def test_a_repair_is_corrected_on_the_visit_that_made_it(case):
    visit = case.fixed(at=10)
    correct(case, "completed", 20)
    assert case.ticket.completed_at == visit.ended_at == case.minute(20)


@pytest.mark.parametrize(
    ("step", "minute", "field"),
    [
        ("closed", 30, "step"),
        ("on_hold", 30, "step"),
        ("arrived", 61, "at"),
        ("arrived", 1, "arrived"),
        ("completed", 12, "completed"),
        ("received", 5, "accepted"),
        ("accepted", -1, "accepted"),
    ],
)
def test_a_time_that_breaks_the_order_is_refused(case, step, minute, field):
    case.fixed(at=10)
    with pytest.raises(Invalid) as refused:
        correct(case, step, minute)
    assert field in refused.value.fields


def test_a_correction_needs_a_reason_and_the_newest_state(case):
    with pytest.raises(Invalid) as refused:
        correct(case, "received", -1, reason=" ")
    assert "reason" in refused.value.fields
    with pytest.raises(Stale):
        correct(case, "received", -1, seen_version=99)


def test_an_arrival_is_not_moved_before_the_dispatch_of_its_own_visit(case):
    first = case.send(at=1)
    case.do(decline_visit, first, at=2, reason="flat tyre")
    second = case.send(1, at=10)
    case.go(second, "arrive", at=20)
    with pytest.raises(Invalid):
        correct(case, "arrived", 5)


def test_the_first_arrival_is_the_other_crews_when_that_was_earlier(case):
    lead, support = case.send(at=1), case.send(1, at=1, role="support")
    case.go(lead, "arrive", at=10)
    case.go(support, "arrive", at=12)
    correct(case, "arrived", 15)
    assert (lead.arrived_at, case.ticket.arrived_at) == (case.minute(15), case.minute(12))


def test_time_held_before_the_arrival_follows_the_corrected_arrival(case):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=10)
    case.do(hold_ticket, at=20, reason="waiting_for_part")
    correct(case, "received", -5, at=25)
    assert set(case.armed()) == {"hold"}
    case.do(release_hold, at=30)
    assert case.ticket.held_seconds_before_arrival == 0
    correct(case, "arrived", 25, at=60)
    assert case.ticket.held_seconds_before_arrival == 300
