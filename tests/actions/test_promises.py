"""Is exactly one warning armed for each promise that runs, at its next rung?"""

from datetime import timedelta

from dispatch.actions.clockwork import fire_due
from dispatch.actions.holds import hold_ticket
from dispatch.actions.intake import change_level
from dispatch.actions.promises import (
    budget_of,
    count_held_before_arrival,
    disarm,
    holds_of,
    rearm,
    running_clocks,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.service_policy import ClockKind
from dispatch.models.clockwork import Timer
from tests.cases import Case
from tests.invariants import expect_whole, rows_of


def fire(case, minute):
    with transaction():
        fire_due(case.minute(minute), limit=100)
    expect_whole(case.id)


def test_a_new_ticket_arms_half_of_each_budget(case):
    assert case.armed() == {
        "dispatch": case.minute(2.5),
        "arrive": case.minute(15),
        "restore": case.minute(120),
        "repair": case.minute(720),
    }


def test_a_rung_that_was_told_is_not_told_again_after_a_change(case):
    fire(case, 16)
    assert case.armed()["arrive"] == case.minute(24)
    with transaction():
        rearm(case.reload())
    expect_whole(case.id)
    assert case.armed()["arrive"] == case.minute(24)
    case.do(change_level, 3, at=17, reason="smaller")
    assert case.armed()["arrive"] == case.minute(60)
    case.do(change_level, 1, at=18, reason="no, it is not")
    assert case.armed()["arrive"] == case.minute(24)


def test_the_top_of_the_ladder_arms_nothing(case):
    for minute in (16, 25, 31, 46):
        fire(case, minute)
    assert "arrive" not in case.armed()
    with transaction():
        rearm(case.reload())
    assert "arrive" not in case.armed()


def test_only_its_end_is_armed_while_a_hold_lasts(case):
    case.do(hold_ticket, at=1, reason="waiting_for_part")
    with transaction():
        rearm(case.reload())
    # But the end of the hold itself: three days for a part.
    assert case.armed() == {"hold": case.minute(1 + 3 * 24 * 60)}


def test_every_key_is_its_own(case):
    first = case.send(at=1)
    second = case.send(1, at=2)
    keys = [timer.key for timer in rows_of(Timer, case.id)]
    assert len(keys) == len(set(keys))
    assert (first.id, second.id) == (1, 2)
    assert any(key.startswith(f"{case.id}/2/acknowledge/0/v0/") for key in keys)


def test_one_clock_or_one_visit_is_disarmed(case):
    visit = case.send(at=1)
    with transaction():
        disarm(case.reload(), ClockKind.ARRIVE)
    assert set(case.armed()) == {"acknowledge", "restore", "repair"}
    with transaction():
        disarm(case.reload(), visit=visit)
    assert set(case.armed()) == {"restore", "repair"}
    with transaction():
        disarm(case.reload())
    assert case.armed() == {}


def test_what_a_policy_does_not_promise_has_no_budget(session, now):
    case = Case(now, category="advice")
    assert budget_of(case.ticket, ClockKind.ARRIVE) is None
    assert budget_of(case.ticket, ClockKind.DISPATCH).minutes == 30
    assert {clock.kind for clock in running_clocks(case.ticket)} == {
        ClockKind.DISPATCH,
        ClockKind.REPAIR,
    }
    assert case.ticket.repair_due_at > now + timedelta(days=2)


def test_without_a_hold_none_is_read_or_counted(case):
    assert holds_of(case.ticket) == []
    count_held_before_arrival(case.ticket)
    assert case.ticket.held_seconds_before_arrival == 0
