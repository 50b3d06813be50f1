"""Is the right crew chosen, never the wrong one, and never nobody without saying why?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.assignment import Rule, choose, explain
from dispatch.domain.candidates import Candidate, assess, chance_in_time
from dispatch.domain.look_ahead import DEFAULT_WEIGHTS, Weights
from dispatch.domain.sentences import Sentence, say
from tests.crews import NEED, NOW, crew_lists, needs


def one(crew_id, minutes, *, kind="", excluded_by=None, due=30, visits=0):
    eta = None if minutes is None else minutes * 60
    return Candidate(
        crew_id=crew_id,
        name=f"crew {crew_id}",
        eta_seconds=eta,
        arrives_at=None if eta is None else NOW + timedelta(seconds=eta),
        makes_promise=None if minutes is None or due is None else minutes <= due,
        excluded_by=excluded_by,
        reasons=(say("%(minutes)s min away", minutes=minutes),),
        home=kind == "home",
        neighbour=kind == "neighbour",
        metres=None,
        visits=visits,
        chance=None if None in {minutes, due} else chance_in_time(minutes, due, 0.3),
    )


def words(choice):
    return [str(reason) for reason in choice.reasons]


@given(needs, crew_lists())
def test_the_chosen_crew_breaks_no_hard_rule_and_somebody_goes_if_anybody_may(need, crews):
    candidates = assess(need, crews, now=NOW)
    free = {one.crew_id for one in candidates if one.excluded_by is None}
    choice = choose(need, candidates)
    assert (choice.crew_id in free) if free else (choice.crew_id is None)
    assert (choice.rule is Rule.NOBODY) == (not free)


@given(needs, crew_lists())
def test_the_home_team_goes_where_nobody_is_much_sooner_and_likelier(need, crews):
    candidates = assess(need, crews, now=NOW)
    free = [one for one in candidates if one.excluded_by is None]
    chosen = next((one for one in free if one.crew_id == choose(need, candidates).crew_id), None)
    if chosen is None or chosen.home or chosen.eta_seconds is None:
        return
    for home in (one for one in free if one.home):
        likelier = (chosen.chance or 1) > (home.chance or 1)
        sooner = home.eta_seconds - chosen.eta_seconds
        assert likelier or sooner >= DEFAULT_WEIGHTS.home * 60 - 1


@given(needs, crew_lists(), st.randoms(use_true_random=False))
def test_a_choice_does_not_depend_on_the_order_of_the_crews(need, crews, random):
    candidates = assess(need, crews, now=NOW)
    assert choose(need, random.sample(candidates, len(candidates))) == choose(need, candidates)


@given(needs, crew_lists())
def test_every_choice_has_reasons_that_survive_storage(need, crews):
    choice = choose(need, assess(need, crews, now=NOW))
    assert choice.reasons
    for reason in choice.reasons:
        assert Sentence.from_json(json.loads(json.dumps(reason.as_json()))) == reason
        assert "%(" not in str(reason)


@pytest.mark.parametrize(
    ("candidates", "crew_id", "rule", "why"),
    [
        (
            [one(1, 8, kind="home"), one(2, 5, kind="neighbour"), one(3, 4)],
            1,
            Rule.HOME,
            "The home team goes, and it makes the circle",
        ),
        (
            [one(1, 31, kind="home"), one(2, 20, kind="neighbour"), one(3, 24)],
            2,
            Rule.NEIGHBOUR,
            "The home team cannot make the circle",
        ),
        (
            [one(1, 5, kind="home", excluded_by="committed"), one(2, 25, kind="neighbour")],
            2,
            Rule.NEIGHBOUR,
            "No crew of the home team may go now",
        ),
        (
            [one(1, 29, kind="home"), one(2, 10, kind="neighbour")],
            2,
            Rule.NEIGHBOUR,
            "19 min sooner there than the home team",
        ),
        (
            [one(1, 31, kind="home"), one(2, 32, kind="neighbour"), one(3, 20)],
            3,
            Rule.OTHER,
            "The home team cannot make the circle",
        ),
        (
            [one(2, 32, kind="neighbour"), one(3, 20)],
            3,
            Rule.OTHER,
            "No crew of the home team may go now",
        ),
        (
            [one(1, 70, kind="home"), one(2, 61, kind="neighbour"), one(3, 60)],
            3,
            Rule.FASTEST,
            "No crew is likely to be in time; this one is the best that may go",
        ),
    ],
)
def test_the_choice_says_why(candidates, crew_id, rule, why):
    choice = choose(NEED, candidates)
    assert (choice.crew_id, choice.rule) == (crew_id, rule)
    assert words(choice)[0] == why
    assert words(choice)[1].endswith("min away")


def test_a_crew_chosen_for_the_sake_of_other_tickets_says_so():
    candidates = [one(1, 8, kind="home"), one(2, 12, kind="neighbour")]
    choice = explain(NEED, candidates[1], candidates)
    assert (choice.crew_id, choice.rule) == (2, Rule.NEIGHBOUR)
    assert words(choice)[0] == "Best for all tickets together: the home team is needed elsewhere"


def test_the_weight_of_home_is_a_setting():
    candidates = [one(1, 8, kind="home"), one(2, 5, kind="neighbour")]
    assert choose(NEED, candidates, weights=Weights(home=0)).crew_id == 2


def test_of_two_equally_late_crews_the_home_team_goes():
    candidates = [one(1, 40), one(2, 40, kind="neighbour"), one(3, 40, kind="home")]
    assert choose(NEED, candidates).crew_id == 3


def test_of_two_equally_near_crews_the_one_with_fewer_visits_goes():
    candidates = [one(1, 9, kind="home", visits=3), one(2, 9, kind="home", visits=1)]
    assert choose(NEED, candidates).crew_id == 2


def test_without_a_place_the_home_crew_with_the_fewest_visits_goes():
    candidates = [one(1, None, kind="home", visits=2), one(2, None, kind="home", visits=1)]
    choice = choose(replace(NEED, point=None), candidates)
    assert (choice.crew_id, choice.rule) == (2, Rule.HOME)
    assert words(choice)[0] == "The place is not known yet; the home team goes, fewest visits first"


def test_without_a_promise_the_home_team_still_goes_first():
    need = replace(NEED, arrive_due_at=None)
    choice = choose(need, [one(1, 5, kind="home", due=None), one(2, 1, due=None)])
    assert choice.crew_id == 1
    assert words(choice)[0] == "The home team goes; no time of arrival was promised"


def test_a_place_that_no_team_owns_gets_the_soonest_crew():
    choice = choose(replace(NEED, owning_team_id=None), [one(1, 20), one(2, 10)])
    assert (choice.crew_id, choice.rule) == (2, Rule.OTHER)
    assert words(choice)[0] == "No team owns this place; this crew is the soonest there"


def test_when_nobody_may_go_the_ticket_waits_at_the_team_leader_and_says_why():
    candidates = [
        one(1, 5, excluded_by="committed"),
        one(2, 5, excluded_by="shift"),
        one(3, 5, excluded_by="committed"),
        one(4, 5),
    ]
    choice = choose(NEED, candidates, taken={4})
    assert (choice.crew_id, choice.rule) == (None, Rule.NOBODY)
    assert words(choice) == [
        "No crew may go now; the ticket waits at the team leader",
        "Crews off shift: 1",
        "Crews on another ticket: 2",
        "Crews just sent to a more urgent ticket: 1",
    ]


def test_without_a_team_and_without_crews_it_waits_at_the_desk():
    assert words(choose(replace(NEED, owning_team_id=None), [])) == [
        "No crew may go now; the ticket waits at the desk",
        "There is no crew to choose from",
    ]
