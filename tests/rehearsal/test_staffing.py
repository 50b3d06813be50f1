"""Do crews follow the load, and bases the demand?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dispatch.domain.periods import Period
from dispatch.domain.travel import StraightLine
from dispatch.rehearsal.city import NONE, StreetRules
from dispatch.rehearsal.demand import Demand
from dispatch.rehearsal.staffing import (
    bases_for,
    crews_for_load,
    lent,
    load_of,
    shared_out,
    spread,
    staff_for,
)
from tests.rehearsal.streets import OneStreet, calls_of, crews_at

RULES = StreetRules()


def demand_of(calls, days=1) -> Demand:
    period = Period(date(2026, 3, 2), date(2026, 3, 2 + days), ZoneInfo("UTC"))
    return Demand(period=period, tickets=len(calls), calls=calls_of(calls), in_a_grid=len(calls))


def test_the_load_sets_the_number_of_crews():
    # 96 tickets of 45 min of work at the very base are 3 days of work in a day.
    demand = demand_of([(minute * 15, 5) for minute in range(96)])
    travel = StraightLine()
    assert crews_for_load(demand, 0.5, RULES, travel) == 6
    assert crews_for_load(demand, 0.75, RULES, travel) == 4
    staff = staff_for(demand.calls, 6)
    assert load_of(demand, staff, RULES, travel) == pytest.approx(0.5)


def test_one_crew_is_the_least():
    assert crews_for_load(demand_of([(0, 5)]), 0.9, RULES, StraightLine()) == 1


def test_the_load_counts_the_hours_on_duty():
    demand = demand_of([(minute * 15, 5) for minute in range(96)])
    staff = crews_at([5, 5], duties=(((-9.0, 43200.0),), ((43200.0, 1e9),)))
    assert load_of(demand, staff, RULES, StraightLine()) == pytest.approx(3.0)


def test_unreachable_bases_bring_no_drive():
    demand = demand_of([(0, 90)])
    staff = crews_at([5])
    assert load_of(demand, staff, RULES, OneStreet(50)) == pytest.approx(45 / 1440)


def test_each_team_with_calls_has_a_crew_and_the_busy_one_more():
    calls = calls_of([(0, place / 100, 0) for place in range(90)] + [(0, 9, 1)] * 10)
    base, team = bases_for(calls, 5)
    assert sorted(team.tolist()) == [0, 0, 0, 0, 1]
    assert len(np.unique(base[team == 0, 0])) == 4
    assert base[team == 1].tolist() == [[9.0, 0.0]]


def test_with_fewer_crews_than_teams_bases_follow_all_calls():
    calls = calls_of([(0, 1, 0)] * 9 + [(0, 9, 1)] * 3)
    base, team = bases_for(calls, 1)
    assert (base.tolist(), team.tolist()) == ([[1.0, 0.0]], [0])


def test_calls_of_no_team_have_bases_too():
    base, team = bases_for(calls_of([(0, 1, -1), (0, 2, -1)]), 2)
    assert sorted(base[:, 0].tolist()) == [1.0, 2.0]
    assert team.tolist() == [NONE, NONE]


def test_more_crews_than_places_share_them():
    place = np.array([[1.0, 0.0], [2.0, 0.0]])
    assert sorted(set(spread(place, 5).tolist())) == [0, 1]


def test_crews_are_shared_out_whole():
    assert shared_out(7, np.array([60, 30, 10])).tolist() == [3, 2, 2]
    assert shared_out(3, np.array([60, 30, 10])).tolist() == [1, 1, 1]


def test_a_team_without_a_crew_lends_its_ground_to_the_nearest():
    calls = calls_of([(0, 1, 0), (0, 4, 1), (0, 20, 2), (0, 5, -1)])
    staff = crews_at([2, 30], team=[0, 2])
    assert lent(calls, staff).tolist() == [0, 0, 2, -1]


def test_ground_is_lent_to_nobody_where_no_crew_has_a_team():
    calls = calls_of([(0, 1, 0)])
    assert lent(calls, replace(crews_at([2]), team=np.array([NONE]))).tolist() == [0]
