"""Is the stage named in which broken promises lost their time?"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.attainment import circle_attainment
from dispatch.domain.lost_minutes import (
    beyond_usual,
    is_broken,
    lost_minutes,
    road_of,
    usual_road,
    worst_stage,
)
from dispatch.domain.stages import Stage
from tests.domain.story_samples import after, any_story, story, worked_example

NOW = after(120)
USUAL = {Stage.DISPATCH: 60.0, Stage.ACKNOWLEDGE: 60.0, Stage.TURNOUT: 60.0, Stage.TRAVEL: 600.0}


def trip(*minutes: float, **facts: Any) -> Any:
    """Make a ticket whose stages end so many minutes after the call; the last ones may be open."""
    names = ("dispatched_at", "acknowledged_at", "en_route_at", "arrived_at")
    times = {name: after(at) for name, at in zip(names, minutes, strict=False)}
    return story(arrive_due_at=after(30), **(times | facts))


def test_the_worked_example_kept_its_promise_to_the_second():
    assert is_broken(worked_example(), NOW) is False
    assert is_broken(worked_example(arrived_at=after(30)), NOW) is False
    assert is_broken(worked_example(arrived_at=after(30, seconds=1)), NOW) is True


def test_its_stages_are_those_of_the_first_events():
    assert road_of(worked_example(), NOW) == {
        Stage.DISPATCH: 90.0,
        Stage.ACKNOWLEDGE: 90.0,
        Stage.TURNOUT: 240.0,
        Stage.TRAVEL: 1379.0,
    }


@given(st.lists(any_story(), max_size=20), st.integers(0, 5000))
def test_a_ticket_is_judged_as_circle_attainment_judges_it(stories, minutes):
    now = after(minutes)
    found = circle_attainment(stories, now)
    verdicts = [is_broken(one, now) for one in stories]
    assert (verdicts.count(True), verdicts.count(False)) == (
        found.late + found.open_overdue,
        found.met,
    )


def test_the_worst_stage_is_the_one_furthest_beyond_the_usual_and_not_the_longest():
    slow_to_send = trip(21, 22, 23, 33)
    assert beyond_usual(slow_to_send, USUAL, NOW) == {Stage.DISPATCH: 1200.0}
    assert worst_stage(slow_to_send, USUAL, NOW) is Stage.DISPATCH
    assert worst_stage(trip(1, 2, 3, 40), USUAL, NOW) is Stage.TRAVEL
    assert worst_stage(trip(1, 2, 3, 10), USUAL, NOW) is None


def test_the_stage_an_open_ticket_is_in_counts_up_to_now():
    assert road_of(trip(), after(50)) == {Stage.DISPATCH: 3000.0}
    assert road_of(trip(1, 2), after(50))[Stage.TURNOUT] == 2880.0
    over = trip(1, 2, closed_at=after(40))
    assert Stage.TURNOUT not in road_of(over, after(50))


def test_a_stage_without_both_ends_or_with_them_the_wrong_way_round_has_no_length():
    gap = trip(1, en_route_at=after(4), arrived_at=after(40))
    assert road_of(gap, NOW) == {Stage.DISPATCH: 60.0, Stage.TRAVEL: 2160.0}
    assert Stage.ACKNOWLEDGE not in road_of(trip(5, 3, 6, 40), NOW)


def test_the_usual_is_that_of_the_tickets_that_kept_the_promise():
    kept = [trip(1, 2, 3, at) for at in (13, 23)]
    assert usual_road([*kept, trip(20, 21, 22, 60)], NOW) == {
        Stage.DISPATCH: 60.0,
        Stage.ACKNOWLEDGE: 60.0,
        Stage.TURNOUT: 60.0,
        Stage.TRAVEL: 900.0,
    }
    assert usual_road([], NOW) == {}


def test_a_group_names_its_worst_stage_and_its_part_of_the_extra_time():
    stories = [trip(21, 22, 23, 33), trip(10, 11, 12, 34), trip(1, 2, 3, 13), trip(1, 2, 3, 43)]
    found = lost_minutes(stories, USUAL, NOW)
    assert (found.broken.hits, found.broken.n) == (3, 4)
    assert found.over == {Stage.DISPATCH: 1740.0, Stage.TRAVEL: 2520.0}
    assert found.tickets == {Stage.DISPATCH: 1, Stage.TRAVEL: 2}
    assert found.worst is Stage.TRAVEL
    assert found.worst_share == 2520.0 / 4260.0


def test_a_broken_ticket_without_stages_is_counted_as_not_recorded():
    found = lost_minutes([story(arrive_due_at=after(30), arrived_at=after(50))], USUAL, NOW)
    assert (found.broken.hits, found.not_recorded) == (1, 1)
    assert (found.worst, found.worst_share) == (None, None)


def test_other_promises_and_tickets_not_due_take_no_part():
    assert is_broken(story(arrive_due_at=after(50), arrived_at=after(60)), NOW) is None
    assert is_broken(story(arrived_at=after(60)), NOW) is None
    assert is_broken(trip(), after(20)) is None
    assert is_broken(trip(1, 2, 3, 60, outcome="duplicate"), NOW) is None
    assert is_broken(trip(closed_at=after(40)), NOW) is None
    assert lost_minutes([trip()], USUAL, after(20)).broken.rate is None
