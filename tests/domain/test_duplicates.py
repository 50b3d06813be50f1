"""Are two reports of one fault found alike, and two faults kept apart?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.duplicates import (
    CATEGORY_SHARE,
    INDOORS,
    MAIN_FAULTS,
    PLACE_SHARE,
    RADIUS_METRES,
    TEXT_SHARE,
    TIME_SHARE,
    Reported,
    age_sentence,
    likeness,
    suggest_from,
    suggestions,
    text_overlap,
)
from dispatch.domain.place import Point
from dispatch.domain.sentences import Sentence

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HERE = Point(28.2, 113.0)
METRE_NORTH = 1 / 111_195

NEW = Reported(
    category="leak",
    received_at=NOW,
    point=HERE,
    text="小区门口水管漏水",
)
OPEN = replace(NEW, ticket_id=7, received_at=NOW - timedelta(minutes=20))

reports = st.builds(
    Reported,
    category=st.sampled_from(["burst", "leak", "no_water", "meter_leak", "other", None]),
    received_at=st.integers(0, 10_000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    ticket_id=st.integers(1, 50),
    point=st.none() | st.builds(Point, st.floats(28.19, 28.21), st.floats(112.99, 113.01)),
    text=st.text(max_size=30) | st.sampled_from(["水管漏水", "no water in the flat", "楼上没水"]),
    household_id=st.none() | st.integers(1, 3),
    address=st.sampled_from(["", "芙蓉路8号", "Furong Road 8", "Furong Road"]),
    phones=st.frozensets(st.sampled_from(["13800005678", "13800005679"])),
)


def north(metres):
    return Point(HERE.lat + metres * METRE_NORTH, HERE.lon)


def words(found):
    return [str(reason) for reason in found.reasons]


def test_the_shares_add_up_to_one():
    assert pytest.approx(1) == PLACE_SHARE + CATEGORY_SHARE + TIME_SHARE + TEXT_SHARE


def test_only_categories_that_exist_have_a_radius_or_a_relation():
    assert set(RADIUS_METRES) | MAIN_FAULTS | INDOORS <= {rule.key for rule in CATEGORIES}


@given(reports, reports)
def test_a_score_is_between_nought_and_one_with_reasons_that_survive_storage(new, existing):
    found = likeness(new, existing, now=NOW)
    assert 0 <= found.score <= 1
    assert found.ticket_id == existing.ticket_id
    assert found.reasons
    for reason in found.reasons:
        assert Sentence.from_json(json.loads(json.dumps(reason.as_json()))) == reason
        assert "%(" not in str(reason)


@given(reports, reports)
def test_likeness_is_the_same_both_ways(one, other):
    there, back = likeness(one, other, now=NOW), likeness(other, one, now=NOW)
    assert there.score == pytest.approx(back.score, abs=1e-6)


@given(reports, st.lists(reports, max_size=12), st.integers(0, 5))
def test_suggestions_are_the_best_of_all_comparisons(new, others, limit):
    found = suggestions(new, others, now=NOW, limit=limit)
    compared = [
        (likeness(new, one, now=NOW).score, suggest_from(new.category, one.category))
        for one in others
        if one.ticket_id != new.ticket_id
    ]
    likely = sorted((score for score, least in compared if score >= least), reverse=True)
    assert [one.score for one in found] == pytest.approx(likely[:limit])


def test_the_same_fault_told_twice_scores_near_one():
    found = likeness(NEW, OPEN, now=NOW)
    assert found.score > 0.99
    assert found.metres == 0
    assert words(found) == [
        "0 m away",
        "Same category",
        "Reported 20 min ago",
        "The words agree to 100 %",
    ]


def test_beyond_the_radius_nothing_else_matters():
    found = likeness(NEW, replace(OPEN, point=north(260)), now=NOW)
    assert found.score == 0
    assert words(found) == ["260 m away, too far to be the same fault"]


@pytest.mark.parametrize(
    ("new", "existing", "metres", "near"),
    [
        ("leak", "leak", 240, True),
        ("leak", "leak", 260, False),
        ("leak", "burst", 490, True),
        ("burst", "burst", 510, False),
        ("meter_leak", "meter_leak", 40, True),
        ("meter_leak", "meter_leak", 60, False),
    ],
)
def test_each_category_has_its_radius_and_the_wider_one_holds(new, existing, metres, near):
    other = replace(OPEN, category=existing, point=north(metres))
    assert (likeness(replace(NEW, category=new), other, now=NOW).score > 0) == near


def test_nearer_is_likelier():
    scores = [
        likeness(NEW, replace(OPEN, point=north(far)), now=NOW).score for far in (0, 50, 150, 249)
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_a_dry_tap_is_laid_to_an_open_burst_anywhere_in_its_radius():
    dry = replace(NEW, category="no_water", text="")
    burst = replace(OPEN, category="burst", point=north(480))
    (found,) = suggestions(dry, [burst], now=NOW)
    assert words(found) == [
        "480 m away",
        "The burst main can be the cause",
        "Reported 20 min ago",
    ]
    assert suggestions(dry, [replace(burst, category="leak", point=north(240))], now=NOW) == []


def test_a_leak_beside_an_open_burst_is_suggested_as_related():
    found = suggestions(replace(NEW, text=""), [replace(OPEN, category="burst")], now=NOW)
    assert words(found[0])[:2] == ["0 m away", "Related category"]


def test_another_kind_of_fault_has_no_sentence_about_category():
    found = likeness(NEW, replace(OPEN, category="meter_leak", text=""), now=NOW)
    assert words(found) == ["0 m away", "Reported 20 min ago"]


def test_the_same_household_counts_as_the_same_place_however_far_the_pin():
    there = replace(OPEN, household_id=3, point=north(900))
    found = likeness(replace(NEW, household_id=3), there, now=NOW)
    assert words(found)[0] == "Same household"
    assert found.score > 0.99


def test_what_the_caller_told_of_before_does_not_grow_old():
    there = replace(OPEN, phones=frozenset({"13800005678"}), text="", point=None)
    old = replace(there, received_at=NOW - timedelta(days=5), category="bill")
    caller = replace(NEW, phones=frozenset({"13800005678"}), category=None, point=None)
    (found,) = suggestions(caller, [old, OPEN], now=NOW, limit=1)
    assert words(found) == ["Same telephone number", "Reported 5 days ago"]
    assert found.metres is None


def test_what_is_near_is_suggested_before_a_category_is_chosen():
    near, far = replace(OPEN, point=north(50)), replace(OPEN, ticket_id=8, point=north(200))
    found = suggestions(replace(NEW, category=None, text=""), [far, near], now=NOW)
    assert [one.ticket_id for one in found] == [7]
    assert words(found[0]) == ["50 m away", "Reported 20 min ago"]


def test_next_door_indoors_needs_more_than_in_the_street():
    for category, suggested in (("no_water", False), ("leak", True)):
        other = replace(OPEN, category=category, point=north(125), text="")
        other = replace(other, received_at=NOW - timedelta(hours=24))
        found = suggestions(replace(NEW, category=category), [other], now=NOW)
        assert bool(found) == suggested


def test_the_same_address_stands_for_the_same_place_where_a_point_is_missing():
    there = replace(OPEN, point=None, address="Furong Road, 8", text="")
    found = likeness(replace(NEW, address="furong  road 8"), there, now=NOW)
    assert words(found)[0] == "Same address"
    street = replace(there, address="Furong Road")
    found = likeness(replace(NEW, address="Furong Road"), street, now=NOW)
    assert words(found)[0] == "Distance unknown: one of the places is not known yet"


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (-3, "Reported 0 min ago"),
        (119, "Reported 119 min ago"),
        (120, "Reported 2 h ago"),
        (47 * 60, "Reported 47 h ago"),
        (48 * 60, "Reported 2 days ago"),
    ],
)
def test_an_age_is_said_in_the_unit_that_a_person_would_choose(minutes, sentence):
    assert str(age_sentence(timedelta(minutes=minutes))) == sentence


def test_without_a_place_only_matching_words_bring_a_suggestion():
    unplaced = replace(NEW, point=None)
    alike, unlike = OPEN, replace(OPEN, ticket_id=8, text="水表不转")
    found = suggestions(unplaced, [unlike, alike], now=NOW)
    assert [one.ticket_id for one in found] == [7]
    assert found[0].metres is None
    assert words(found[0])[0] == "Distance unknown: one of the places is not known yet"


def test_a_ticket_without_a_place_is_still_compared():
    assert suggestions(NEW, [replace(OPEN, point=None)], now=NOW)[0].ticket_id == 7


def test_an_old_open_leak_at_the_same_spot_is_still_suggested():
    old = replace(OPEN, received_at=NOW - timedelta(days=9), text="")
    assert suggestions(NEW, [old], now=NOW)[0].ticket_id == 7


def test_a_ticket_is_never_suggested_for_itself():
    assert suggestions(OPEN, [OPEN], now=NOW) == []


def test_the_best_come_first_and_no_more_than_asked():
    others = [replace(OPEN, ticket_id=n, point=north(n * 10)) for n in range(10, 0, -1)]
    found = suggestions(NEW, others, now=NOW, limit=3)
    assert [one.ticket_id for one in found] == [1, 2, 3]


def test_without_open_tickets_there_is_nothing_to_suggest():
    assert suggestions(NEW, [], now=NOW) == []


def test_a_report_dated_after_now_is_not_said_to_come_from_the_future():
    late = replace(OPEN, received_at=NOW + timedelta(minutes=3))
    assert "Reported 0 min ago" in words(likeness(NEW, late, now=NOW))


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("", "", 0),
        ("漏水", "", 0),
        ("漏水", "漏水", 1),
        ("水管漏水", "漏水了", 0.4),
        ("漏", "漏", 1),
        ("No water!", "no WATER", 1),
        ("Ｎｏ　ｗａｔｅｒ", "no water", 1),
        ("water main broken", "water meter stuck", 1 / 3),
        ("5栋漏水", "5栋停水", 1 / 3),
    ],
)
def test_words_overlap(one, other, overlap):
    assert text_overlap(one, other) == pytest.approx(overlap)
