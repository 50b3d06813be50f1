"""Are the tickets that come in, go out and wait counted once each?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.flow import CrewWork, flow, is_overdue, work_by_crew
from dispatch.domain.samples import Share
from dispatch.domain.stories import VisitStory
from tests.domain.story_samples import after, any_story, story, worked_example

NOW = after(days=1)


def test_a_period_includes_its_beginning_and_not_its_end():
    stories = [
        story(received_at=after(0), closed_at=after(10)),
        story(received_at=after(10), closed_at=after(20)),
        story(received_at=after(20)),
    ]
    found = flow(stories, NOW, since=after(10), before=after(20))
    assert (found.opened, found.closed, found.backlog) == (1, 1, 1)


def test_what_happens_at_the_reading_has_happened():
    found = flow([story(), story(closed_at=after(0))], after(0))
    assert (found.opened, found.closed, found.backlog) == (2, 1, 1)


def test_the_backlog_is_the_one_of_its_instant():
    one = story(closed_at=after(60))
    assert [flow([one], after(minute)).backlog for minute in (-1, 0, 59, 60)] == [0, 1, 1, 0]


def test_a_period_that_is_not_over_ends_now():
    one = story(arrive_due_at=after(30))
    assert flow([one], after(10), before=after(60)).overdue == 0
    assert flow([one], after(90), before=after(60)).overdue == 1


@pytest.mark.parametrize("outcome", ["duplicate", "cancelled", "solved_by_phone"])
def test_a_ticket_with_another_outcome_does_not_wait(outcome):
    assert flow([story(outcome=outcome)], NOW).backlog == 0


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, False),
        ({"arrive_due_at": after(30)}, True),
        ({"arrive_due_at": after(60)}, False),
        ({"arrive_due_at": after(30), "arrived_at": after(50)}, False),
        ({"arrive_due_at": after(30), "arrived_at": after(61)}, True),
        ({"arrive_due_at": after(30), "completed_at": after(50)}, False),
        ({"repair_due_at": after(30), "arrived_at": after(5)}, True),
        ({"repair_due_at": after(30), "completed_at": after(40)}, False),
    ],
)
def test_overdue_is_past_a_promise_that_is_not_kept_yet(facts, expected):
    assert is_overdue(story(**facts), after(60)) is expected


def test_a_past_ticket_without_a_close_is_not_work_that_waits():
    found = flow([story(imported=True, arrive_due_at=after(30))], NOW)
    assert (found.opened, found.backlog, found.overdue) == (1, 0, 0)
    assert sum(found.age_bands.values()) == 0


def test_a_past_ticket_waited_until_its_close():
    one = story(imported=True, closed_at=after(60))
    assert [flow([one], NOW, before=after(minute)).backlog for minute in (59, 61)] == [1, 0]


def test_each_waiting_ticket_has_one_age():
    ages = (0.1, 4, 23.9, 24, 72, 168, 720, 2000)
    stories = [story(received_at=after(-60 * hours)) for hours in ages]
    assert flow(stories, after(0)).age_bands == {
        "under_4_hours": 1,
        "under_1_day": 2,
        "under_3_days": 1,
        "under_7_days": 1,
        "under_30_days": 1,
        "30_days_and_over": 2,
    }


@given(
    st.lists(any_story().filter(lambda one: one.outcome is None), max_size=20),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_the_backlog_changes_by_what_came_in_and_went_out(stories, minute, more):
    stories = [
        one
        for one in stories
        if (one.closed_at is None and not one.imported)
        or (one.closed_at is not None and one.closed_at >= one.received_at)
    ]
    first, last = after(minute), after(minute + more)
    before = flow(stories, NOW, before=first)
    period = flow(stories, NOW, since=first, before=last)
    assert period.backlog == before.backlog + period.opened - period.closed
    assert period.overdue <= period.backlog == sum(period.age_bands.values())


def test_the_worked_example_was_sent_twice_and_returned_once():
    found = flow([worked_example(), story(override=True, outcome="duplicate", reports=3)], NOW)
    assert (found.returns, found.dispatches_per_ticket, found.by_rule) == (1, 2.0, Share(1, 1))
    assert (found.overrides, found.duplicates_per_report) == (1, 0.25)
    assert found.as_json()["dispatches_per_ticket"] == 2.0


def test_nothing_has_no_ratios():
    found = flow([], NOW)
    assert (found.dispatches_per_ticket, found.duplicates_per_report) == (None, None)
    assert found.by_rule.rate is None


def test_the_work_of_a_crew_is_its_visits_and_its_time_on_site():
    visits = (
        VisitStory(arrived_at=after(0), ended_at=after(30), crew="B"),
        VisitStory(arrived_at=after(40), crew="B"),
        VisitStory(arrived_at=after(9), ended_at=after(5), crew="A"),
        VisitStory(ended_at=after(5), crew="A"),
        VisitStory(arrived_at=after(0), ended_at=after(5)),
    )
    assert work_by_crew([story(visits=visits)]) == {"A": CrewWork(1, 0.0), "B": CrewWork(2, 1800.0)}
    assert list(work_by_crew([story(visits=visits)])) == ["A", "B"]
