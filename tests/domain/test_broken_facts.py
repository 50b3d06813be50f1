"""Are the broken promises of very many facts those of their stories, to the last bit?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.broken_facts import road_facts
from dispatch.domain.broken_promises import SplitBy, broken_promises, broken_tickets
from dispatch.domain.fact_figures import grouped
from dispatch.domain.facts import Keys, fact_of, facts_of
from dispatch.domain.lost_minutes import ROAD, usual_road
from dispatch.domain.stages import Stage
from tests.domain.story_samples import after, any_story, story

BERLIN = ZoneInfo("Europe/Berlin")
GRIDS = ["A", "B", None]


@st.composite
def promised(draw):
    """Draw a ticket that mostly holds a promise of 30 minutes, received at any hour of a week."""
    one = draw(any_story())
    begin = one.received_at + timedelta(hours=draw(st.integers(0, 200)))
    later = begin - one.received_at
    times = {name: getattr(one, name) for name in one.TIMES}
    one = replace(one, **{name: at and at + later for name, at in times.items()})
    return one if draw(st.integers(0, 4)) == 0 else with_promise(one)


def with_promise(one):
    return replace(one, arrive_due_at=one.received_at + timedelta(minutes=30))


def facts_from(stories):
    stories = list(stories)
    keys = [Keys(number, GRIDS.index(one.grid), None, None) for number, one in enumerate(stories)]
    return facts_of(fact_of(one, key) for one, key in zip(stories, keys, strict=True))


def in_order(stories):
    """Return stories in the order of the calls, as they are read."""
    return sorted(stories, key=lambda one: one.received_at)


@given(st.lists(promised(), max_size=9), st.integers(-100, 20_000))
def test_groups_stages_and_hours_are_those_of_the_stories(stories, now):
    at, stories = after(now), in_order(stories)
    found = road_facts(facts_from(stories), at)
    keys, codes = grouped(GRIDS, found.rows["grid"].astype(np.int64))
    expected = broken_promises(stories, SplitBy.GRID, BERLIN, at)
    assert found.split(keys, codes, BERLIN) == expected


@given(
    st.lists(promised(), max_size=9),
    st.integers(-100, 20_000),
    st.sampled_from([None, *ROAD]),
    st.booleans(),
)
def test_the_tickets_behind_are_those_of_the_stories(stories, now, stage, only_broken):
    at, stories = after(now), in_order(stories)
    stories = [replace(one, number=f"{place:03d}") for place, one in enumerate(stories)]
    found = road_facts(facts_from(stories), at)
    listed = broken_tickets(stories, usual_road(stories, at), at)
    expected = [
        int(one.story.number)
        for one in listed
        if (one.is_broken or not only_broken) and (stage is None or one.worst is stage)
    ]
    assert found.behind(stage=stage, only_broken=only_broken) == expected
    mine = found.rows["grid"] == 0
    listed_here = [number for number in expected if stories[number].grid == "A"]
    assert found.behind(mine, stage=stage, only_broken=only_broken) == listed_here


def test_a_ticket_that_waits_for_its_crew_loses_time_where_it_stands():
    kept = with_promise(story(dispatched_at=after(1), arrived_at=after(20)))
    waits = with_promise(story(dispatched_at=after(5)))
    found = road_facts(facts_from([replace(one, grid="A") for one in (kept, waits)]), after(45))
    [row] = found.split(["A"], np.zeros(2, dtype=np.int64), BERLIN).rows
    assert row.lost.over == {Stage.DISPATCH: 240.0, Stage.ACKNOWLEDGE: 2400.0}
    assert row.lost.worst is Stage.ACKNOWLEDGE


def test_a_stage_that_ended_before_it_began_is_no_part_of_what_is_usual():
    kept = with_promise(story(arrived_at=after(20), dispatched_at=after(2)))
    backward = replace(kept, dispatched_at=after(-2))
    stories = [kept, backward]
    usual = road_facts(facts_from(replace(one, grid="A") for one in stories), after(45)).usual
    assert usual == usual_road(stories, after(45)) == {Stage.DISPATCH: 120.0}


@given(st.lists(st.integers(0, 5), max_size=9), st.randoms())
def test_late_tickets_stand_in_the_order_of_the_calls_however_they_were_read(minutes, dice):
    begins = [after(minute) for minute in minutes]
    facts = facts_from(
        with_promise(story(received_at=at, arrived_at=at + timedelta(minutes=31))) for at in begins
    )
    dice.shuffle(read := list(range(facts.size)))
    expected = facts["ticket"][np.argsort(minutes, kind="stable")].tolist() if minutes else []
    found = road_facts(facts[read], after(60))
    assert found.rows["ticket"][found.late].tolist() == expected
