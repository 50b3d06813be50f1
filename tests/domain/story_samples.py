"""Which tickets do the tests of the figures measure?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from dispatch.domain.stories import TicketStory, VisitStory

CALL = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_numbers = count(1)


def after(minutes: float = 0, *, seconds: float = 0, days: float = 0) -> datetime:
    """Return the instant so long after the call."""
    return CALL + timedelta(minutes=minutes, seconds=seconds, days=days)


def story(**facts: Any) -> TicketStory:
    """Make a ticket received at `CALL` unless told otherwise, with a number of its own."""
    facts = {"number": f"T{next(_numbers)}", "received_at": CALL, "category": "burst"} | facts
    return TicketStory(**facts)


def worked_example(**changes: Any) -> TicketStory:
    """Make the worked example of metrics.md: returned once, sent twice, arrived at 08:29:59."""
    facts: dict[str, Any] = {
        "level": 1,
        "grid": "Town",
        "dispatched_at": after(1.5),
        "acknowledged_at": after(3),
        "en_route_at": after(7),
        "arrived_at": after(29, seconds=59),
        "completed_at": after(70),
        "closed_at": after(80),
        "arrive_due_at": after(30),
        "returns": 1,
        "dispatches": 2,
        "reports": 1,
        "contacts_by_reporter": 1,
        "teams": 2,
        "auto": True,
        "visits": (
            VisitStory(outcome="withdrawn", crew="Crew 1"),
            VisitStory(
                arrived_at=after(29, seconds=59),
                ended_at=after(70),
                outcome="completed",
                crew="Crew 2",
            ),
        ),
    }
    return story(**(facts | changes))


def fixed(**changes: Any) -> TicketStory:
    """Make a closed repair with one completed visit."""
    facts: dict[str, Any] = {
        "arrived_at": after(20),
        "completed_at": after(60),
        "closed_at": after(90),
        "household": "H1",
        "visits": (VisitStory(arrived_at=after(20), ended_at=after(60), outcome="completed"),),
    }
    return story(**(facts | changes))


maybe_instant = st.none() | st.integers(-600, 90 * 60).map(lambda s: after(seconds=s))


@st.composite
def any_story(draw: st.DrawFn) -> TicketStory:
    """Draw a ticket with any mixture of times, some missing and some the wrong way round."""
    names = ("dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "working_at")
    ends = ("completed_at", "closed_at", "arrive_due_at", "repair_due_at")
    ends += ("call_back_due_at", "called_back_at")
    times = {name: draw(maybe_instant) for name in (*names, *ends)}
    return story(
        **times,
        held_seconds=draw(st.integers(0, 4000)),
        held_seconds_total=draw(st.integers(0, 8000)),
        outcome=draw(st.sampled_from([None, None, None, "duplicate", "cancelled"])),
        flags=draw(
            st.sampled_from([frozenset(), frozenset(), frozenset({"closes_before_opening"})])
        ),
        grid=draw(st.sampled_from(["A", "B", None])),
        imported=draw(st.booleans()),
    )
