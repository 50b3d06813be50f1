"""Does a planner see the same instant when it looks at a part of it?"""

from __future__ import annotations

import numpy as np

from dispatch.domain.outlook import NOBODY, Outlook


def outlook(**changes: object) -> Outlook:
    columns: dict[str, object] = {
        "drive": np.arange(6.0).reshape(3, 2),
        "may_go": np.ones((3, 2), dtype=bool),
        "home": np.zeros((3, 2), dtype=bool),
        "slack": np.array([10.0, 20.0, 30.0]),
        "waited": np.zeros(3),
        "weight": np.ones(3),
        "work": np.full(3, 2_700.0),
        "heading": np.array([2, NOBODY]),
        "can_turn": np.array([True, True]),
        "on_site": np.array([np.nan, np.nan]),
        "repair_mean": np.full(2, 2_700.0),
        "repair_sigma": np.full(2, 0.6),
    }
    return Outlook(**{**columns, **changes})  # type: ignore[arg-type]


def test_a_part_keeps_its_columns_and_where_crews_head():
    part = outlook().only(np.array([2, 0]))
    assert part.slack.tolist() == [30.0, 10.0]
    assert part.drive.tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert part.heading.tolist() == [0, NOBODY]


def test_a_crew_whose_ticket_is_left_out_heads_nowhere():
    assert outlook().only(np.array([0, 1])).heading.tolist() == [NOBODY, NOBODY]


def test_a_crew_on_site_or_past_turning_is_not_free():
    seen = outlook(
        heading=np.array([2, 1]), can_turn=np.array([True, False]), on_site=np.array([60.0, np.nan])
    )
    assert seen.is_free.tolist() == [False, False]
    assert outlook().is_free.tolist() == [True, True]
    assert (seen.tickets, seen.crews) == (3, 2)
