"""Does each rule of thumb send whom it says, and never change its mind?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.desk_rules import fifo, home, nearest
from dispatch.domain.outlook import NOBODY, Outlook

RULES = (home, fifo, nearest)


def outlook(drive, waited, **given: object):
    """Return an instant in which every crew is idle, may go anywhere, and is at home everywhere."""
    drive = np.array(drive, dtype=float)
    tickets, crews = drive.shape
    facts = {
        "may_go": np.ones((tickets, crews), dtype=bool),
        "home": np.ones((tickets, crews), dtype=bool),
        "slack": 1800.0 - np.array(waited, dtype=float),
        "weight": np.ones(tickets),
        "work": np.full(tickets, 2700.0),
        "heading": np.full(crews, NOBODY),
        "can_turn": np.ones(crews, dtype=bool),
        "on_site": np.full(crews, np.nan),
        "repair_mean": np.full(crews, 2700.0),
        "repair_sigma": np.full(crews, 0.6),
    }
    named = {name: np.array(value) for name, value in given.items()}
    return Outlook(drive=drive, waited=np.array(waited, dtype=float), **(facts | named))


def test_the_oldest_ticket_takes_its_nearest_crew_first():
    # The crew is closer to the newer ticket, which waits all the same.
    seen = outlook([[600.0, 900.0], [60.0, 800.0]], [300.0, 10.0])
    assert fifo(seen).tolist() == [0, 1]


def test_the_closest_pair_goes_first():
    seen = outlook([[600.0, 900.0], [60.0, 800.0]], [300.0, 10.0])
    assert nearest(seen).tolist() == [1, 0]


def test_home_sends_nobody_from_another_team():
    seen = outlook([[60.0, 600.0]], [0.0], home=[[False, True]])
    assert home(seen).tolist() == [NOBODY, 0]
    assert home(outlook([[60.0]], [0.0], home=[[False]])).tolist() == [NOBODY]


@pytest.mark.parametrize("rule", RULES)
def test_nobody_goes_who_may_not_or_cannot(rule):
    assert rule(outlook([[60.0]], [0.0], may_go=[[False]])).tolist() == [NOBODY]
    assert rule(outlook([[np.nan]], [0.0])).tolist() == [NOBODY]


@pytest.mark.parametrize("rule", RULES)
def test_a_crew_that_is_sent_stays_sent(rule):
    # The crew stands beside the second ticket and drives to the first.
    seen = outlook([[600.0], [1.0]], [10.0, 300.0], heading=[0])
    assert rule(seen).tolist() == [0]


@pytest.mark.parametrize("rule", RULES)
def test_a_working_crew_is_left_alone(rule):
    seen = outlook([[1.0, 500.0]], [0.0], on_site=[60.0, np.nan])
    assert rule(seen).tolist() == [NOBODY, 0]


@pytest.mark.parametrize("rule", RULES)
def test_without_crews_or_tickets_nothing_is_sent(rule):
    assert rule(outlook(np.zeros((0, 2)), [])).tolist() == [NOBODY, NOBODY]
    assert rule(outlook(np.zeros((2, 0)), [1.0, 2.0])).tolist() == []


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
def test_each_ticket_gets_one_crew_and_nobody_waits_beside_a_free_one(tickets, crews, seed):
    made = np.random.default_rng(seed)
    seen = outlook(made.random((tickets, crews)) * 1000, made.random(tickets) * 1000)
    for rule in RULES:
        plan = rule(seen)
        sent = plan[plan != NOBODY]
        assert len(set(sent.tolist())) == len(sent) == min(tickets, crews)
