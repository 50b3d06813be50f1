"""Do the reasons count the drives, and the ends of work, that the plan counted?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.domain.candidates import assess
from dispatch.domain.plan_reasons import legs_to, options_for
from dispatch.domain.time_left import law_told
from tests.crews import CREW, HERE, NEED, NOW
from tests.domain.test_live_outlook import look, stands, waits

BUSY = replace(CREW, crew_id=2, active_visits=1, busy_until=NOW + timedelta(minutes=45))


def test_a_crew_at_work_is_busy_for_as_long_as_its_work_is_expected_to_last():
    ticket = waits()
    seen = look([ticket], [stands(BUSY, working_since=NOW - timedelta(minutes=10))])
    [option] = options_for(ticket, [BUSY], seen, NOW)
    assert NOW + timedelta(minutes=35) < option.busy_until < NOW + timedelta(minutes=42)


def test_a_crew_that_said_how_long_it_needs_is_named_for_it():
    ticket = waits()
    law = law_told(20)
    working = stands(
        BUSY,
        working_since=NOW - timedelta(minutes=5),
        repair_mean=law.mean_seconds,
        repair_sigma=law.sigma,
        has_told=True,
    )
    options = options_for(ticket, [BUSY], look([ticket], [working]), NOW)
    [weighed] = assess(NEED, options, now=NOW)
    assert str(weighed.reasons[0]) == "On another ticket for about 16 min more, as it said"


def test_the_crew_that_leaves_another_ticket_may_go():
    ticket = waits(near_teams=frozenset({1}))
    seen = look([ticket], [stands(CREW)])
    options = options_for(ticket, [CREW, BUSY], seen, NOW, leaves=2)
    weighed = {one.crew_id: one.excluded_by for one in assess(NEED, options, now=NOW)}
    assert weighed == {1: None, 2: None}
    assert all(each.home_team and not each.neighbour_team for each in options)


def test_the_legs_are_those_of_the_plan():
    ticket = waits()
    seen = look([ticket], [stands(CREW), stands(replace(CREW, crew_id=3, position=None))])
    legs = legs_to(ticket, seen)
    assert legs.keys() == {1}
    assert legs[1].seconds == seen.seen.drive[0, 0]
    assert (legs[1].source, legs[1].spread) == ("straight_line", 0.3)
    assert legs[1].metres == pytest.approx(1_482, abs=1)


def test_no_leg_leads_to_an_unknown_place():
    ticket = waits(replace(NEED, point=None))
    assert legs_to(ticket, look([ticket], [stands(replace(CREW, position=HERE))])) == {}
