"""Do facts add up to the same record in whatever order a phone sends them?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.site_record import (
    NOTHING,
    SiteFact,
    as_arguments,
    is_other_value,
    is_same_field,
    last_word,
    site_record,
)
from dispatch.domain.ticket_state import EventKind

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def fact(kind, minute, order=0, visit=1, **facts: object):
    return SiteFact(visit, kind, facts, BEGIN + timedelta(minutes=minute), order)


def tick(minute, *, done=True, visit=1, item="gas"):
    return fact("ticked", minute, visit=visit, list="safety", item=item, done=done)


def test_the_latest_tick_counts():
    record = site_record([tick(1), tick(3, done=False), tick(2)])
    assert not record.is_ticked(1, "safety", "gas")
    assert site_record([tick(3), tick(1, done=False)]).is_ticked(1, "safety", "gas")


def test_each_visit_has_its_own_ticks():
    record = site_record([tick(1), tick(9, done=False, visit=2)])
    assert record.is_ticked(1, "safety", "gas")
    assert not record.is_ticked(2, "safety", "gas")


def test_a_later_count_of_a_part_replaces_the_earlier_one():
    used = [fact("parts_used", at, item="meters", count=count) for at, count in ((1, 2), (2, 3))]
    [part] = site_record(used).parts
    assert part.number == 3
    assert site_record([*used, fact("parts_used", 5, item="meters", count=0)]).parts == ()


def test_the_last_word_is_the_one_of_the_record():
    early, late, same = (
        fact(EventKind.PARTS_USED, minute, order, item="plugs", count=count)
        for minute, order, count in ((1, 3, 4), (2, 1, 5), (2, 2, 6))
    )
    for facts in ((early, late), (late, same), (same, early, late)):
        last = last_word(facts)
        assert [part.number for part in site_record(facts).parts] == [last.facts["count"]]


def test_readings_before_and_after_are_two():
    read = [
        fact("reading_taken", 2, reading="pressure", when="after", value="350"),
        fact("reading_taken", 1, reading="pressure", when="before", value="0"),
    ]
    assert [each.facts["value"] for each in site_record(read).readings] == ["0", "350"]


def test_what_the_last_visit_lacked_is_forgotten_once_it_is_used():
    needs = [
        fact("next_visit_needs", 1, parts=["meters"]),
        fact("next_visit_needs", 5, parts=["valves", "seals"], needs=["excavation"], visit=2),
    ]
    assert NOTHING.lacked_last() == ()
    assert site_record(needs).lacked_last() == ("valves", "seals")
    used = fact("parts_used", 9, item="valves", count=1, visit=3)
    before = fact("parts_used", 2, item="seals", count=1)
    assert site_record([*needs, used, before]).lacked_last() == ("seals",)


FACTS = st.one_of(
    st.builds(tick, st.integers(0, 5), done=st.booleans(), item=st.sampled_from(["gas", "power"])),
    st.builds(
        lambda at, count: fact("parts_used", at, item="meters", count=count),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    st.builds(lambda at: fact("next_visit_needs", at, parts=["meters"]), st.integers(0, 5)),
)


@given(st.lists(FACTS, max_size=8), st.randoms(use_true_random=False))
def test_any_order_leads_to_the_same_record(facts, order):
    numbered = [each._replace(order=number) for number, each in enumerate(facts)]
    mixed = list(numbered)
    order.shuffle(mixed)
    assert site_record(mixed) == site_record(numbered)


def test_what_two_people_of_a_visit_asked_for_is_joined():
    needs = [
        fact("next_visit_needs", 1, parts=["meters"], needs=["excavation"]),
        fact("next_visit_needs", 5, parts=["valves", "meters"]),
    ]
    [joined] = site_record(needs).needs
    assert joined.facts == {"parts": ["meters", "valves"], "needs": ["excavation"]}


def test_two_values_of_one_field_differ_and_those_of_two_fields_do_not():
    before = {
        "reading": "pressure",
        "when": "before",
        "value": "350",
        "unit": "kPa",
        "given": "350",
    }
    after, kind = before | {"when": "after"}, EventKind.READING_TAKEN
    assert is_same_field(kind, before, before | {"value": "320"})
    assert not is_same_field(kind, before, after)
    assert not is_same_field(EventKind.TICKED, {}, {})
    assert is_other_value(kind, before, before | {"value": "320"})
    assert not is_other_value(kind, before, before | {"given": "3.5 bar"})
    assert as_arguments(kind, before) == {
        "reading": "pressure", "when": "before", "value": "350", "unit": "kPa",
    }  # fmt: skip
    used = {"item": "meters", "count": 2}
    assert as_arguments(EventKind.PARTS_USED, used) == used
