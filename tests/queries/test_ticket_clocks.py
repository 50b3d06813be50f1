"""Is the promise that runs out next the right one, with its holds taken out?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.domain.clocks import Hold, standing
from dispatch.domain.service_policy import ClockKind
from dispatch.queries.ticket_clocks import next_clock, running_promises

LADDER = (0.5, 0.8, 1.0, 1.5)


def ticket(now, **columns: Any):
    row = dict.fromkeys(
        ("dispatched_at", "arrived_at", "restored_at", "completed_at", "verified_at",
         "restore_due_at", "follow_up_due_at", "call_back_due_at", "called_back_at")
    )  # fmt: skip
    return row | {
        "state": "accepted",
        "imported": False,
        "received_at": now,
        "dispatch_due_at": now + timedelta(minutes=5),
        "arrive_due_at": now + timedelta(minutes=30),
        "repair_due_at": now + timedelta(hours=24),
        **columns,
    }


def kinds(row, lead=None):
    return [kind for kind, _start, _due in running_promises(row, lead)]


def test_what_is_kept_runs_no_longer(now):
    assert kinds(ticket(now)) == [ClockKind.DISPATCH, ClockKind.ARRIVE, ClockKind.REPAIR]
    assert kinds(ticket(now, dispatched_at=now)) == [ClockKind.ARRIVE, ClockKind.REPAIR]
    assert kinds(ticket(now, dispatched_at=now, arrived_at=now)) == [ClockKind.REPAIR]


def test_a_call_back_runs_until_somebody_was_reached_or_the_repair_is_done(now):
    due = {"call_back_due_at": now + timedelta(minutes=10)}
    assert kinds(ticket(now, **due))[1] == ClockKind.CALL_BACK
    assert ClockKind.CALL_BACK not in kinds(ticket(now, **due, called_back_at=now))
    assert ClockKind.CALL_BACK not in kinds(ticket(now, **due, completed_at=now))


def test_an_ended_or_past_ticket_promises_nothing(now):
    assert kinds(ticket(now, state="cancelled")) == []
    assert kinds(ticket(now, imported=True)) == []


def test_a_sent_crew_must_acknowledge(now):
    lead = {
        "state": "dispatched",
        "dispatched_at": now,
        "acknowledge_due_at": now + timedelta(minutes=2),
    }
    row = ticket(now, dispatched_at=now)
    assert ClockKind.ACKNOWLEDGE in kinds(row, lead)
    assert ClockKind.ACKNOWLEDGE not in kinds(row, lead | {"state": "acknowledged"})
    clock = next_clock(running_promises(row, lead), [], LADDER)
    assert (clock["kind"], clock["due_at"]) == ("acknowledge", lead["acknowledge_due_at"])


def test_the_first_due_comes_first_with_its_fractions(now):
    clock = next_clock(running_promises(ticket(now), None), [], LADDER)
    assert clock["kind"] == "dispatch"
    assert clock["fraction_at"] == {
        "0.5": now + timedelta(seconds=150),
        "0.8": now + timedelta(seconds=240),
        "1": now + timedelta(seconds=300),
        "1.5": now + timedelta(seconds=450),
    }


def test_a_hold_moves_the_due_date_and_a_lasting_one_stops_it(now):
    minute = timedelta(minutes=1)
    promises = running_promises(ticket(now), None)
    held = next_clock(promises, [Hold(now + minute, now + 3 * minute)], LADDER)
    assert held["due_at"] == now + 7 * minute
    assert held["raw_due_at"] == now + 5 * minute
    paused = next_clock(promises, [Hold(now + minute)], LADDER)
    assert paused["due_at"] is None
    assert paused["fraction_at"]["1"] is None


def test_a_ring_is_drawn_from_the_clock_without_its_policy(now):
    minute = timedelta(minutes=1)
    holds, at = [Hold(now + minute, now + 3 * minute)], now + 6 * minute
    clock = next_clock(running_promises(ticket(now), None), holds, LADDER)
    whole, due = clock["raw_due_at"] - clock["started_at"], clock["raw_due_at"]
    shown = standing(started_at=now, due_at=due, stopped_at=None, holds=holds, now=at)
    assert (clock["due_at"] - at) / whole == pytest.approx(1 - shown.fraction) == pytest.approx(0.2)
    assert clock["fraction_at"]["0.8"] == at


def test_without_promises_there_is_no_clock():
    assert next_clock([], [], LADDER) is None
