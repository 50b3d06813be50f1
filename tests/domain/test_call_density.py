"""Are there never more calls near one, and soon after it, than cells say at most?"""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.domain import call_density
from dispatch.domain.call_density import most_soon

METRES, LONG = 200.0, 7.0
FEW = 2_000


def drawn(seed, size, wide, long):
    """Draw calls on some metres of ground and in some days; every tenth stands on another."""
    dice = np.random.default_rng(seed)
    ground, received = dice.random((size, 2)) * wide - wide / 2, dice.random(size) * long
    same = dice.integers(0, size, size // 10)
    ground[: same.size], received[: same.size] = ground[same], received[same]
    return ground, received


def soon(ground, received):
    """Count by looking at every two."""
    apart = np.hypot(*(ground[:, None, axis] - ground[None, :, axis] for axis in (0, 1)))
    later = received[None, :] - received[:, None]
    return ((apart <= METRES) & (later >= 0) & (later <= LONG)).sum(axis=1)


@pytest.mark.parametrize("fineness", call_density._FINENESS)
@pytest.mark.parametrize(("wide", "long"), [(900, 9), (4_000, 40), (60_000, 3), (0, 0)])
def test_a_bound_is_never_too_small(monkeypatch, fineness, wide, long):
    monkeypatch.setattr(call_density, "_FINENESS", (fineness,))
    monkeypatch.setattr(call_density, "_CELLS_A_CALL", 1 << 20)
    for seed in range(3):
        calls = drawn(seed, FEW, wide, long)
        assert (most_soon(*calls, METRES, LONG) >= soon(*calls)).all()


def test_a_bound_is_near_enough_to_tell_most_calls_apart(monkeypatch):
    monkeypatch.setattr(call_density, "_FINENESS", ((2, 7),))
    monkeypatch.setattr(call_density, "_CELLS_A_CALL", 1 << 20)
    calls = drawn(1, FEW, 4_000, 40)
    assert most_soon(*calls, METRES, LONG).sum() < 3 * soon(*calls).sum()


def test_what_lies_at_the_edge_of_both_counts():
    ground = np.array([[0.0, 0.0], [METRES, 0.0], [0.0, -METRES], [-METRES, 0.0]])
    received = np.array([0.0, LONG, LONG, 0.0])
    assert most_soon(ground, received, METRES, LONG)[0] == 4


def test_many_calls_make_a_finer_grid():
    sizes = (30_000, 100_000, 1_000_000)
    shapes = [call_density._grid_for(size, 200.0, 52.0)[:2] for size in sizes]
    assert shapes == [(1, 2), (1, 7), (2, 7)]
    assert call_density._grid_for(4_000_000, 200.0, 260.0)[:2] == (1, 7)


def test_a_small_town_has_no_more_cells_than_ground():
    assert call_density._grid_for(30_000, 20.0, 52.0) == (2, 7, (45, 45, 372))
    assert call_density._grid_for(10_000_000, 5_000.0, 52.0)[2] == (256, 256, 372)


def test_a_call_of_long_ago_makes_no_grid_that_nobody_can_hold():
    ground, received = drawn(1, FEW, 900, 30)
    received[0] = -30_000.0
    assert most_soon(ground, received, METRES, LONG).tolist() == [FEW] * FEW
    assert call_density._grid_for(10_000_000, 20.0, 50_000.0) is None


def test_nobody_calls():
    nobody = np.empty(0)
    assert most_soon(nobody.reshape(0, 2), nobody, METRES, LONG).tolist() == []
