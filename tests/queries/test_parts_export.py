"""Does the export of parts hold each part of each visit once, by its last word?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.queries.parts_export import PART_COLUMNS, exported_parts
from tests.trips import open_burst, send, step, steward

HOUR = timedelta(hours=1)


def test_each_part_of_a_visit_is_a_row(session, now):
    open_burst(now, pipe_mm=100)
    send(1, 1, now)
    for item, count, at in (
        ("valves", 1, now),
        ("valves", 3, now + HOUR),
        ("meters", 1, now),
        ("meters", 0, now + HOUR),
    ):
        step(1, "parts", steward(1), at, item=item, count=count)
    step(1, "needs", steward(1), now, parts=["pumps"])
    [row] = exported_parts(None, None)
    assert set(row) == set(PART_COLUMNS)
    assert row == {
        "number": "W000001", "category": "burst", "pipe_mm": 100, "team": "West Team",
        "crew": "W1", "item": "valves", "count": 3, "used_at": now + HOUR,
    }  # fmt: skip
    before = [(each["item"], each["count"]) for each in exported_parts(None, now + HOUR)]
    assert sorted(before) == [("meters", 1), ("valves", 1)]
    assert list(exported_parts(now + 2 * HOUR, None)) == []
