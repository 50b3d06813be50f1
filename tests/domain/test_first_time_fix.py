"""Does a first-time fix mean one visit, a working repair, and peace for 30 days?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.exclusions import Exclusion
from dispatch.domain.first_time_fix import arrivals, first_time_fix, return_visit_causes
from dispatch.domain.stories import AnswerStory, VisitStory
from tests.domain.story_samples import after, fixed, story

NOW = after(days=60)
DONE = VisitStory(arrived_at=after(20), ended_at=after(60), outcome="completed")
FAILED = VisitStory(
    arrived_at=after(5), ended_at=after(10), outcome="cannot_complete", cause="part_missing"
)


def test_one_completed_visit_is_a_first_time_fix():
    found = first_time_fix([fixed()], NOW)
    assert (found.share.hits, found.share.n, found.share.rate, found.provisional) == (1, 1, 1.0, 0)


@pytest.mark.parametrize(
    "facts",
    [
        {"visits": (FAILED, DONE)},
        {"visits": (VisitStory(outcome="cannot_complete", cause="no_access"), DONE)},
        {"visits": (DONE, VisitStory(arrived_at=after(70), outcome="completed"))},
        {"visits": (VisitStory(arrived_at=after(20)),)},
        {"reopened": 1},
        {"answers": (AnswerStory(asked_at=after(99), answered_at=after(100), fixed=False),)},
    ],
)
def test_a_failure_of_any_kind_fails_it(facts):
    found = first_time_fix([fixed(**facts)], NOW)
    assert (found.share.hits, found.share.n) == (0, 1)


@pytest.mark.parametrize(
    ("facts", "hits"),
    [
        ({"household": "H1"}, 0),
        ({"household": "H2"}, 1),
        ({"household": "H1", "category": "leak"}, 1),
        ({"household": "H1", "received_at": after(60, days=30)}, 0),
        ({"household": "H1", "received_at": after(60, seconds=1, days=30)}, 1),
    ],
)
def test_another_ticket_at_the_household_within_thirty_days_fails_it(facts, hits):
    another = story(**({"received_at": after(days=9)} | facts))
    assert first_time_fix([fixed(), another], NOW).share.hits == hits


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "inspection"},
        {"closed_at": None},
        {"outcome": "duplicate"},
        {"outcome": "solved_by_phone"},
        {"visits": ()},
        {"visits": (VisitStory(outcome="withdrawn"),)},
    ],
)
def test_what_was_not_a_visited_closed_repair_is_no_data(facts):
    assert first_time_fix([fixed(**facts)], NOW).share.rate is None


def test_a_flagged_ticket_is_listed():
    found = first_time_fix([fixed(flags=frozenset({"closes_before_opening"}))], NOW)
    assert (found.share.n, found.excluded) == (0, {Exclusion.FLAGGED: 1})


def test_it_is_provisional_until_the_thirty_days_are_over():
    before = first_time_fix([fixed()], after(59, days=30))
    behind = first_time_fix([fixed()], after(60, days=30))
    assert (before.provisional, before.confirmed.rate, before.share.rate) == (1, None, 1.0)
    assert (behind.provisional, behind.confirmed.rate) == (0, 1.0)
    assert before.as_json() == {
        "rate": 1.0,
        "hits": 1,
        "n": 1,
        "provisional": 1,
        "confirmed_rate": None,
        "confirmed_n": 0,
        "excluded": {},
    }


def test_a_planned_task_of_another_department_does_not_fail_it():
    road = VisitStory(arrived_at=after(days=1), outcome="completed", planned_task=True)
    late = VisitStory(arrived_at=after(days=1), outcome="cannot_complete", planned_task=True)
    assert first_time_fix([fixed(visits=(DONE, road))], NOW).share.hits == 1
    assert first_time_fix([fixed(visits=(DONE, late))], NOW).share.hits == 1
    assert first_time_fix([fixed(visits=(FAILED, road))], NOW).share.hits == 0


@pytest.mark.parametrize(("arrived", "ended", "count"), [(60, 60, 1), (61, 60, 2), (500, None, 1)])
def test_a_supporting_crew_belongs_to_the_visit_it_joins(arrived, ended, count):
    lead = VisitStory(arrived_at=after(20), ended_at=ended and after(ended), outcome="completed")
    support = VisitStory(arrived_at=after(arrived), role="support", outcome="completed")
    assert len(arrivals(fixed(visits=(lead, support)))) == count


def test_two_crews_that_arrive_together_are_one_arrival_of_the_lead():
    support = VisitStory(arrived_at=after(20), role="support")
    assert arrivals(fixed(visits=(support, DONE))) == (DONE,)


def test_a_supporting_crew_alone_is_an_arrival():
    assert len(arrivals(fixed(visits=(VisitStory(arrived_at=after(1), role="support"),)))) == 1


def test_each_failed_first_visit_has_one_cause():
    no_reason = VisitStory(outcome="cannot_complete")
    stories = [
        fixed(visits=(FAILED, no_reason, DONE)),
        fixed(visits=(VisitStory(outcome="declined"), FAILED), closed_at=None),
        fixed(visits=(no_reason,)),
        fixed(visits=(DONE, FAILED)),
        fixed(visits=(FAILED,), outcome="cancelled"),
        fixed(visits=(FAILED,), kind="inspection"),
        fixed(visits=()),
    ]
    assert return_visit_causes(stories) == {"part_missing": 2, "not_recorded": 1}


visits = st.builds(
    VisitStory,
    arrived_at=st.none() | st.integers(0, 50).map(after),
    outcome=st.sampled_from(["completed", "cannot_complete", "withdrawn", None]),
)


@given(
    st.lists(
        st.builds(
            fixed,
            household=st.sampled_from(["H1", "H2", "H3", "H4"]),
            received_at=st.integers(0, 80).map(lambda day: after(days=day)),
            completed_at=st.integers(0, 100).map(lambda day: after(days=day)),
            closed_at=st.none() | st.integers(0, 100).map(lambda day: after(days=day)),
            reopened=st.integers(0, 1),
            visits=st.lists(visits, max_size=2).map(tuple),
        ),
        max_size=12,
    )
)
def test_it_agrees_with_the_definition_read_aloud(stories):
    hits = n = 0
    for one in stories:
        arrived = [visit for visit in one.visits if visit.arrived_at]
        if one.closed_at is None or not arrived:
            continue
        n += 1
        end = max(one.completed_at, one.received_at)
        came_back = any(
            other.household == one.household
            and end < other.received_at
            and (other.received_at - end).total_seconds() <= 30 * 86400
            for other in stories
        )
        hits += (
            [visit.outcome for visit in arrived] == ["completed"]
            and all(visit.outcome != "cannot_complete" for visit in one.visits)
            and not one.reopened
            and not came_back
        )
    found = first_time_fix(stories, NOW).share
    assert (found.hits, found.n) == (hits, n)
