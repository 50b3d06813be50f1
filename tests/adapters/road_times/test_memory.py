"""Are drives remembered by cell and hour, and the oldest cells forgotten?"""

from __future__ import annotations

import numpy as np

from dispatch.adapters.road_times.memory import DriveMemory, cells_of
from dispatch.domain.travel import great_circle_metres


def known(memory, origins, goals, hour=None, *, since=0.0):
    return memory.recall(np.array(origins), np.array(goals), hour, not_before=since)


def learn(memory, origins, goals, found, hour=None, *, at=1.0):
    memory.learn(np.array(origins), np.array(goals), hour, np.array(found, dtype=float), at=at)


def test_a_cell_is_about_150_metres_wide_and_high_wherever_it_lies():
    for lat, lon in ((28.2, 113.0), (0.5, -179.0), (-60.0, 10.0)):
        steps = np.arange(5000) * 1e-5
        north = np.column_stack((lat + steps, np.full(5000, lon)))
        east = np.column_stack((np.full(5000, lat), lon + steps))
        for line in (north, east):
            metres = great_circle_metres(line[:1], line[-1:]).item()
            assert 120 < metres / len(set(cells_of(line).tolist())) < 180


def test_what_was_learnt_is_recalled_by_hour():
    memory = DriveMemory(most_cells=8)
    learn(memory, [1, 2], [7], [[60], [np.nan]], 8)
    seconds, is_known = known(memory, [2, 1, 3], [7], 8)
    assert is_known[:, 0].tolist() == [True, True, False]
    assert np.isnan(seconds[0, 0])
    assert seconds[1, 0] == 60
    assert not known(memory, [1], [7], 9)[1].any()


def test_what_was_told_too_long_ago_is_not_known():
    memory = DriveMemory(most_cells=8)
    learn(memory, [1], [7], [[60]], at=10.0)
    assert known(memory, [1], [7], since=10.0)[1].all()
    assert not known(memory, [1], [7], since=11.0)[1].any()


def test_the_cell_longest_unused_is_forgotten_on_either_side():
    memory = DriveMemory(most_cells=2)
    learn(memory, [1, 2], [7, 8], [[1, 2], [3, 4]])
    learn(memory, [1], [7], [[1]])
    learn(memory, [3], [9], [[5]])
    assert known(memory, [1], [7])[1].all()
    assert not known(memory, [2], [7])[1].any()
    assert not known(memory, [1], [8])[1].any()


def test_the_hour_longest_unused_is_forgotten():
    memory = DriveMemory(most_cells=2, most_hours=2)
    for hour in (6, 7, 6, 8):
        learn(memory, [1], [7], [[hour]], hour)
    assert [bool(known(memory, [1], [7], hour)[1].all()) for hour in (6, 8)] == [True, True]
    assert not known(memory, [1], [7], 7)[1].any()


def test_it_knows_how_much_it_holds():
    assert DriveMemory(most_cells=2).holds(2)
    assert not DriveMemory(most_cells=2).holds(3)
