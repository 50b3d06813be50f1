"""Are named crews where and when their file says?"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.domain.crew_rows import CrewDraft
from dispatch.domain.grid_features import GridDraft
from dispatch.domain.periods import Period
from dispatch.domain.place import Point
from dispatch.rehearsal.city import ALWAYS, NONE
from dispatch.rehearsal.demand import Demand, ground_of
from dispatch.rehearsal.roster import duties_of, staff_at, staff_of
from tests.rehearsal.streets import calls_of
from tests.rehearsal.test_demand import EAST, WEST

BOSTON = ZoneInfo("America/New_York")
GROUND = ground_of([GridDraft(1, "West", WEST, team="One"), GridDraft(2, "East", EAST)])


def draft(**given: object):
    facts = {
        "line": 2,
        "name": "C1",
        "team": "One",
        "skills": ("mains",),
        "base": Point(28.15, 113.05),
        "shift_start": 0,
        "shift_end": 0,
        "vehicle": None,
    }
    return CrewDraft(**(facts | given))


def demand(first, count, calls=()):
    period = Period(first, first + timedelta(days=count), BOSTON)
    return Demand(period=period, tickets=1, calls=calls_of(calls), in_a_grid=1)


def hours(duties):
    return [(begins / 3600, ends / 3600) for begins, ends in duties]


def test_equal_times_are_the_whole_day():
    assert duties_of(draft(), demand(date(2026, 3, 2), 1)) == ALWAYS


def test_a_shift_crosses_midnight_and_the_first_one_has_begun_before():
    night = draft(shift_start=22 * 60, shift_end=6 * 60)
    found = hours(duties_of(night, demand(date(2026, 3, 2), 2)))
    assert found[:3] == [(0, 6), (22, 30), (46, 54)]


def test_a_shift_follows_the_clock_on_the_wall():
    # On 8 March 2026 two o'clock becomes three.
    night = draft(shift_start=22 * 60, shift_end=6 * 60)
    found = hours(duties_of(night, demand(date(2026, 3, 7), 2)))
    assert found[:3] == [(0, 6), (22, 29), (45, 53)]


def test_a_crew_belongs_to_its_team_or_to_the_ground_of_its_base():
    crews = [draft(), draft(team="Divers"), draft(team="Divers", base=Point(40.0, 116.0))]
    staff = staff_of(crews, demand(date(2026, 3, 2), 1, [(0, 28.1)]), GROUND)
    assert staff.team.tolist() == [0, 1, NONE]
    assert staff.skilled[0].tolist() == [False, True, False, False]


def test_a_crew_without_a_base_waits_amid_its_teams_calls():
    calls = [(0, 1, 0), (0, 2, 0), (0, 3, 0), (0, 50, 1)]
    crews = [draft(base=None), draft(base=None, team="East"), draft(base=None, team="Divers")]
    staff = staff_of(crews, demand(date(2026, 3, 2), 1, calls), GROUND)
    assert staff.base[:2, 0].tolist() == [2.0, 50.0]
    assert staff.base[2, 0] in {1.0, 2.0, 3.0}


def test_crews_are_shared_out_over_bases_by_the_calls_near_them():
    bases = np.array([[28.15, 112.95], [28.15, 113.05]])
    calls = calls_of([(0, 28.15)] * 3)
    staff = staff_at(bases, 3, calls, GROUND)
    assert sorted(staff.team.tolist()) == [0, 0, 1]
    one = staff_at(bases, 1, calls, GROUND)
    assert one.base.tolist() == [[28.15, 112.95]]
