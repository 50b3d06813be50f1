"""Does each crew head where most promises are kept, and never where it may not go?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.look_ahead import Weights, look_ahead, prospects
from dispatch.domain.outlook import NOBODY, Outlook

MINUTE, HOUR = 60.0, 3_600.0
NO_PROMISE = np.inf


def outlook(drive_minutes: object, **changes: object) -> Outlook:
    """Return tickets x crews that are free and may all go, half an hour before their promise."""
    drive = np.array(drive_minutes, dtype=float) * MINUTE
    drive = drive.reshape(drive.shape if drive.ndim == 2 else (0, 0))
    tickets, crews = drive.shape
    seen = Outlook(
        drive=drive,
        may_go=np.ones(drive.shape, dtype=bool),
        home=np.zeros(drive.shape, dtype=bool),
        slack=np.full(tickets, 30 * MINUTE),
        waited=np.zeros(tickets),
        weight=np.ones(tickets),
        work=np.full(tickets, 45 * MINUTE),
        heading=np.full(crews, NOBODY),
        can_turn=np.ones(crews, dtype=bool),
        on_site=np.full(crews, np.nan),
        repair_mean=np.full(crews, 45 * MINUTE),
        repair_sigma=np.full(crews, 0.6),
    )
    return replace(seen, **{name: np.array(value) for name, value in changes.items()})


@st.composite
def instants(draw):
    """Up to six tickets and six crews, some of which drive and some of which work."""
    tickets, crews = draw(st.integers(0, 6)), draw(st.integers(0, 6))
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    drive = dice.uniform(0, 90 * MINUTE, (tickets, crews))
    drive[dice.random(drive.shape) < 0.1] = np.nan
    may_go = (dice.random(drive.shape) < 0.8) & ~np.isnan(drive)
    heading = np.full(crews, NOBODY)
    free = list(range(tickets))
    working = dice.random(crews) < 0.3
    for crew in np.flatnonzero(~working):
        if free and dice.random() < 0.4:
            heading[crew] = free.pop(int(dice.integers(len(free))))
            may_go[heading[crew], crew] = True
            drive[heading[crew], crew] = dice.uniform(0, 60 * MINUTE)
    slack = dice.uniform(-2 * HOUR, 2 * HOUR, tickets)
    slack[dice.random(tickets) < 0.2] = np.inf
    return Outlook(
        drive=drive,
        may_go=may_go,
        home=dice.random(drive.shape) < 0.3,
        slack=slack,
        waited=dice.uniform(0, 3 * HOUR, tickets),
        weight=dice.choice([1.0, 2.0, 4.0], tickets),
        work=np.full(tickets, 45 * MINUTE),
        heading=heading,
        can_turn=dice.random(crews) < 0.7,
        on_site=np.where(working, dice.uniform(0, 2 * HOUR, crews), np.nan),
        repair_mean=np.full(crews, 45 * MINUTE),
        repair_sigma=np.full(crews, 0.6),
        spread=draw(st.sampled_from([0.0, 0.3])),
        arrivals=draw(st.floats(0, 60)),
    )


def test_waiting_for_a_crew_that_said_when_it_is_free_has_its_price():
    """Next door it is free in 20 min; another is 8 min away and makes the promise as well."""
    working = {
        "on_site": [np.nan, 0.0],
        "repair_mean": [45 * MINUTE, 20 * MINUTE],
        "repair_sigma": [0.6, 0.01],
    }
    seen = outlook([[8, 0]], **working)
    assert look_ahead(seen).tolist() == [NOBODY, 0]
    told = replace(seen, told=np.array([False, True]))
    assert look_ahead(told).tolist() == [0, NOBODY]
    assert look_ahead(told, Weights(told_wait=0.1)).tolist() == [NOBODY, 0]


@given(instants())
def test_no_ticket_gets_two_crews(seen):
    planned = [ticket for ticket in look_ahead(seen).tolist() if ticket != NOBODY]
    assert len(planned) == len(set(planned))


@given(instants())
def test_no_hard_rule_is_broken(seen):
    plan = look_ahead(seen)
    assert plan.shape == (seen.crews,)
    for crew, ticket in enumerate(plan.tolist()):
        if ticket != NOBODY:
            assert seen.may_go[ticket, crew] or seen.heading[crew] == ticket


@given(instants())
def test_a_crew_past_turning_keeps_its_course(seen):
    plan = look_ahead(seen)
    fixed = np.isnan(seen.on_site) & ~seen.can_turn & (seen.heading != NOBODY)
    assert plan[fixed].tolist() == seen.heading[fixed].tolist()


@given(instants(), st.floats(0, 60))
def test_a_plan_that_was_followed_is_not_changed_at_once(seen, weight):
    seen = replace(seen, arrivals=0.0)
    plan = look_ahead(seen)
    followed = np.where(seen.is_free, plan, seen.heading)
    again = look_ahead(replace(seen, heading=followed), Weights(stay=weight))
    moving = seen.is_free & (plan != NOBODY)
    assert again[moving].tolist() == plan[moving].tolist()


@given(instants())
def test_chances_are_chances_and_hard_rules_leave_none(seen):
    likely = prospects(seen)
    assert np.all((likely.in_time >= 0) & (likely.in_time <= 1))
    assert np.all(likely.in_time[~seen.may_go] == 0)
    assert np.all(np.isnan(likely.arrives_in[~seen.may_go]))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_without_tickets_or_crews_nobody_goes(shape):
    assert look_ahead(outlook(np.zeros(shape))).tolist() == [NOBODY] * shape[1]


def test_no_way_at_all_is_nobody():
    seen = outlook(np.full((2, 2), np.nan))
    assert look_ahead(replace(seen, may_go=~np.isnan(seen.drive))).tolist() == [NOBODY, NOBODY]


def test_the_pairs_that_keep_most_promises_are_chosen_together():
    # The closest pair alone would leave the second ticket to a crew that is late.
    assert look_ahead(outlook([[5, 10], [20, 50]])).tolist() == [1, 0]


def test_an_emergency_takes_a_crew_that_drives_to_a_lesser_ticket():
    seen = outlook([[10], [5]], heading=[0], weight=[1.0, 4.0])
    assert look_ahead(seen).tolist() == [1]
    assert look_ahead(replace(seen, can_turn=np.array([False]))).tolist() == [0]


def test_a_crew_does_not_turn_for_next_to_nothing():
    assert look_ahead(outlook([[10], [9]], heading=[0])).tolist() == [0]


def test_a_crew_that_is_almost_done_next_door_goes_before_a_far_one():
    seen = outlook(
        [[40, 1]],
        on_site=[np.nan, 46 * MINUTE],
        repair_mean=[45 * MINUTE, 45 * MINUTE],
        repair_sigma=[0.6, 0.02],
    )
    assert look_ahead(seen).tolist() == [NOBODY, 0]


def test_the_time_a_crew_still_works_counts_before_its_drive():
    seen = outlook([[5, 5]], on_site=[np.nan, 0.0])
    likely = prospects(seen)
    assert likely.in_time[0, 0] == 1 > likely.in_time[0, 1] > 0
    assert likely.arrives_in[0, 1] == pytest.approx(50 * MINUTE, rel=1e-3)
    assert look_ahead(seen).tolist() == [0, NOBODY]


def test_a_drive_that_may_take_longer_is_less_likely_in_time():
    sure = prospects(outlook([[25.0, 0.0]])).in_time
    likely = prospects(replace(outlook([[25.0, 0.0]]), spread=0.3)).in_time
    assert sure.tolist() == [[1, 1]]
    assert 0.5 < likely[0, 0] < 1
    assert likely[0, 1] == 1


def test_a_ticket_without_a_promise_is_always_in_time_and_gets_a_spare_crew():
    seen = outlook([[30]], slack=[NO_PROMISE])
    assert prospects(seen).in_time.tolist() == [[1]]
    assert prospects(replace(seen, spread=0.3)).in_time.tolist() == [[1]]
    assert look_ahead(seen).tolist() == [0]


def test_no_promise_and_no_way_is_nobody():
    seen = outlook([[np.nan]], slack=[NO_PROMISE], may_go=[[False]])
    assert look_ahead(seen).tolist() == [NOBODY]


def short_of_crews(**changes: object) -> Outlook:
    """Return one ticket and one free crew when forty calls an hour are expected."""
    return replace(outlook([[30]], **changes), arrivals=40.0)


def test_a_late_ticket_waits_for_quiet_when_crews_run_short():
    late = short_of_crews(slack=[-10 * MINUTE])
    assert look_ahead(late).tolist() == [NOBODY]
    assert look_ahead(replace(late, arrivals=0.0)).tolist() == [0]


def test_but_not_for_ever():
    assert look_ahead(short_of_crews(slack=[-7 * HOUR])).tolist() == [0]


def test_in_a_storm_who_needs_water_first_gets_the_only_crew():
    seen = outlook([[12], [10]])
    assert look_ahead(seen).tolist() == [1]
    needy = replace(seen, first=np.array([True, False]))
    assert look_ahead(needy).tolist() == [0]
    assert look_ahead(needy, Weights(first=1.0)).tolist() == [1]


@given(instants())
def test_where_nobody_is_served_first_the_plan_is_as_ever(seen):
    nobody = replace(seen, first=np.zeros(seen.tickets, dtype=bool))
    assert look_ahead(nobody).tolist() == look_ahead(seen).tolist()


def test_an_emergency_never_waits_for_quiet():
    late = short_of_crews(slack=[-10 * MINUTE], weight=[4.0])
    assert look_ahead(late).tolist() == [0]


def test_where_calls_are_few_the_last_crew_is_not_kept_back():
    late = outlook([[30]], slack=[-10 * MINUTE])
    assert look_ahead(replace(late, arrivals=2.0)).tolist() == [0]


def test_a_crew_on_its_way_to_a_late_ticket_goes_on():
    assert look_ahead(short_of_crews(slack=[-10 * MINUTE], heading=[0])).tolist() == [0]


def test_a_ticket_with_hours_to_spare_gets_a_crew_that_is_left():
    seen = replace(outlook([[10, 30], [10, 20]], slack=[3 * HOUR, 30 * MINUTE]), arrivals=40.0)
    assert look_ahead(seen).tolist() == [1, 0]
    assert look_ahead(short_of_crews(slack=[3 * HOUR])).tolist() == [0]


def test_the_last_spare_crew_ends_the_giving():
    assert look_ahead(outlook([[30], [40]], slack=[-60.0, -60.0])).tolist() == [0]


def test_of_late_tickets_each_gets_one_crew():
    seen = outlook([[10, 11], [40, 41]], slack=[-60.0, -60.0])
    assert sorted(look_ahead(seen).tolist()) == [0, 1]


def test_the_home_team_goes_where_it_costs_little():
    seen = outlook([[12, 10]], home=[[True, False]])
    assert look_ahead(seen).tolist() == [0, NOBODY]
    assert look_ahead(seen, Weights(home=0)).tolist() == [NOBODY, 0]
    assert look_ahead(outlook([[40, 10]], home=[[True, False]])).tolist() == [NOBODY, 0]


def test_a_late_ticket_that_nobody_may_take_holds_nobody_up():
    seen = outlook([[10], [10]], slack=[-60.0, -60.0], may_go=[[False], [True]])
    assert look_ahead(seen).tolist() == [1]
