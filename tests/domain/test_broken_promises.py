"""Are broken promises told apart by the right thing, and the right tickets listed?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.broken_promises import (
    SplitBy,
    broken_promises,
    broken_tickets,
    key_of,
    read_key,
)
from dispatch.domain.errors import Invalid
from dispatch.domain.lost_minutes import usual_road
from dispatch.domain.stages import Stage
from dispatch.domain.stories import TicketStory, VisitStory
from tests.domain.story_samples import CALL, after, story

ZONE = ZoneInfo("Asia/Shanghai")
NOW = after(days=1)


def due(minutes: float | None, **facts: Any) -> TicketStory:
    """Make a ticket with a promise of 30 minutes, reached after so many minutes, or open."""
    begin = facts.pop("received_at", CALL)
    times: dict[str, Any] = {"received_at": begin, "arrive_due_at": begin + timedelta(minutes=30)}
    if minutes is not None:
        steps = (("dispatched_at", 1), ("acknowledged_at", 2), ("en_route_at", 3))
        times |= {name: begin + timedelta(minutes=at) for name, at in steps}
        times["arrived_at"] = begin + timedelta(minutes=minutes)
    return story(**(times | facts))


def many(kept: int, late: int, **facts: Any) -> list[TicketStory]:
    return [due(20, **facts) for _ in range(kept)] + [due(45, **facts) for _ in range(late)]


def test_the_group_that_broke_the_largest_share_stands_first_and_small_ones_last():
    stories = [
        *many(18, 2, grid="A"),
        *many(10, 12, grid="B"),
        *many(0, 3, grid="C"),
        *many(30, 30, grid="D"),
        due(45, grid=None),
    ]
    found = broken_promises(stories, SplitBy.GRID, ZONE, NOW)
    assert [row.key for row in found.rows] == ["B", "D", "A", "C", None]
    assert [row.lost.broken.hits for row in found.rows] == [12, 30, 2, 3, 1]
    assert found.total.lost.broken.hits == 48
    assert found.rows[0].lost.worst is Stage.TRAVEL
    assert found.rows[0].medians[Stage.TRAVEL] == 42 * 60
    assert found.usual[Stage.TRAVEL] == 17 * 60


def test_small_groups_stand_in_the_order_in_which_people_count():
    days = [CALL + timedelta(days=number) for number in (6, 4, 0)]
    weekly = broken_promises([due(45, received_at=at) for at in days], SplitBy.DAY, ZONE, NOW)
    assert [row.key for row in weekly.rows] == ["mon", "fri", "sun"]
    graded = [due(45, level=level) for level in (3, None, 1)]
    by_level = broken_promises(graded, SplitBy.LEVEL, ZONE, NOW)
    assert [row.key for row in by_level.rows] == [1, 3, None]


def test_a_group_without_a_due_promise_is_not_a_row():
    found = broken_promises([story(grid="A"), due(20, grid="B")], SplitBy.GRID, ZONE, NOW)
    assert [row.key for row in found.rows] == ["B"]
    assert broken_promises([], SplitBy.TEAM, ZONE, NOW).total.lost.broken.rate is None


def test_the_week_counts_by_the_clock_on_the_wall():
    late_on_sunday = CALL - timedelta(days=1)
    found = broken_promises(
        [due(20), due(45), due(None, received_at=late_on_sunday)], SplitBy.HOUR, ZONE, NOW
    )
    assert {cell: (one.hits, one.n) for cell, one in found.week.items()} == {
        (0, 16): (1, 2),
        (6, 16): (1, 1),
    }
    assert [row.key for row in found.rows] == [16]


@pytest.mark.parametrize(
    ("by", "key"),
    [
        (SplitBy.GRID, "A"),
        (SplitBy.TEAM, None),
        (SplitBy.LEVEL, 1),
        (SplitBy.CATEGORY, "burst"),
        (SplitBy.HOUR, 16),
        (SplitBy.DAY, "mon"),
        (SplitBy.CREW, "Second"),
    ],
)
def test_a_ticket_belongs_to_one_group_that_the_address_can_name(by, key):
    visits = (
        VisitStory(crew="First", arrived_at=after(40)),
        VisitStory(crew="Second", arrived_at=after(35)),
    )
    one = due(35, grid="A", level=1, visits=visits)
    assert key_of(one, by, ZONE) == key
    assert read_key("" if key is None else str(key), by) == key


def test_a_ticket_that_nobody_reached_belongs_to_the_crew_sent_last():
    sent = due(None, visits=(VisitStory(crew="First"), VisitStory(crew="Second")))
    assert key_of(sent, SplitBy.CREW, ZONE) == "Second"
    assert key_of(due(None), SplitBy.CREW, ZONE) is None


def test_a_crew_that_gave_the_ticket_back_did_not_break_its_promise():
    declined = VisitStory(crew="Second", given_back=True)
    assert key_of(due(None, visits=(declined,)), SplitBy.CREW, ZONE) is None
    kept = due(None, visits=(VisitStory(crew="First"), declined))
    assert key_of(kept, SplitBy.CREW, ZONE) == "First"


def test_of_two_crews_that_arrive_together_it_is_the_lead():
    arrived = [
        VisitStory(crew=role, role=role, arrived_at=after(35)) for role in ("support", "lead")
    ]
    assert key_of(due(35, visits=tuple(arrived)), SplitBy.CREW, ZONE) == "lead"


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("noon", SplitBy.HOUR),
        ("٣", SplitBy.LEVEL),
        ("123", SplitBy.HOUR),
        ("weekdays", SplitBy.DAY),
    ],
)
def test_a_group_that_cannot_be_is_refused(text, by):
    with pytest.raises(Invalid) as refused:
        read_key(text, by)
    assert "Choose one from the table" in str(refused.value.fields["key"])


def test_the_tickets_stand_by_how_late_they_were_with_their_own_stages():
    numbers = {45: "T-45", 20: "T-20", 60: "T-60"}
    stories = [due(minutes, number=number) for minutes, number in numbers.items()]
    found = broken_tickets([*stories, story()], usual_road(stories, NOW), NOW)
    assert [one.story.number for one in found] == ["T-60", "T-45", "T-20"]
    assert found[0].late_by == 1800.0
    assert found[0].road[Stage.TRAVEL] == 57 * 60
    assert found[0].worst is Stage.TRAVEL
    assert found[0].unrecorded == 0.0
    assert (found[2].worst, found[2].is_broken) == (None, False)


def test_what_is_not_recorded_is_told():
    bare = due(50, dispatched_at=None, acknowledged_at=None, en_route_at=None)
    [found] = broken_tickets([bare], {}, NOW)
    assert (found.worst, found.unrecorded) == (None, 3000.0)
