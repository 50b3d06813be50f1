"""Is a clockwork that stands still noticed in time?"""

from __future__ import annotations

import pytest

from dispatch.domain.deadline_watch import WatchLevel, watch_level


@pytest.mark.parametrize(
    ("overdue", "silent", "armed", "level"),
    [
        (None, None, False, "ok"),
        (None, None, True, "red"),
        (None, 5.0, True, "ok"),
        (None, 10.0, True, "ok"),
        (None, 10.1, True, "amber"),
        (None, 30.0, True, "amber"),
        (None, 30.1, True, "red"),
        (None, 3600.0, False, "ok"),
        (2.0, 1.0, True, "ok"),
        (11.0, 1.0, True, "amber"),
        (31.0, 1.0, True, "red"),
        (31.0, 1.0, False, "red"),
        (11.0, 31.0, True, "red"),
    ],
)
def test_the_worse_of_the_two_is_shown(overdue, silent, armed, level):
    assert watch_level(overdue, silent, armed=armed) == WatchLevel(level)
