"""Is each of the five ones counted over the tickets that can show it?"""

from __future__ import annotations

import pytest

from dispatch.domain.five_ones import five_ones
from dispatch.domain.samples import Share
from dispatch.domain.stories import VisitStory
from tests.domain.story_samples import after, fixed, story, worked_example

NOW = after(days=60)
YES, NO, NO_DATA = Share(1, 1), Share(0, 1), Share(0, 0)
GOOD = {"contacts_by_reporter": 1, "teams": 1, "reports": 1}


def test_the_worked_example_has_one_arrival_and_not_one_team():
    found = five_ones([worked_example()], NOW)
    assert (found.one_arrival, found.one_team) == (YES, NO)
    assert (found.one_call, found.one_ticket, found.one_fix) == (YES, YES, YES)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"contacts_by_reporter": 2}, "one_call"),
        ({"duplicates": 1}, "one_ticket"),
        ({"teams": 2}, "one_team"),
        ({"reopened": 1}, "one_fix"),
    ],
)
def test_each_one_fails_alone(facts, name):
    found = five_ones([fixed(**(GOOD | facts))], NOW)
    shares = {key: getattr(found, key) for key in found.as_json()}
    assert shares == dict.fromkeys(shares, YES) | {name: NO}


def test_two_arrivals_are_not_one():
    twice = (VisitStory(arrived_at=after(1), ended_at=after(2)), VisitStory(arrived_at=after(3)))
    assert five_ones([fixed(visits=twice)], NOW).one_arrival == NO


def test_a_follower_at_the_household_is_a_second_ticket():
    another = story(received_at=after(days=3), household="H1")
    assert five_ones([fixed(**GOOD), another], NOW).one_ticket == NO


def test_many_reporters_of_one_fault_are_still_one_call_each():
    assert five_ones([fixed(**(GOOD | {"reports": 9}))], NOW).one_call == YES


def test_what_an_import_cannot_know_is_no_data():
    found = five_ones([fixed(imported=True, **GOOD)], NOW)
    assert (found.one_call, found.one_ticket, found.one_team) == (NO_DATA, NO_DATA, NO_DATA)
    assert (found.one_arrival, found.one_fix) == (YES, YES)


@pytest.mark.parametrize(
    "facts", [{"closed_at": None}, {"outcome": "duplicate"}, {"kind": "inspection"}]
)
def test_other_tickets_are_left_out(facts):
    found = five_ones([fixed(**(GOOD | facts))], NOW)
    assert all(one == {"rate": None, "hits": 0, "n": 0} for one in found.as_json().values())


def test_a_flagged_ticket_cannot_show_that_nothing_followed():
    one = fixed(**GOOD, flags=frozenset({"closes_before_opening"}))
    found = five_ones([one], NOW)
    assert (found.one_ticket, found.one_call, found.one_fix) == (NO_DATA, YES, NO_DATA)
