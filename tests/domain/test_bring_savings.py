"""Is a second visit saved only by what a bring list could know before the first?"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.bring_list import (
    LEARNED_FROM,
    Experience,
    PlacePast,
    bring_list,
    past_visits,
)
from dispatch.domain.bring_savings import (
    ReturnVisit,
    Trip,
    Written,
    named_before,
    return_visits,
    savings,
)
from dispatch.domain.samples import Share
from dispatch.domain.site_record import SiteFact
from tests.domain.story_samples import after

MISSING = frozenset({"air_valves"})


def trip(visit, minutes, lacked=None, lasts=20):
    at = after(minutes)
    ended = None if lasts is None else at + timedelta(minutes=lasts)
    lacks = None if lacked is None else frozenset(lacked)
    return Trip(visit, at - timedelta(minutes=15), at - timedelta(minutes=10), at, ended, lacks)


def returned(ticket=99, minutes=1000.0, lacked=MISSING, seconds: float | None = 1800.0):
    return ReturnVisit(
        ticket=ticket,
        category="leak",
        pipe_mm=100,
        visit=ticket,
        asked_at=after(minutes),
        lacked=lacked,
        seconds=seconds,
    )


def written(order, minutes, *, item="air_valves", ticket=None, heard=0, count=1, pipe_mm=100):
    at = after(minutes)
    number = order if ticket is None else ticket
    fact = SiteFact(number, "parts_used", {"item": item, "count": count}, at, order)
    return Written(number, "leak", pipe_mm, fact, at + timedelta(minutes=heard))


def test_the_visit_after_one_that_lacked_something_is_a_return_visit():
    found = return_visits(1, "leak", 100, [trip(1, 30, ["pipe"]), trip(2, 90), trip(3, 200)])
    assert [one.visit for one in found] == [2]
    assert found[0].lacked == {"pipe"}
    assert found[0].asked_at == after(15)
    assert found[0].seconds == 1800


def test_two_crews_that_lacked_something_at_once_cause_one_return_visit():
    trips = [trip(1, 30, ["pipe"]), trip(2, 31, ["valves"]), trip(3, 90, lasts=None)]
    [one] = return_visits(1, "leak", 100, trips)
    assert one.lacked == {"pipe", "valves"}
    assert one.seconds is None


def test_nobody_came_back_yet():
    assert return_visits(1, "leak", 100, [trip(1, 30, ["pipe"])]) == []
    assert return_visits(1, "leak", 100, [trip(1, 30, ["pipe"], lasts=None), trip(2, 90)]) == []


def test_what_was_heard_before_the_crew_was_sent_counts_and_nothing_later():
    before = [written(1, 10), written(2, 20)]
    assert named_before([returned()], before) == [MISSING]
    assert named_before([returned(minutes=20)], before) == [frozenset()]
    late = [written(1, 10), written(2, 20, heard=2000)]
    assert named_before([returned()], late) == [frozenset()]


def test_what_is_too_old_for_a_list_is_forgotten():
    records = [written(1, 10), written(2, 20)]
    years = LEARNED_FROM.total_seconds() / 60
    asked = [returned(minutes=years + 10), returned(minutes=years + 15)]
    assert named_before(asked, records) == [MISSING, frozenset()]


def test_its_own_failed_visit_names_what_the_next_lacks_again():
    needs = SiteFact(7, "next_visit_needs", {"parts": ["air_valves"]}, after(10), 1)
    asked = [returned(ticket=5), returned(ticket=6)]
    found = named_before(asked, [Written(5, "leak", 100, needs, after(10))])
    assert found == [MISSING, frozenset()]


records = st.builds(
    written,
    st.just(0),
    st.integers(0, 3_000),
    item=st.sampled_from(["air_valves", "saddles", "clamps_150", "clamps_300"]),
    ticket=st.integers(1, 9),
    heard=st.integers(0, 200),
    count=st.integers(0, 2),
    pipe_mm=st.sampled_from([None, 100]),
)


@given(
    st.lists(records, max_size=30),
    st.lists(st.integers(0, 3_500), max_size=4),
    st.sets(st.sampled_from(["air_valves", "saddles", "clamps_150", "valve_key"]), min_size=1),
)
def test_one_walk_through_the_log_gives_what_a_list_for_each_visit_gives(log, minutes, lacked):
    log = sorted(log, key=lambda each: each.recorded_at)
    log = [
        each._replace(
            fact=each.fact._replace(order=order), pipe_mm=100 if each.ticket % 2 else None
        )
        for order, each in enumerate(log)
    ]
    asked = [returned(minutes=each, lacked=frozenset(lacked)) for each in minutes]
    expected = []
    for one in asked:
        known = [each for each in log if each.recorded_at < one.asked_at]
        past = [
            visit
            for ticket in {each.ticket for each in known}
            for visit in past_visits(
                100 if ticket % 2 else None, [each.fact for each in known if each.ticket == ticket]
            )
        ]
        lines = bring_list("leak", 100, Experience(past), PlacePast())
        expected.append(one.lacked & {line.item for line in lines})
    assert named_before(asked, log) == expected


def test_savings_count_only_what_was_named_in_full():
    both = frozenset({"air_valves", "pipe"})
    returns = [
        returned(1), returned(2, lacked=both), returned(3, lacked=frozenset()),
        returned(4, seconds=None),
    ]  # fmt: skip
    found = savings(returns, [MISSING, MISSING, frozenset(), MISSING])
    assert found.saved == Share(2, 3)
    assert (found.all_seconds, found.saved_seconds) == (3600, 1800)
    assert (found.unwritten, found.under_way) == (1, 1)
    assert [(each.item, each.named, each.seconds) for each in found.items] == [
        ("air_valves", Share(3, 3), 3600),
        ("pipe", Share(0, 1), 1800),
    ]


def test_nothing_to_save_is_no_data():
    assert savings([], []).saved.rate is None
