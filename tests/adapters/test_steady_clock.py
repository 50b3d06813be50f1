"""Does time go on when the machine's clock is set back, and follow when it is set forward?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.adapters.steady_clock import SMALL_STEP, SteadyClock


class Machine:
    """A machine whose clock can be set; what passes is seen by both of its clocks."""

    def __init__(self, now) -> None:
        self.now, self.passed = now, 0.0

    def wait(self, seconds):
        self.passed += seconds
        self.now += timedelta(seconds=seconds)

    def clock(self, mark=None):
        return SteadyClock(mark, wall=lambda: self.now, monotonic=lambda: self.passed)


@pytest.mark.parametrize("hours", [1 / 360, 1, 8])
def test_set_back_it_goes_on_as_time_passes(now, hours):
    machine = Machine(now)
    clock = machine.clock()
    machine.wait(60)
    machine.now -= timedelta(hours=hours)
    machine.wait(5)
    assert clock() == now + timedelta(seconds=65)
    assert clock.ahead() == timedelta(hours=hours)


def test_set_forward_it_follows_at_once(now):
    machine = Machine(now)
    clock = machine.clock()
    machine.now += timedelta(hours=8)
    assert clock() == now + timedelta(hours=8)


def test_a_small_step_back_is_waited_out(now):
    machine = Machine(now)
    clock = machine.clock()
    machine.now -= SMALL_STEP
    assert clock() == now
    machine.wait(2)
    assert clock() == machine.now == now + timedelta(seconds=1)


def test_what_another_process_saw_holds_after_a_restart(now):
    machine = Machine(now - timedelta(hours=1))
    clock = machine.clock(mark=now)
    machine.wait(3)
    assert clock() == now + timedelta(seconds=3)
    assert machine.clock(mark=now - timedelta(days=1))() == machine.now


def test_the_machines_own_clock_is_the_default(now):
    assert SteadyClock(now)() > now


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(-1e5, 1e5)), max_size=20))
def test_it_never_goes_back_and_never_lags(steps):
    from datetime import UTC, datetime  # noqa: PLC0415  hypothesis takes no fixture of a function

    machine = Machine(datetime(2026, 3, 2, tzinfo=UTC))
    clock = machine.clock()
    before = clock()
    for passed, stepped in steps:
        machine.wait(passed)
        machine.now += timedelta(seconds=stepped)
        found = clock()
        assert found >= max(before, machine.now)
        before = found
