"""Is the right crew chosen, never the wrong one, and never nobody without saying why?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.assignment import Rule, choose, plan
from dispatch.domain.candidates import Candidate, assess
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import Level
from tests.crews import NEED, NOW, crew_lists, needs


@st.composite
def rounds(draw):
    """Several tickets that compete for the same crews."""
    crews = draw(crew_lists())
    drawn = draw(st.lists(needs, max_size=8, unique_by=lambda need: need.ticket_id))
    return drawn, crews


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
def test_the_home_team_goes_whenever_it_makes_the_promise(need, crews):
    candidates = assess(need, crews, now=NOW)
    in_time = [one for one in candidates if one.excluded_by is None and one.makes_promise]
    home = {one.crew_id for one in in_time if one.home}
    near = {one.crew_id for one in in_time if one.neighbour}
    chosen = choose(need, candidates).crew_id
    if home:
        assert chosen in home
    elif near:
        assert chosen in near
    elif in_time:
        assert chosen in {one.crew_id for one in in_time}


@given(needs, crew_lists())
def test_when_nobody_is_in_time_the_fastest_goes(need, crews):
    candidates = assess(need, crews, now=NOW)
    free = [one for one in candidates if one.excluded_by is None]
    choice = choose(need, candidates)
    if choice.rule is Rule.FASTEST:
        soonest = min(one.eta_seconds for one in free)
        assert soonest in {one.eta_seconds for one in free if one.crew_id == choice.crew_id}


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


@given(rounds(), st.randoms(use_true_random=False))
def test_a_plan_answers_every_ticket_once_and_uses_no_crew_twice(drawn, random):
    tickets, crews = drawn
    weighed = {need.ticket_id: assess(need, crews, now=NOW) for need in tickets}
    planned = plan(tickets, weighed)
    assert sorted(ticket for ticket, _ in planned) == sorted(weighed)
    sent = [choice.crew_id for _, choice in planned if choice.crew_id is not None]
    assert len(sent) == len(set(sent))
    assert plan(random.sample(tickets, len(tickets)), weighed) == planned


@given(rounds())
def test_a_plan_leaves_no_ticket_waiting_while_a_crew_that_may_take_it_is_idle(drawn):
    tickets, crews = drawn
    weighed = {need.ticket_id: assess(need, crews, now=NOW) for need in tickets}
    planned = plan(tickets, weighed)
    sent = {choice.crew_id for _, choice in planned}
    for ticket, choice in planned:
        if choice.crew_id is None:
            free = {one.crew_id for one in weighed[ticket] if one.excluded_by is None}
            assert free <= sent


@pytest.mark.parametrize(
    ("candidates", "crew_id", "rule", "why"),
    [
        (
            [one(1, 20, kind="home"), one(2, 3, kind="neighbour"), one(3, 1)],
            1,
            Rule.HOME,
            "The home team goes first, and it makes the circle",
        ),
        (
            [one(1, 31, kind="home"), one(2, 25, kind="neighbour"), one(3, 1)],
            2,
            Rule.NEIGHBOUR,
            "Neighbouring team: the home team cannot make the circle",
        ),
        (
            [one(1, 5, kind="home", excluded_by="committed"), one(2, 25, kind="neighbour")],
            2,
            Rule.NEIGHBOUR,
            "Neighbouring team: no crew of the home team may go now",
        ),
        (
            [one(1, 31, kind="home"), one(2, 32, kind="neighbour"), one(3, 29), one(4, 30)],
            3,
            Rule.OTHER,
            "Neither the home team nor a neighbour can go in time; this crew can",
        ),
        (
            [one(1, 50, kind="home"), one(2, 41, kind="neighbour"), one(3, 40)],
            3,
            Rule.FASTEST,
            "No crew can make the circle; this one is the fastest",
        ),
    ],
)
def test_the_order_of_teams(candidates, crew_id, rule, why):
    choice = choose(NEED, candidates)
    assert (choice.crew_id, choice.rule) == (crew_id, rule)
    assert words(choice)[0] == why
    assert words(choice)[1].endswith("min away")


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
    choice = choose(need, [one(1, 90, kind="home", due=None), one(2, 1, due=None)])
    assert choice.crew_id == 1
    assert words(choice)[0] == "The home team goes first; no time of arrival was promised"


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


def test_the_most_urgent_ticket_chooses_first():
    routine = replace(NEED, ticket_id=1, level=Level.STANDARD, arrive_due_at=NOW)
    burst = replace(NEED, ticket_id=2, level=Level.EMERGENCY)
    weighed = {1: [one(7, 5, kind="home")], 2: [one(7, 25, kind="home")]}
    assert [(ticket, choice.crew_id) for ticket, choice in plan([routine, burst], weighed)] == [
        (2, 7),
        (1, None),
    ]


def test_within_a_level_the_earlier_promise_then_the_older_ticket_chooses_first():
    no_promise = replace(NEED, ticket_id=1, arrive_due_at=None)
    younger = replace(NEED, ticket_id=2, received_at=NOW)
    older = replace(NEED, ticket_id=3, received_at=NOW - timedelta(minutes=5))
    sooner = replace(NEED, ticket_id=4, arrive_due_at=NOW + timedelta(minutes=5))
    planned = plan([no_promise, younger, older, sooner], {})
    assert [ticket for ticket, _ in planned] == [4, 3, 2, 1]
