"""Do the arrays of the planner hold the same hard rules as the reasons that people read?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.candidates import assess
from dispatch.domain.live_outlook import (
    UNKNOWN_DRIVE_SECONDS,
    OnDuty,
    Pending,
    Turn,
    sight,
)
from dispatch.domain.look_ahead import look_ahead
from dispatch.domain.outlook import NOBODY
from dispatch.domain.service_policy import Level
from dispatch.domain.travel import StraightLine, TravelAnswer
from tests.crews import CREW, HERE, NEED, NOW, crew_lists, needs

LEVELS = (4.0, 2.0, 1.0, 1.0)


def straight(origins, goals):
    return StraightLine().answer(origins, goals, None)


def look(tickets, crews, ask=straight, now=NOW):
    return sight(tickets, crews, ask, now=now, level_weights=LEVELS, arrivals=3.0)


def waits(need=NEED, **facts: object):
    return Pending(need=need, version=1, **facts)


def stands(crew=CREW, **facts: object):
    return OnDuty(crew=crew, origin=crew.position, **facts)


@given(st.lists(needs, max_size=4, unique_by=lambda need: need.ticket_id), crew_lists())
def test_a_pair_is_allowed_exactly_when_the_reasons_exclude_it_not(drawn, options):
    crews = [replace(each, active_visits=0, busy_until=None) for each in options if each.on_shift]
    tickets = [
        waits(need, refused=frozenset(each.crew_id for each in crews if each.declined))
        for need in drawn
    ]
    seen = look(tickets, [stands(each) for each in crews]).seen
    assert seen.may_go.shape == (len(tickets), len(crews))
    for row, ticket in enumerate(tickets):
        home = [replace(each, home_team=each.team_id == ticket.need.owning_team_id)
                for each in crews]  # fmt: skip
        by_crew = {one.crew_id: one for one in assess(ticket.need, home, now=NOW)}
        for column, crew in enumerate(crews):
            allowed = by_crew[crew.crew_id].excluded_by is None
            assert seen.may_go[row, column] == allowed


def test_drives_from_an_old_position_are_longer_and_a_crew_at_work_is_where_it_works():
    old = replace(CREW, position_age_seconds=3900)
    fresh, away, at_work = (
        look([waits()], [each]).seen.drive[0, 0]
        for each in (stands(), stands(old), stands(old, working_since=NOW))
    )
    assert away == pytest.approx(np.hypot(fresh, 600.0))
    assert at_work == fresh


def test_of_two_crews_at_one_place_the_one_that_was_seen_last_is_sent():
    crews = [
        stands(replace(CREW, position_age_seconds=1800)),
        stands(replace(CREW, crew_id=2)),
    ]
    assert look_ahead(look([waits()], crews).seen).tolist() == [NOBODY, 0]


def test_the_crew_that_knows_the_household_is_seen():
    crews = [stands(), stands(replace(CREW, crew_id=2, visits_this_shift=4, mean_visits=2.0))]
    known = replace(NEED, last_crew_id=2)
    seen = look([waits(known), waits(replace(NEED, ticket_id=2))], crews).seen
    assert seen.knows.tolist() == [[False, True], [False, False]]
    assert seen.extra_visits.tolist() == [0.0, 2.0]
    assert look([waits()], crews).seen.knows is None


def test_times_and_weights_are_seen_from_now():
    urgent = replace(NEED, level=Level.EMERGENCY, received_at=NOW - timedelta(minutes=3))
    endless = replace(NEED, ticket_id=2, arrive_due_at=None)
    seen = look([waits(urgent), waits(endless)], [stands()]).seen
    assert seen.slack.tolist() == [1_800, np.inf]
    assert (seen.waited.tolist(), seen.weight.tolist()) == ([180, 0], [4, 2])
    assert (seen.spread, seen.arrivals) == (StraightLine().spread, 3.0)
    assert seen.home.tolist() == [[True], [True]]


def test_without_crews_or_tickets_there_is_nothing_to_see():
    assert look([], []).seen.drive.shape == (0, 0)
    assert look([waits()], []).seen.drive.shape == (1, 0)
    assert look([], [stands()]).seen.drive.shape == (0, 1)


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -5.0])
def test_what_a_source_cannot_say_is_driven_along_the_straight_line(nonsense):
    def ask(origins, goals):
        seconds = np.array([[nonsense, 600.0]])
        return TravelAnswer(seconds, "osrm", 0.2)

    tickets = [waits(), waits(replace(NEED, ticket_id=2))]
    found = look(tickets, [stands()], ask)
    expected = straight(np.array([(28.21, 113.01)]), np.array([(HERE.lat, HERE.lon)])).seconds
    assert found.seen.drive.tolist() == [expected[0].tolist(), [600.0]]
    assert found.drives.source == "osrm"


def test_a_crew_at_work_is_seen_where_it_works():
    crew = stands(working_since=NOW - timedelta(minutes=10))
    seen = look([waits()], [crew]).seen
    assert seen.on_site.tolist() == [600]
    assert seen.may_go.tolist() == [[True]]
    assert not crew.is_idle


def test_who_said_how_long_it_needs_is_seen():
    working = stands(working_since=NOW)
    assert look([waits()], [working, stands()]).seen.told is None
    told = replace(working, has_told=True)
    assert look([waits()], [told, stands()]).seen.told.tolist() == [True, False]


def test_a_crew_under_way_may_turn_as_its_turn_says():
    routine = waits(replace(NEED, level=Level.STANDARD))
    urgent = waits(replace(NEED, ticket_id=2, level=Level.EMERGENCY))
    other = waits(replace(NEED, ticket_id=3))
    crew = stands(heading=1, turn=Turn.EMERGENCY)
    seen = look([routine, urgent, other], [crew, stands(replace(CREW, crew_id=2))]).seen
    assert seen.heading.tolist() == [0, NOBODY]
    assert seen.can_turn.tolist() == [True, True]
    assert seen.may_go[:, 0].tolist() == [True, True, False]
    assert seen.may_go[:, 1].tolist() == [True, True, True]


def test_a_crew_keeps_its_course_though_its_shift_ends_soon():
    ends = replace(CREW, shift_ends_at=NOW + timedelta(minutes=5))
    assert look([waits()], [stands(ends, heading=1)]).seen.may_go.tolist() == [[True]]
    assert look([waits()], [stands(ends)]).seen.may_go.tolist() == [[False]]


def test_a_van_that_does_not_say_where_it_is_arrives_when_it_said():
    silent = replace(CREW, position_source="base")
    due = NOW + timedelta(minutes=7)
    assert look([waits()], [stands(silent, heading=1, eta_at=due)]).seen.drive.tolist() == [[420]]
    old = replace(CREW, position_age_seconds=301)
    assert look([waits()], [stands(old, heading=1, eta_at=due)]).seen.drive.tolist() == [[420]]
    nowhere = replace(CREW, position=None, position_source="live")
    seen = look([waits()], [stands(nowhere, heading=1)]).seen
    assert seen.drive.tolist() == [[UNKNOWN_DRIVE_SECONDS]]


def test_a_shift_across_a_clock_change_is_counted_in_real_minutes():
    before = datetime(2026, 3, 8, 6, 50, tzinfo=UTC)  # 01:50 in New York, ten minutes before.
    need = replace(NEED, arrive_due_at=before + timedelta(minutes=30))
    crew = replace(CREW, position=HERE, shift_ends_at=before + timedelta(minutes=45))
    assert look([waits(need)], [stands(crew)], now=before).seen.may_go.tolist() == [[True]]
    short = replace(crew, shift_ends_at=before + timedelta(minutes=44))
    assert look([waits(need)], [stands(short)], now=before).seen.may_go.tolist() == [[False]]
