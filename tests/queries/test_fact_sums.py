"""Are the sums of a range those of its tickets, counted one by one, whatever has changed since?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from dispatch.actions import facts as fact_actions
from dispatch.actions.facts import pack_span
from dispatch.actions.unit_of_work import transaction
from dispatch.domain import fact_sums as domain_sums
from dispatch.domain.fact_columns import BLOCK_US
from dispatch.domain.histograms import WITHIN
from dispatch.domain.microseconds import micros
from dispatch.domain.periods import Period
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.facts import FactSum
from dispatch.models.tickets import Ticket
from dispatch.queries import fact_blocks, fact_sums, facts
from dispatch.queries.fact_blocks import spans_to_pack
from dispatch.queries.facts import Moment
from dispatch.queries.figures import circle_figures, facts_of_view, summed_figures
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.queries.histories import NOW, SHANGHAI, START, make_places, on_one_database, pasts, store
from tests.queries.test_fact_blocks import written_anew_meanwhile
from tests.queries.test_facts import EVERYTHING, a_closed_leak, stored
from tests.statements import statements

FIRST = int(micros([START])[0]) // BLOCK_US - 1
SPANS = range(FIRST, FIRST + 4)
WHOLE = Period(date(2025, 12, 1), date(2026, 6, 1), SHANGHAI)


@pytest.fixture
def places(session):
    make_places()


@pytest.fixture(autouse=True)
def of_few_tickets(monkeypatch):
    """Keep sums of any span, and ask for them wherever a range holds one."""
    monkeypatch.setattr(fact_actions, "FEWEST_TO_SUM", 1)
    monkeypatch.setattr(domain_sums, "MOST_APART", 1)
    monkeypatch.setattr(fact_sums, "FEWEST_SUMMED", 1)


def pack(at):
    for number in SPANS:
        with transaction():
            pack_span(number, SHANGHAI, at)


def alike(one, other):
    """Tell whether two percentiles are as near as they are said to be; counts must be equal."""
    if one is None or other is None:
        return one is other
    pairs = zip(one.as_minutes().values(), other.as_minutes().values(), strict=True)
    return one.n == other.n and all(
        abs(rough - exact) <= WITHIN * exact + 0.5 / 60 for rough, exact in pairs
    )


def counts(row):
    return row and replace(row, stages={})


def assert_same(rough, exact):
    plain = ("repair", "call_back", "causes", "repeats", "five_ones", "said", "flow")
    for name in plain:
        assert getattr(rough, name) == getattr(exact, name), name
    tables = [("total", [rough.total], [exact.total]), ("before", [rough.before], [exact.before])]
    tables += [
        (name, getattr(rough, name), getattr(exact, name))
        for name in ("by_team", "by_grid", "by_hour", "by_level", "by_storm", "by_evidence")
    ]
    for name, ours, theirs in tables:
        assert [counts(row) for row in ours] == [counts(row) for row in theirs], name
        for one, other in zip(ours, theirs, strict=True):
            if one is not None:
                assert one.stages.keys() == other.stages.keys()
                assert all(alike(one.stages[key], other.stages[key]) for key in one.stages), name


def both(period, now, filters=ALL_TICKETS):
    """Return the circle out of sums, if there are any, and the one counted ticket by ticket."""
    summed = summed_figures(period, EVERYTHING, filters, moment=Moment(now))
    facts = facts_of_view(period, EVERYTHING, filters, now=now)
    exact = circle_figures(period, EVERYTHING, filters, facts=facts, now=now)
    db.session.rollback()
    return summed, exact


@on_one_database
@given(
    earlier=pasts(),
    found=pasts(),
    changes=st.integers(0, 60),
    packed_after=st.integers(0, 140),
    asked_after=st.integers(0, 140),
    first=st.dates(date(2026, 1, 1), date(2026, 2, 20)),
    length=st.integers(30, 120),
)
def test_sums_say_what_the_tickets_say(
    places, earlier, found, changes, packed_after, asked_after, first, length
):
    store(earlier)
    packed_at = NOW + timedelta(days=min(packed_after, asked_after))
    run(packed_at)
    pack(packed_at)
    store(found)
    now = NOW + timedelta(days=asked_after)
    if changes:
        run(now, most=changes)
    for period in (WHOLE, Period(first, first + timedelta(days=length), SHANGHAI)):
        for filters in (ALL_TICKETS, FigureFilters(team="First team")):
            summed, exact = both(period, now, filters)
            if summed is not None:
                assert_same(summed, exact)


def test_a_range_with_sums_is_not_counted_again(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=5, lat=28.5), a_closed_leak(3, hours=800))
    pack(NOW)
    summed, exact = both(WHOLE, NOW)
    assert summed.total.n == 3
    assert summed.within == WITHIN
    assert exact.within == 0
    assert circle_figures(WHOLE, EVERYTHING, now=NOW) == summed
    assert_same(summed, exact)


def test_a_team_has_sums_of_its_own(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=5, lat=28.5), a_closed_leak(3, hours=800))
    with transaction():
        for ticket, team in ((1, 1), (2, 1), (3, 2)):
            db.session.execute(update(Ticket).where(Ticket.id == ticket).values(team_id=team))
    run(NOW)
    pack(NOW)
    summed, exact = both(WHOLE, NOW, FigureFilters(team="First team"))
    assert summed.total.n == 2
    assert [(row.key, row.n) for row in summed.by_team] == [("First team", 2)]
    assert_same(summed, exact)
    nobody = both(WHOLE, NOW, FigureFilters(team="Nobody"))[0]
    narrowed = both(WHOLE, NOW, FigureFilters(team="First team", level=3))[0]
    assert nobody is None
    assert narrowed is None


def test_few_tickets_are_counted_one_by_one(places, monkeypatch):
    stored(a_closed_leak(1))
    pack(NOW)
    monkeypatch.setattr(fact_sums, "FEWEST_SUMMED", 2)
    assert both(WHOLE, NOW)[0] is None
    monkeypatch.setattr(fact_actions, "FEWEST_TO_SUM", 2)
    pack(NOW)
    assert db.session.scalar(select(func.count()).select_from(FactSum)) == 0


def test_what_changed_since_is_taken_from_the_sums(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=5, lat=28.5), a_closed_leak(3, hours=9))
    pack(NOW)
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == 2).values(level=1))
    for _ in range(2):
        summed, exact = both(WHOLE, NOW)
        assert [(row.key, row.n) for row in summed.by_level] == [(1, 1), (3, 2)]
        assert_same(summed, exact)
        run(NOW)
    with transaction():
        db.session.execute(delete(Ticket).where(Ticket.id == 1))
    for _ in range(2):
        summed, exact = both(WHOLE, NOW)
        assert summed.total.n == 2
        assert_same(summed, exact)
        run(NOW)


def test_sums_written_anew_between_two_statements_are_read_anew(places, monkeypatch):
    stored(a_closed_leak(1))
    pack(NOW)
    interrupted, turns = written_anew_meanwhile(partial(pack, NOW))
    monkeypatch.setattr(fact_sums, "spans_of", interrupted)
    assert [row.key for row in both(WHOLE, NOW)[0].by_level] == [1]
    assert turns


def test_sums_of_hours_of_another_zone_are_not_used(places):
    stored(a_closed_leak(1))
    pack(NOW)
    elsewhere = replace(WHOLE, zone=START.tzinfo)
    assert both(elsewhere, NOW)[0] is None


def test_sums_are_written_anew_once_many_tickets_have_turned(places, monkeypatch):
    monkeypatch.setattr(domain_sums, "TURNS_TO_SUM_ANEW", 2)
    stored(a_closed_leak(1), a_closed_leak(2, hours=5, lat=28.5))
    pack(NOW)
    assert spans_to_pack(5, NOW) == []
    assert spans_to_pack(5, NOW + timedelta(days=60)) == [FIRST + 1]


def test_who_was_closed_after_the_range_waited_at_its_end(places):
    """The block of the second ticket lies in the range, but it was closed after both."""
    stored(a_closed_leak(1), a_closed_leak(2, lat=28.5))
    with transaction():
        for ticket, days in ((1, -81), (2, -25)):
            at = START + timedelta(days=days)
            dates = {"received_at": at, "closed_at": at + timedelta(days=8)}
            db.session.execute(update(Ticket).where(Ticket.id == ticket).values(**dates))
    run(NOW)
    for number in range(FIRST - 2, FIRST + 2):
        with transaction():
            pack_span(number, SHANGHAI, NOW)
    summed, exact = both(Period(date(2025, 12, 1), date(2026, 2, 8), SHANGHAI), NOW)
    assert (summed.flow.closed, summed.flow.backlog) == (1, 1)
    assert_same(summed, exact)


@pytest.mark.parametrize("first", ["sums", "blocks"])
def test_blocks_and_sums_are_kept_beside_each_other(places, monkeypatch, first):
    monkeypatch.setattr(fact_blocks, "kept", fact_blocks.Kept(2**20))
    stored(a_closed_leak(1), a_closed_leak(2, hours=5, lat=28.5))
    pack(NOW)
    for is_again in (False, True):
        with statements(db.engine) as asked:
            if first == "blocks":
                facts_of_view(WHOLE, EVERYTHING, now=NOW)
            assert summed_figures(WHOLE, EVERYTHING, moment=Moment(NOW)) is not None
            facts_of_view(WHOLE, EVERYTHING, now=NOW)
        db.session.rollback()
        columns = ("fact_block.columns", "fact_sum.sums")
        reads = [each for each in asked if any(name in each.text for name in columns)]
        assert bool(reads) != is_again


def test_who_is_closed_as_the_range_ends_waits_at_its_end(places):
    period = Period(date(2025, 12, 1), date(2026, 2, 8), SHANGHAI)
    stored(a_closed_leak(1), a_closed_leak(2, lat=28.5))
    with transaction():
        for ticket, days, at in ((1, -81, START - timedelta(days=80)), (2, -25, period.to_at)):
            dates = {"received_at": START + timedelta(days=days), "closed_at": at}
            db.session.execute(update(Ticket).where(Ticket.id == ticket).values(**dates))
    run(period.to_at)
    for number in range(FIRST - 2, FIRST + 2):
        with transaction():
            pack_span(number, SHANGHAI, period.to_at)
    summed, exact = both(period, period.to_at)
    if summed is not None:
        assert_same(summed, exact)
    assert (exact.flow.closed, exact.flow.backlog) == (1, 1)


def test_sums_of_another_way_of_counting_are_not_used(places, monkeypatch):
    stored(a_closed_leak(1))
    pack(NOW)
    assert both(WHOLE, NOW)[0] is not None
    monkeypatch.setattr(domain_sums, "EDITION", domain_sums.EDITION + 1)
    assert both(WHOLE, NOW)[0] is None


@pytest.mark.parametrize("fewest", [1, 1_000])
def test_what_is_not_rolled_up_is_worked_out_once(places, monkeypatch, fewest):
    stored(a_closed_leak(1))
    pack(NOW)
    ahead, calls = facts.facts_ahead, []
    monkeypatch.setattr(facts, "facts_ahead", lambda *a, **b: calls.append(1) or ahead(*a, **b))
    monkeypatch.setattr(fact_sums, "FEWEST_SUMMED", fewest)
    circle_figures(WHOLE, EVERYTHING, now=NOW)
    assert len(calls) == 1
