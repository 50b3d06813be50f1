"""Which promise of a ticket runs out next?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.domain.clocks import due_at_adjusted, rung_due_at
from dispatch.domain.service_policy import CLOCK_NAMES, ClockKind
from dispatch.domain.ticket_state import ENDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.clocks import Hold

_ENDED = frozenset(str(state) for state in ENDED)


def running_promises(
    ticket: Mapping[str, Any], lead: Mapping[str, Any] | None
) -> list[tuple[ClockKind, datetime, datetime]]:
    """Return kind, start and raw due date of each promise that nobody has kept yet.

    `ticket` and `lead` (the leading visit under way) are rows by column name.
    """
    if ticket["state"] in _ENDED or ticket["imported"]:
        return []
    received = ticket["received_at"]
    restored = ticket["restored_at"] or ticket["completed_at"]
    completed = ticket["completed_at"]
    called = ticket["called_back_at"] or completed
    asked = [
        (ClockKind.DISPATCH, received, ticket["dispatch_due_at"], ticket["dispatched_at"]),
        (ClockKind.CALL_BACK, received, ticket["call_back_due_at"], called),
        (ClockKind.ARRIVE, received, ticket["arrive_due_at"], ticket["arrived_at"]),
        (ClockKind.RESTORE, received, ticket["restore_due_at"], restored),
        (ClockKind.REPAIR, received, ticket["repair_due_at"], completed),
        (ClockKind.FOLLOW_UP, completed, ticket["follow_up_due_at"], ticket["verified_at"]),
    ]
    if lead is not None and lead["state"] == "dispatched":
        due = lead["acknowledge_due_at"]
        asked.append((ClockKind.ACKNOWLEDGE, lead["dispatched_at"], due, None))
    return [
        (kind, start, due)
        for kind, start, due, kept in asked
        if start is not None and due is not None and kept is None
    ]


def next_clock(
    promises: Sequence[tuple[ClockKind, datetime, datetime]],
    holds: Sequence[Hold],
    ladder: Sequence[float],
) -> dict[str, Any] | None:
    """Return the promise that is due first: `due_at` with its holds taken out, None while paused.

    `fraction_at` says when each fraction of the budget is spent, by the steps of the ladder.
    """
    if not promises:
        return None
    kind, start, due = min(promises, key=lambda each: each[2])
    return {
        "kind": str(kind),
        "name": CLOCK_NAMES[kind],
        "started_at": start,
        "raw_due_at": due,
        "due_at": due_at_adjusted(due, holds, start=start),
        "fraction_at": {f"{step:g}": rung_due_at(start, due, step, holds) for step in ladder},
    }
