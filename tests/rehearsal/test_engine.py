"""Does a day in the city go as one can reckon by hand, and the same way for the same seed?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.desk_rules import fifo, home, nearest
from dispatch.domain.look_ahead import look_ahead
from dispatch.domain.outlook import NOBODY
from dispatch.rehearsal.engine import BrokenPlanError, rehearse
from tests.rehearsal.streets import OneStreet, crews_at, even_run, minutes, street

POLICIES = (home, fifo, nearest, look_ahead)


def test_one_crew_drives_repairs_and_goes_on():
    # 10 min of driving, 40 of work, then 20 on to the next one, which called meanwhile.
    done = even_run(street([(0, 10), (5, 30)], [0]), fifo)
    assert minutes(done.reached) == [10, 70]
    assert done.attainment_30().rate == 0.5


def test_a_crew_with_nothing_to_do_goes_home_and_is_sent_from_the_way():
    # Free at 50 min at place 10; at 54 it is at place 6; the call there is 1 min away.
    done = even_run(street([(0, 10), (54, 5)], [0]), nearest)
    assert minutes(done.reached) == [10, 55]


def test_the_nearest_crew_goes_and_the_other_takes_the_next():
    done = even_run(street([(0, 12), (1, 14)], [0, 20]), nearest)
    assert minutes(done.reached) == [8, 15]
    assert done.crew.tolist() == [1, 0]


def test_the_home_team_alone_goes():
    city = street([(0, 10, 1)], [9, 30], staff=crews_at([9, 30], team=[0, 1]))
    assert minutes(even_run(city, home).reached) == [20]
    assert minutes(even_run(city, nearest).reached) == [1]


def test_a_ticket_of_no_team_has_no_home():
    city = street([(0, 10, -1)], [9], staff=crews_at([9], team=[-1]), patience=3600.0)
    done = even_run(city, home)
    assert done.figures()["unserved"] == 1
    assert done.attainment_30().rate == 0.0
    assert done.figures()["home_team_share"] is None


@pytest.mark.parametrize(
    ("guess", "counted"),
    [(np.nan, (7, 45, 0.6)), (1.0, (2, 40, 0.4)), (0.5, (2, 20, 0.4)), (9.0, (2, 80, 0.4))],
)
def test_a_crew_says_after_five_minutes_on_site_how_much_longer_it_needs(guess, counted):
    seen = []

    def look(outlook):
        if not np.isnan(outlook.on_site[0]):
            law = outlook.repair_mean[0] / 60, outlook.repair_sigma[0]
            seen.append((outlook.on_site[0] / 60, *law))
        return nearest(outlook)

    # It is there at 10 min and says at 15, with 35 to go, what is nearest; the next call is at 17.
    even_run(street([(0, 10), (17, 12)], [0]), look, guess=np.full((2, 2, 2), guess))
    assert seen[0] == pytest.approx(counted)
    # What it said of one repair is not taken for the next.
    silent = [guess, np.nan, np.nan]
    even_run(street([(0, 10), (17, 12), (53, 12)], [0]), look, guess=[[silent] * 2] * 2)
    assert seen[-1][1:] == (45, 0.6)


def test_a_crew_that_sees_the_end_says_ten_minutes():
    seen = []

    def look(outlook):
        seen.append((outlook.on_site[0] / 60, outlook.repair_mean[0] / 60))
        return nearest(outlook)

    # It leaves at 50 min; with a good guess it says ten minutes at 40.
    even_run(street([(0, 10), (43, 12)], [0]), look, guess=np.ones((2, 2, 2)))
    assert (3, 10) in [(round(spent, 6), mean) for spent, mean in seen]


def test_a_crew_that_is_done_before_it_would_say_so_says_nothing():
    done = even_run(
        street([(0, 10), (1, 12)], [0]),
        nearest,
        guess=np.ones((2, 2, 2)),
        on_site=[[200.0] * 2] * 2,
    )
    assert minutes(done.reached) == pytest.approx([10, 15 + 1 / 3])


def change_to_the_newest(outlook):
    """Send every crew that may turn to the newest ticket it can have."""
    plan = outlook.heading.copy()
    free = np.flatnonzero(outlook.is_free)
    plan[free] = NOBODY
    sent = plan[~outlook.is_free].tolist()
    for crew in free:
        allowed = np.flatnonzero(outlook.may_go[:, crew])
        plan[crew] = max(set(allowed.tolist()) - set(sent), default=NOBODY)
        sent.append(plan[crew])
    return plan


def test_a_crew_is_diverted_from_where_it_then_is():
    # Under way to 10 since 0; at 4 a call from place 2: two minutes back.
    done = even_run(street([(0, 10), (4, 2)], [0]), change_to_the_newest)
    assert minutes(done.reached) == [6 + 40 + 8, 6]
    assert done.reassignments == 1


@pytest.mark.parametrize(("most", "reached"), [(0, [10, 58]), (1, [54, 6])])
def test_turns_may_be_limited(most, reached):
    city = street([(0, 10), (4, 2)], [0], most_turns=most)
    assert minutes(even_run(city, change_to_the_newest).reached) == reached


def test_a_crew_that_is_let_go_drives_home():
    def waver(outlook):
        plan = np.full(outlook.crews, NOBODY)
        if outlook.waited[0] >= 600 or outlook.waited[0] == 0:
            plan[0] = 0
        return np.where(outlook.is_free, plan, outlook.heading)

    # Sent at 0, let go at the tick of 5 min at place 5, sent again at 10 from its base.
    done = even_run(street([(0, 10)], [0]), waver)
    assert minutes(done.reached) == [20]
    assert done.reassignments == 1


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (np.array([0, 0]), "two crews"),
        (np.array([0]), "for each crew"),
        (np.array([NOBODY, 0]), "may not"),
    ],
)
def test_a_plan_that_breaks_the_rules_is_a_fault(plan, words):
    staff = crews_at([0, 5], duties=(((0.0, np.inf),), ((0.0, 60.0),)))
    with pytest.raises(BrokenPlanError, match=words):
        even_run(street([(0, 10)], [0, 5], staff=staff), lambda _outlook: plan)


def test_a_place_without_a_way_stays_unserved():
    done = even_run(street([(0, 10), (1, 90)], [0], travel=OneStreet(50), patience=3600.0), nearest)
    assert minutes(done.reached[:1]) == [10]
    assert np.isnan(done.reached[1])
    assert done.figures()["unserved"] == 1


def test_a_crew_that_is_on_no_road_drives_on_before_it_turns():
    # At minute 5 in the tunnel: five minutes on to place 10, eight back to place 2.
    city = street([(0, 10), (5, 2)], [0], travel=OneStreet(tunnel=(4, 6)))
    assert minutes(even_run(city, change_to_the_newest).reached) == [18 + 40 + 8, 18]


def test_a_crew_that_is_let_go_on_no_road_drives_on_and_home():
    # Let go in the tunnel at 5; on to place 10 and home by 20; the call of 25 finds it there.
    city = street([(0, 10), (25, 1)], [0], travel=OneStreet(tunnel=(4, 6)))
    done = even_run(city, nearest, gives_up_after=[300.0, np.inf])
    assert minutes(done.reached[1:]) == [26]


def test_a_shift_must_have_time_to_finish():
    # 45 min of work are reckoned with: at 30 min before the end nobody starts.
    staff = crews_at([0], duties=(((0.0, 3600.0), (7200.0, 14400.0)),))
    done = even_run(street([(31, 1)], [0], staff=staff), nearest)
    assert minutes(done.reached) == [121]


def test_the_end_of_a_shift_takes_the_crew_off_the_road():
    # The second shift begins where the first ends; a third one much later.
    duties = (((0.0, 3600.0), (3600.0, 7200.0), (36000.0, 86400.0)),)
    staff = crews_at([0], duties=duties)
    done = even_run(street([(70, 1), (71, 2)], [0], staff=staff), nearest)
    assert minutes(done.reached) == [71, 602]


def test_a_caller_who_gives_up_is_left_out_of_the_figures():
    done = even_run(street([(0, 10), (0, 12)], [0]), fifo, gives_up_after=[300.0, np.inf])
    assert done.cancelled.tolist() == [True, False]
    assert done.attainment_30().n == 1
    # Under way to place 10 until the fifth minute, the crew goes on to place 12.
    assert minutes(done.reached[1:]) == [12]


def test_a_second_visit_comes_later_and_counts_no_arrival():
    done = even_run(street([(0, 10)], [0]), fifo, comes_back=[True])
    assert [visit.is_second for visit in done.visits] == [False, True]
    # 50 + an hour, from the base again.
    assert minutes([visit.arrived for visit in done.visits]) == [10, 120]
    assert minutes(done.reached) == [10]
    assert done.figures()["one_visit_share"] == 0.0


def test_a_crew_that_declines_is_not_asked_again():
    city = street([(0, 1)], [0, 20], declines=0.5)
    declined = {seed: rehearse(city, nearest, seed=seed) for seed in range(12)}
    refusals = {done.declined for done in declined.values()}
    assert refusals == {0, 1}
    assert all(done.figures()["unserved"] == 0 for done in declined.values())


def test_when_all_would_decline_one_must_go():
    done = rehearse(street([(0, 1)], [0, 20], declines=1.0), nearest, seed=1)
    assert not np.isnan(done.reached).any()


def test_a_break_keeps_a_crew_back():
    # Mid-duty at 60 min a break of 30 begins; the call of minute 61 waits for its end.
    staff = crews_at([0], duties=(((0.0, 7200.0), (7200.0, 86400.0)),))
    city = street([(61, 1)], [0], staff=staff, break_seconds=1800.0, repair_mean=1200.0)
    assert minutes(even_run(city, nearest).reached) == [91]


def test_a_break_waits_for_the_end_of_the_work():
    staff = crews_at([0], duties=(((0.0, 7200.0), (7200.0, 86400.0)),))
    city = street([(50, 1), (62, 2)], [0], staff=staff, break_seconds=1800.0, repair_mean=600.0)
    # Works from 51 to 91, rests until 121.
    assert minutes(even_run(city, nearest).reached)[1] >= 121


def test_progress_is_told_and_may_end_the_run():
    class Cancelled(Exception):  # noqa: N818  it is a wish
        """Somebody closed the page."""

    def stop(share: float) -> None:
        raise Cancelled(share)

    told: list[float] = []
    city = street([(minute, 10) for minute in range(0, 900, 3)], [0, 5])
    rehearse(city, nearest, seed=1, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(Cancelled):
        rehearse(city, nearest, seed=1, on_progress=stop)


def test_without_calls_there_is_no_figure():
    done = rehearse(street([], [0]), nearest, seed=1)
    assert done.figures()["attainment_30"] is None
    assert done.figures()["decision_ms"] == {"p50": None, "p99": None}


def test_exactly_thirty_minutes_are_in_time():
    assert even_run(street([(0, 30)], [0]), fifo).attainment_30().rate == 1.0
    assert even_run(street([(0, 30.02)], [0]), fifo).attainment_30().rate == 0.0


@st.composite
def cities(draw):
    calls = sorted(draw(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 60)), max_size=25)))
    bases = draw(st.lists(st.integers(0, 60), min_size=1, max_size=4))
    chance = st.sampled_from([0.0, 0.3])
    rules = {
        "declines": draw(chance),
        "cancelled": draw(chance),
        "no_access": draw(chance),
        "second_visit": draw(chance),
        "break_seconds": draw(st.sampled_from([0.0, 1800.0])),
        "most_turns": draw(st.sampled_from([None, 1])),
        "wait_where_suggested": draw(st.booleans()),
    }
    return street(calls, bases, **rules)


@given(cities(), st.sampled_from([*POLICIES, change_to_the_newest]), st.integers(0, 5))
@settings(max_examples=80)
def test_nothing_is_lost_and_nobody_is_in_two_places(city, policy, seed):
    done = rehearse(city, policy, seed=seed)
    again = rehearse(city, policy, seed=seed)
    assert done.visits == again.visits
    first = [visit.ticket for visit in done.visits if not visit.is_second]
    assert len(first) == len(set(first))
    served = ~np.isnan(done.reached)
    assert sorted(first) == np.flatnonzero(served).tolist()
    assert not np.any(served & done.cancelled)
    assert np.all(served | done.cancelled)
    assert np.all(done.reached[served] >= done.received[served])
    for crew in range(len(city.staff)):
        own = [visit for visit in done.visits if visit.crew == crew]
        for before, after in pairwise(own):
            gap = abs(city.calls.place[before.ticket, 0] - city.calls.place[after.ticket, 0])
            assert after.arrived >= before.left
            # Never faster than the street allows, whatever it did in between.
            assert after.arrived - before.left >= gap * 60.0 - 1e-6


@given(cities(), st.integers(0, 5))
@settings(max_examples=20)
def test_every_policy_meets_the_same_repairs(city, seed):
    outcomes = [rehearse(city, policy, seed=seed) for policy in POLICIES]
    for done in outcomes[1:]:
        assert done.on_site.tolist() == outcomes[0].on_site.tolist()


def test_another_seed_is_another_day():
    city = street([(0, 10)], [0])
    repairs = {rehearse(city, nearest, seed=seed).on_site[0] for seed in range(5)}
    assert len(repairs) == 5


def test_repairs_have_the_mean_that_is_assumed():
    done = rehearse(street([(0, 1)] * 4000, [0], patience=0.0), nearest, seed=3)
    assert abs(done.on_site.mean() / 60 - 45) < 1.5
