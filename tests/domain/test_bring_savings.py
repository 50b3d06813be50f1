"""Is a second visit saved only by what a bring list could know before the first?"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.bring_list import (
    LEARNED_FROM,
    MOST_RECORDS,
    Experience,
    PlacePast,
    bring_list,
    past_visits,
)
from dispatch.domain.bring_savings import (
    ListAsked,
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


def returned(visit, lacked=MISSING, named=MISSING, seconds: float | None = 1800.0):
    return ReturnVisit(visit, visit, lacked, lacked & named, seconds)


def asked(ticket=99, minutes=1000.0, lacked=MISSING):
    return ListAsked(ticket, "leak", 100, after(minutes), lacked)


def log_of(records):
    """Return what reads the newest of some records, and never one twice or too late."""

    def read(since, before):
        is_meant = [
            each for each in records
            if each.recorded_at < before and (since is None or each.recorded_at >= since)
        ]  # fmt: skip
        return is_meant[-MOST_RECORDS:]

    return read


def written(order, minutes, *, item="air_valves", ticket=None, heard=0, count=1, pipe_mm=100):
    at = after(minutes)
    number = order if ticket is None else ticket
    fact = SiteFact(number, "parts_used", {"item": item, "count": count}, at, order)
    return Written(number, "leak", pipe_mm, fact, at + timedelta(minutes=heard))


def test_the_visit_after_one_that_lacked_something_is_a_return_visit():
    trips = [trip(1, 30, ["pipe"]), trip(2, 90), trip(3, 200)]
    [(one, of_list)] = return_visits(1, "leak", 100, trips)
    assert (one.visit, one.lacked, one.seconds) == (2, {"pipe"}, 1800)
    assert of_list == ListAsked(1, "leak", 100, after(15), frozenset({"pipe"}))


def test_two_crews_that_lacked_something_at_once_cause_one_return_visit():
    trips = [trip(1, 30, ["pipe"]), trip(2, 31, ["valves"]), trip(3, 90, lasts=None)]
    [(one, of_list)] = return_visits(1, "leak", 100, trips)
    assert one.lacked == of_list.lacked == {"pipe", "valves"}
    assert one.seconds is None


def test_nobody_came_back_yet():
    assert return_visits(1, "leak", 100, [trip(1, 30, ["pipe"])]) == []
    assert return_visits(1, "leak", 100, [trip(1, 30, ["pipe"], lasts=None), trip(2, 90)]) == []


def test_what_was_heard_before_the_crew_was_sent_counts_and_nothing_later():
    before = log_of([written(1, 10), written(2, 20)])
    assert named_before([asked()], before) == [MISSING]
    assert named_before([asked(minutes=20)], before) == [frozenset()]
    late = log_of([written(1, 10), written(2, 20, heard=2000)])
    assert named_before([asked()], late) == [frozenset()]


def test_what_is_too_old_for_a_list_is_forgotten():
    records = log_of([written(1, 10), written(2, 20)])
    years = LEARNED_FROM.total_seconds() / 60
    lists = [asked(minutes=years + 10), asked(minutes=years + 15)]
    assert named_before(lists, records) == [MISSING, frozenset()]


def test_its_own_failed_visit_names_what_the_next_lacks_again():
    needs = SiteFact(7, "next_visit_needs", {"parts": ["air_valves"]}, after(10), 1)
    lists = [asked(ticket=5), asked(ticket=6)]
    found = named_before(lists, log_of([Written(5, "leak", 100, needs, after(10))]))
    assert found == [MISSING, frozenset()]


def test_several_lists_read_each_record_once():
    log, read = log_of([written(order, order) for order in range(1, 9)]), []

    def noted(since, before):
        found = log(since, before)
        read.extend(each.ticket for each in found)
        return found

    lists = [asked(minutes=each) for each in (6, 3, 3, 20)]
    assert named_before(lists, noted) == [MISSING] * 4
    assert read == list(range(1, 9))


def test_of_very_many_records_the_newest_count():
    parts = [written(order, order) for order in (1, 2)]
    others = [
        written(order, 3 + order / 100)._replace(category="burst")
        for order in range(3, MOST_RECORDS + 3)
    ]
    just, over = log_of([*parts, *others[:-2]]), log_of([*parts, *others[:-1]])
    lists = [asked(minutes=2.5), asked(minutes=2_000)]
    for log, is_named in ((just, True), (over, False)):
        assert [bool(each) for each in named_before(lists, log)] == [True, is_named]


def test_what_was_told_years_late_is_among_the_newest_all_the_same():
    years = LEARNED_FROM.total_seconds() / 60
    parts = [written(order, order) for order in (1, 2)]
    late = [
        written(order, -years, heard=years + 3)._replace(category="burst")
        for order in range(3, MOST_RECORDS + 1)
    ]
    last = written(MOST_RECORDS + 1, 200)._replace(category="burst")
    lists = [asked(minutes=100), asked(minutes=300)]
    assert named_before(lists, log_of([*parts, *late, last])) == [MISSING, frozenset()]


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
    lists = [asked(minutes=each, lacked=frozenset(lacked)) for each in minutes]
    expected = []
    for one in lists:
        known = [each for each in log if each.recorded_at < one.at]
        past = [
            visit
            for ticket in {each.ticket for each in known}
            for visit in past_visits(
                100 if ticket % 2 else None, [each.fact for each in known if each.ticket == ticket]
            )
        ]
        lines = bring_list("leak", 100, Experience(past), PlacePast())
        expected.append(one.lacked & {line.item for line in lines})
    assert named_before(lists, log_of(log)) == expected


def test_savings_count_only_what_was_named_in_full():
    both = frozenset({"air_valves", "pipe"})
    returns = [
        returned(1), returned(2, lacked=both), returned(3, lacked=frozenset()),
        returned(4, seconds=None),
    ]  # fmt: skip
    found = savings(returns)
    assert found.saved == Share(2, 3)
    assert (found.all_seconds, found.saved_seconds) == (3600, 1800)
    assert (found.unwritten, found.under_way) == (1, 1)
    assert [(each.item, each.named, each.seconds) for each in found.items] == [
        ("air_valves", Share(3, 3), 3600),
        ("pipe", Share(0, 1), 1800),
    ]


def test_nothing_to_save_is_no_data():
    assert savings([]).saved.rate is None
