"""Does every crew get its due: the right rule, the right time, and words for both?"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.candidates import HARD_RULES, assess, is_able
from dispatch.domain.crew_fit import Area, Kit, missing_part, outside_area, wrong_vehicle
from dispatch.domain.sentences import Sentence
from dispatch.domain.travel import Leg, great_circle_legs
from tests.crews import CREW, NEED, NOW, crew_lists, needs


def may_go(need, crew, candidate):
    """State the hard rules a second time, in one breath."""
    done_at = (candidate.arrives_at or NOW) + timedelta(minutes=need.expected_work_minutes)
    return (
        crew.on_shift
        and (need.skill is None or need.skill in crew.skills)
        and not wrong_vehicle(need.kit, crew.vehicle_class)
        and missing_part(need.kit, crew.carries) is None
        and not outside_area(
            crew.area, crew.team_id, grid_id=need.grid_id, owning_team_id=need.owning_team_id
        )
        and (crew.shift_ends_at is None or done_at <= crew.shift_ends_at)
        and crew.active_visits == 0
        and not (crew.busy_until and crew.busy_until > NOW)
        and not crew.declined
        and (crew.home_team if need.point is None else crew.position is not None)
    )


def only(need=NEED, crew=CREW, drive=great_circle_legs):
    (candidate,) = assess(need, [crew], now=NOW, drive=drive)
    return candidate


def words(candidate):
    return [str(reason) for reason in candidate.reasons]


def flat_drive(seconds, metres=5000.0):
    return lambda _to, origins: [Leg(metres, seconds, "road")] * len(origins)


@given(needs, crew_lists())
def test_a_crew_may_go_exactly_when_it_breaks_no_hard_rule(need, crews):
    by_id = {crew.crew_id: crew for crew in crews}
    for candidate in assess(need, crews, now=NOW):
        allowed = may_go(need, by_id[candidate.crew_id], candidate)
        assert (candidate.excluded_by is None) == allowed


@given(needs, crew_lists())
def test_every_crew_is_weighed_once_with_reasons_that_survive_storage(need, crews):
    candidates = assess(need, crews, now=NOW)
    assert sorted(one.crew_id for one in candidates) == [crew.crew_id for crew in crews]
    for candidate in candidates:
        assert candidate.reasons
        for reason in candidate.reasons:
            stored = json.loads(json.dumps(reason.as_json()))
            assert Sentence.from_json(stored) == reason
            assert "%(" not in str(reason)


@given(needs, crew_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_crews_does_not_matter(need, crews, random):
    shuffled = random.sample(crews, len(crews))
    assert assess(need, shuffled, now=NOW) == assess(need, crews, now=NOW)


@given(needs, crew_lists())
def test_those_that_may_go_come_first_the_soonest_first(need, crews):
    candidates = assess(need, crews, now=NOW)
    excluded = [one.excluded_by is not None for one in candidates]
    assert excluded == sorted(excluded)
    etas = [one.eta_seconds or 0 for one in candidates if one.excluded_by is None]
    assert etas == sorted(etas)


@given(needs, crew_lists())
def test_arrival_promise_and_drive_agree(need, crews):
    for one in assess(need, crews, now=NOW):
        assert (one.eta_seconds is None) == (one.arrives_at is None) == (one.metres is None)
        if one.arrives_at is None or need.arrive_due_at is None:
            assert one.makes_promise is None
        else:
            assert one.arrives_at == NOW + timedelta(seconds=one.eta_seconds)
            assert one.makes_promise == (one.arrives_at <= need.arrive_due_at)


def test_a_home_crew_in_time_reads_plainly():
    candidate = only(drive=flat_drive(11.4 * 60))
    assert candidate.excluded_by is None
    assert candidate.makes_promise is True
    assert candidate.metres == 5000
    assert words(candidate) == [
        "Home team of this grid",
        "12 min away, arrives 18 min before the promise",
        "Drive by road, give or take 3 min",
        "Chance to be in time: 100 of 100",
        "Has the skill Mains",
        "Visits this shift: 0",
        "On shift until 2026-01-05 14:00:00+00:00",
    ]
    assert (candidate.chance, candidate.eta_source) == (pytest.approx(1, abs=1e-6), "road")


def test_the_embedded_source_is_named_in_words():
    assert "Drive by the straight line, give or take 1 min" in words(only())


@pytest.mark.parametrize(
    ("drive", "spread", "chance"),
    [(30, 0.3, 0.5), (30, 0.0, 1.0), (31, 0.0, 0.0), (0, 0.3, 1.0), (60, 0.3, 0.0478)],
)
def test_the_chance_follows_the_error_of_the_drive(drive, spread, chance):
    leg = Leg(5000, drive * 60, "road", spread)
    candidate = only(drive=lambda _to, origins: [leg] * len(origins))
    assert candidate.chance == pytest.approx(chance, abs=0.001)


def test_the_end_of_an_endless_shift_is_not_said():
    said = words(only(crew=replace(CREW, shift_ends_at=None)))
    assert not any(text.startswith("On shift until") for text in said)


def test_a_late_crew_says_by_how_much():
    candidate = only(drive=flat_drive(40.5 * 60))
    assert candidate.makes_promise is False
    assert words(candidate)[1] == "41 min away, arrives 11 min after the promise"


def test_arriving_on_the_second_makes_the_promise():
    candidate = only(drive=flat_drive(30 * 60))
    assert candidate.makes_promise is True
    assert words(candidate)[1] == "30 min away, arrives 0 min before the promise"


def test_without_a_promise_only_the_drive_is_said():
    candidate = only(replace(NEED, arrive_due_at=None), drive=flat_drive(600))
    assert candidate.makes_promise is None
    assert words(candidate)[1] == "10 min away"


@pytest.mark.parametrize(
    ("change", "rule", "sentence"),
    [
        ({"on_shift": False}, "shift", "Off shift"),
        ({"skills": frozenset()}, "skill", "Lacks the skill Mains"),
        (
            {"shift_ends_at": NOW + timedelta(minutes=54)},
            "shift_end",
            "Shift ends in 54 min, too soon to get there and finish",
        ),
        (
            {"shift_ends_at": NOW - timedelta(minutes=3)},
            "shift_end",
            "Shift ends in 0 min, too soon to get there and finish",
        ),
        ({"active_visits": 1}, "committed", "On another ticket"),
        (
            {"active_visits": 1, "busy_until": NOW + timedelta(seconds=601)},
            "committed",
            "On another ticket for about 11 min more",
        ),
        ({"declined": True}, "declined", "Declined this ticket or was taken off it before"),
        ({"vehicle_class": "van"}, "vehicle", "Needs an excavator; Yuelu 1 has a van"),
        (
            {"carries": frozenset({"clamps_150", "meters"})},
            "parts",
            "Needs clamps up to DN300; Yuelu 1 carries none",
        ),
        (
            {"area": Area("Blue Pipe", frozenset({7}), ("North",))},
            "area",
            "Blue Pipe works only in North",
        ),
        ({"position": None}, "position", "No position and no base known"),
    ],
)
def test_each_hard_rule_excludes_and_says_so_first(change, rule, sentence):
    need = replace(NEED, kit=Kit("excavator", ("clamps_300",)), grid_id=5)
    candidate = only(need, replace(CREW, **change), drive=flat_drive(600))
    assert candidate.excluded_by == rule
    assert words(candidate)[0] == sentence


@given(needs, crew_lists())
def test_a_crew_that_may_go_is_able_to(need, crews):
    by_id = {crew.crew_id: crew for crew in crews}
    able = {one.crew_id: is_able(by_id[one.crew_id], need) for one in assess(need, crews, now=NOW)}
    for one in assess(need, crews, now=NOW):
        assert able[one.crew_id] == (
            not {"skill", "vehicle", "parts", "area"} & set(_broken(need, by_id[one.crew_id]))
        )


def _broken(need, crew):
    """Name the rules that a crew breaks when only what it is counts."""
    plain = replace(
        crew, on_shift=True, shift_ends_at=None, busy_until=None, active_visits=0, declined=False,
        home_team=True, position=NEED.point,
    )  # fmt: skip
    candidate = only(need, plain)
    return [candidate.excluded_by] if candidate.excluded_by else []


def test_what_is_not_recorded_excludes_nobody_and_is_said():
    candidate = only(replace(NEED, kit=Kit("truck", ("valves",))))
    assert candidate.excluded_by is None
    said = words(candidate)
    assert "Its vehicle is not recorded; a truck is needed" in said
    assert "What it carries is not recorded; needed: valves" in said
    assert not any("not recorded" in text for text in words(only()))


def test_the_crew_that_knows_the_household_says_so():
    need = replace(NEED, last_crew_id=CREW.crew_id, last_visit_at=NOW - timedelta(days=9))
    assert only(need).knows
    assert "Knows this household: last there on 2025-12-27 08:00:00+00:00" in words(only(need))
    other = only(replace(need, last_crew_id=99))
    assert not other.knows
    assert not any("household" in text for text in words(other))


@pytest.mark.parametrize(
    ("visits", "mean", "extra", "sentence"),
    [
        (5, None, 0.0, "Visits this shift: 5"),
        (5, 4.5, 0.5, "Visits this shift: 5"),
        (5, 3.25, 1.75, "Visits this shift: 5; the crews on duty have 3.2 in the mean"),
        (0, 8.0, -3.0, "Visits this shift: 0; the crews on duty have 8.0 in the mean"),
        (9, 1.0, 3.0, "Visits this shift: 9; the crews on duty have 1.0 in the mean"),
    ],
)
def test_visits_are_held_against_those_of_the_other_crews(visits, mean, extra, sentence):
    candidate = only(crew=replace(CREW, visits_this_shift=visits, mean_visits=mean))
    assert candidate.extra_visits == extra
    assert sentence in words(candidate)


def test_nobody_checks_their_own_work():
    need = replace(NEED, repaired_by=frozenset({CREW.crew_id}))
    candidate = only(need, replace(CREW, declined=True))
    assert candidate.excluded_by == "checker"
    assert words(candidate)[0] == "Did the repair that is now to be checked; another crew goes"
    assert "Declined this ticket or was taken off it before" not in words(candidate)


def test_a_shift_that_ends_as_the_work_does_is_long_enough():
    crew = replace(CREW, shift_ends_at=NOW + timedelta(minutes=55))
    assert only(crew=crew, drive=flat_drive(600)).excluded_by is None


def test_a_crew_that_was_busy_until_now_is_free():
    assert only(crew=replace(CREW, busy_until=NOW)).excluded_by is None


def test_a_skill_the_utility_added_is_named_by_its_key():
    assert words(only(replace(NEED, skill="diving")))[0] == "Lacks the skill diving"


def test_the_first_rule_broken_names_the_exclusion_and_all_are_said():
    crew = replace(CREW, on_shift=False, declined=True, active_visits=1)
    candidate = only(crew=crew)
    assert candidate.excluded_by == "shift"
    assert words(candidate)[:3] == [
        "Off shift",
        "On another ticket",
        "Declined this ticket or was taken off it before",
    ]


def test_without_a_place_only_the_home_team_may_go():
    unplaced = replace(NEED, point=None)
    home = only(unplaced, replace(CREW, position=None))
    assert home.excluded_by is None
    assert home.eta_seconds is None
    assert words(home)[1] == "Arrival time unknown: the place is not known yet"
    assert only(unplaced, replace(CREW, home_team=False)).excluded_by == "place"


def test_an_old_position_is_named_and_still_counts():
    candidate = only(crew=replace(CREW, position_age_seconds=14 * 60 + 30))
    assert candidate.excluded_by is None
    assert words(candidate)[-1] == (
        "Position is 14 min old; it may be 4 min of driving from there by now"
    )


@pytest.mark.parametrize("age", [None, 0, 300])
def test_a_fresh_position_needs_no_remark(age):
    said = words(only(crew=replace(CREW, position_age_seconds=age)))
    assert not any("osition" in text for text in said)


def test_the_chance_falls_with_the_age_of_the_position_and_its_drive_counts_longer():
    ages = [None, 300, 360, 900, 3600, 7200]
    found = [
        only(crew=replace(CREW, position_age_seconds=age), drive=flat_drive(25 * 60))
        for age in ages
    ]
    chances = [one.chance for one in found]
    etas = [one.eta_seconds for one in found]
    assert chances[0] == chances[1]
    assert chances[1:] == sorted(set(chances[1:]), reverse=True)
    assert etas[1:] == sorted(etas[1:])
    assert etas[-1] == pytest.approx(math.hypot(1500, 600 * math.sqrt(115 / 60)), abs=1)


def test_of_two_equal_crews_the_one_that_was_seen_last_comes_first():
    fresh, old = replace(CREW, crew_id=8), replace(CREW, crew_id=3, position_age_seconds=2400)
    assert [one.crew_id for one in assess(NEED, [old, fresh], now=NOW)] == [8, 3]


def test_a_crew_counted_from_its_base_says_so():
    crew = replace(CREW, position_source="base", position_age_seconds=None)
    assert words(only(crew=crew))[-1] == "No position; counted from the base"


def test_a_position_too_old_to_count_is_named_with_its_age():
    crew = replace(CREW, position_source="base", position_age_seconds=130 * 60)
    assert words(only(crew=crew))[-1] == "Position is 130 min old; counted from the base"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"home_team": False, "neighbour_team": True}, "Neighbouring team"),
        ({"home_team": False}, "Team of another area"),
    ],
)
def test_the_kind_of_team_is_said(change, sentence):
    assert words(only(crew=replace(CREW, **change)))[0] == sentence


@pytest.mark.parametrize(
    "leg",
    [
        Leg(5000, math.nan, "road"),
        Leg(5000, math.inf, "road"),
        Leg(5000, -1, "road"),
        Leg(math.nan, 60, "road"),
    ],
)
def test_a_road_source_without_an_answer_falls_back_to_the_straight_line(leg):
    assert only(drive=lambda _to, origins: [leg] * len(origins)) == only()


def test_a_local_time_across_a_clock_change_is_counted_in_real_minutes():
    zone = ZoneInfo("America/New_York")
    before = datetime(2026, 3, 8, 1, 50, tzinfo=zone)
    need = replace(NEED, arrive_due_at=datetime(2026, 3, 8, 3, 20, tzinfo=zone))
    crew = replace(CREW, shift_ends_at=datetime(2026, 3, 8, 4, 0, tzinfo=zone))
    (candidate,) = assess(need, [crew], now=before, drive=flat_drive(1200))
    assert candidate.arrives_at == datetime(2026, 3, 8, 7, 10, tzinfo=UTC)
    assert words(candidate)[1] == "20 min away, arrives 10 min before the promise"


def test_each_rule_has_its_own_name_and_its_own_count():
    names = [rule.name for rule in HARD_RULES]
    assert len(set(names)) == len(names)
    assert all("%(count)s" in rule.counted for rule in HARD_RULES)


def test_no_crews_make_no_candidates():
    assert assess(NEED, [], now=NOW) == []


def test_of_a_crew_that_may_not_go_it_is_not_said_how_early_it_would_be_there():
    candidate = only(crew=replace(CREW, on_shift=False), drive=flat_drive(600))
    assert candidate.chance is None
    assert "10 min away" in words(candidate)
    assert not any("before the promise" in text or "Chance" in text for text in words(candidate))
