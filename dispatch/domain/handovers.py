"""Which of the open promises must the next shift know of?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

MOST_LISTED = 100
"""So many rows of each kind are kept with a handover; the counts are those of all."""


def promises_of(tickets: Iterable[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Return how many tickets are open, and which promises run, the earliest due first.

    `tickets` are in the shape that everybody reads. A paused promise has no due date and is not
    listed; one whose date is past is overdue.
    """
    found = list(tickets)
    rows = sorted(
        (
            {
                "number": ticket["number"],
                "category": ticket["category"],
                "level": ticket["level"],
                "address": ticket["address"],
                "clock": ticket["next_clock"]["kind"],
                "due_at": ticket["next_clock"]["due_at"],
                "overdue": ticket["next_clock"]["due_at"] < now,
            }
            for ticket in found
            if ticket["next_clock"] and ticket["next_clock"]["due_at"]
        ),
        key=lambda row: (row["due_at"], row["number"]),
    )
    return {
        "open": len(found),
        "promised": len(rows),
        "overdue": sum(row["overdue"] for row in rows),
        "promises": rows[:MOST_LISTED],
    }


def held_of(tickets: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the tickets that wait, with why and until when, the earliest end first."""
    rows = [
        {
            "number": ticket["number"],
            "category": ticket["category"],
            "level": ticket["level"],
            "address": ticket["address"],
            "reason": ticket["hold"]["reason"],
            "until_at": ticket["hold"]["until_at"],
        }
        for ticket in tickets
        if ticket["hold"]
    ]
    rows.sort(key=lambda row: (row["until_at"] is None, row["until_at"] or 0, row["number"]))
    return {"held": len(rows), "holds": rows[:MOST_LISTED]}
