"""Is each resident promised what the policy says, from the call on?"""

import copy
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.budgets import Budget
from dispatch.domain.errors import Invalid
from dispatch.domain.service_policy import (
    CLOCK_NAMES,
    DEFAULT_POLICY,
    LEVEL_NAMES,
    STARTS_AT_RECEIPT,
    ZONE_NAMES,
    ArriveTargets,
    ClockKind,
    Level,
    LevelTargets,
    ServicePolicy,
    Zone,
    due_at,
    dues_for,
    targets_for,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 3, 4, 23, tzinfo=SHANGHAI)
BOSTON_POLICY = replace(DEFAULT_POLICY, calendar=replace(DEFAULT_POLICY.calendar, zone=BOSTON))
INSTANTS = st.datetimes(
    min_value=datetime(2015, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
    max_value=datetime(2026, 12, 31),  # noqa: DTZ001  Hypothesis adds the zone
    timezones=st.sampled_from([UTC, BOSTON, SHANGHAI]),
)


def promised(level, *, zone=Zone.TOWN, in_circle=False, at=NOON, pipe_mm=None):
    return targets_for(
        DEFAULT_POLICY,
        level=level,
        zone=zone,
        in_circle=in_circle,
        received_at=at,
        pipe_mm=pipe_mm,
    )


def minutes(level, **place: object):
    return {kind.value: budget.minutes for kind, budget in promised(level, **place).items()}


def test_the_default_policy_is_the_published_table():
    day = 24 * 60
    assert minutes(Level.EMERGENCY) == {
        "dispatch": 5,
        "acknowledge": 5,
        "call_back": 10,
        "arrive": 30,
        "restore": 240,
        "repair": day,
        "follow_up": day,
    }
    assert minutes(Level.URGENT) == {
        "dispatch": 10,
        "acknowledge": 10,
        "call_back": 10,
        "arrive": 60,
        "restore": 240,
        "repair": day,
        "follow_up": day,
    }
    assert minutes(Level.STANDARD) == {
        "dispatch": 10,
        "acknowledge": 30,
        "call_back": 30,
        "arrive": 120,
        "repair": day,
        "follow_up": day,
    }
    assert promised(Level.ENQUIRY) == {
        ClockKind.DISPATCH: Budget(minutes=30),
        ClockKind.CALL_BACK: Budget(same_working_day=True),
        ClockKind.REPAIR: Budget(working_days=3),
        ClockKind.FOLLOW_UP: Budget(minutes=day),
    }
    assert DEFAULT_POLICY.ladder == (0.5, 0.8, 1.0, 1.5)
    assert DEFAULT_POLICY.circle_minutes == 30


@pytest.mark.parametrize(
    ("level", "zone", "in_circle", "at", "arrive"),
    [
        (1, Zone.TOWN, False, NOON, 30),
        (1, Zone.SUBURB, True, NOON, 50),
        (1, Zone.TOWN, False, NIGHT, 30),
        (2, Zone.TOWN, True, NOON, 30),
        (2, Zone.SUBURB, True, NOON, 30),
        (2, Zone.SUBURB, False, NOON, 60),
        (2, Zone.TOWN, True, NIGHT, 90),
        (2, Zone.SUBURB, False, NIGHT, 90),
        (3, Zone.TOWN, True, NIGHT, 120),
        (3, Zone.SUBURB, False, NOON, 120),
    ],
)
def test_the_arrival_promise_depends_on_level_place_and_time(level, zone, in_circle, at, arrive):
    assert minutes(Level(level), zone=zone, in_circle=in_circle, at=at)["arrive"] == arrive


@pytest.mark.parametrize(
    ("level", "pipe_mm", "hours"), [(1, None, 24), (1, 99, 24), (1, 100, 48), (2, 300, 24)]
)
def test_a_large_main_has_longer_to_be_repaired(level, pipe_mm, hours):
    assert minutes(Level(level), pipe_mm=pipe_mm)["repair"] == hours * 60


@pytest.mark.parametrize(
    ("hour", "minute", "is_night"),
    [(21, 59, False), (22, 0, True), (0, 0, True), (5, 59, True), (6, 0, False)],
)
def test_the_night_goes_by_the_utilitys_own_clock(hour, minute, is_night):
    local = datetime(2026, 3, 4, hour, minute, tzinfo=SHANGHAI)
    assert DEFAULT_POLICY.is_night(local.astimezone(BOSTON)) is is_night


def test_a_night_within_one_day_does_not_wrap():
    early = replace(DEFAULT_POLICY, night=(60, 300))
    assert early.is_night(datetime(2026, 3, 4, 3, tzinfo=SHANGHAI))
    assert not early.is_night(datetime(2026, 3, 4, 5, tzinfo=SHANGHAI))
    assert not early.is_night(NIGHT)


def test_dues_count_from_receipt_and_only_for_the_clocks_that_start_there():
    dues = dues_for(
        DEFAULT_POLICY, level=Level.EMERGENCY, zone=Zone.TOWN, in_circle=True, received_at=NOON
    )
    assert set(dues) == set(STARTS_AT_RECEIPT)
    assert dues[ClockKind.ARRIVE] == NOON + timedelta(minutes=30)
    assert all(due.tzinfo is UTC for due in dues.values())


def test_an_enquiry_is_due_in_working_time():
    evening = datetime(2026, 3, 6, 20, tzinfo=SHANGHAI)
    dues = dues_for(
        DEFAULT_POLICY, level=Level.ENQUIRY, zone=Zone.TOWN, in_circle=True, received_at=evening
    )
    assert dues == {
        ClockKind.DISPATCH: evening + timedelta(minutes=30),
        ClockKind.CALL_BACK: datetime(2026, 3, 9, 17, 30, tzinfo=SHANGHAI),
        ClockKind.REPAIR: datetime(2026, 3, 12, 17, 30, tzinfo=SHANGHAI),
    }


def test_a_budget_in_minutes_is_not_stretched_by_a_clock_change():
    before = datetime(2015, 3, 8, 1, 45, tzinfo=BOSTON)
    due = due_at(Budget(minutes=30), before, BOSTON_POLICY)
    assert due == datetime(2015, 3, 8, 3, 15, tzinfo=BOSTON).astimezone(UTC)


@given(INSTANTS, st.lists(st.sampled_from(Level), min_size=1), st.sampled_from(Zone), st.booleans())
def test_a_change_of_level_never_moves_the_start(received_at, levels, zone, in_circle):
    for level in levels:
        place = {"level": level, "zone": zone, "in_circle": in_circle, "received_at": received_at}
        dues = dues_for(BOSTON_POLICY, **place)
        targets = targets_for(BOSTON_POLICY, **place)
        for kind, due in dues.items():
            assert due > received_at
            if targets[kind].minutes is not None:
                passed = due - received_at.astimezone(UTC)
                assert passed == timedelta(minutes=targets[kind].minutes)


@given(INSTANTS)
def test_dues_do_not_depend_on_the_zone_the_receipt_is_written_in(received_at):
    for level in Level:
        place = {"level": level, "zone": Zone.TOWN, "in_circle": True}
        here = dues_for(DEFAULT_POLICY, received_at=received_at, **place)
        assert here == dues_for(DEFAULT_POLICY, received_at=received_at.astimezone(UTC), **place)


def test_everything_that_is_shown_has_a_name():
    assert set(LEVEL_NAMES) == set(Level)
    assert set(ZONE_NAMES) == set(Zone)
    assert set(CLOCK_NAMES) == set(ClockKind)


BUDGETS = st.one_of(
    st.integers(1, 10_000).map(lambda n: Budget(minutes=n)),
    st.integers(1, 60).map(lambda n: Budget(working_days=n)),
    st.just(Budget(same_working_day=True)),
)
MAYBE = st.none() | BUDGETS
LEVELS = st.builds(
    LevelTargets,
    *[MAYBE] * 3,
    st.none() | st.builds(ArriveTargets, BUDGETS, BUDGETS, MAYBE, MAYBE),
    *[MAYBE] * 3,
)


@given(st.tuples(LEVELS, LEVELS, LEVELS, LEVELS))
def test_any_policy_is_read_as_it_was_written(levels):
    policy = replace(DEFAULT_POLICY, levels=levels)
    assert ServicePolicy.from_json(json.loads(json.dumps(policy.as_json()))) == policy


ONE_TIME = "levels.1.dispatch"


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("extra", 1, "extra"),
        ("levels.5", {}, "levels.5"),
        ("levels.1.arrive.country", None, "levels.1.arrive.country"),
        ("levels.1.arrive.town", None, "levels.1.arrive.town"),
        ("levels.1.arrive", [], "levels.1.arrive"),
        ("levels.1", None, "levels.1"),
        (ONE_TIME, {"minutes": -5}, f"{ONE_TIME}.minutes"),
        (ONE_TIME, {"minutes": 0}, f"{ONE_TIME}.minutes"),
        (ONE_TIME, {"minutes": math.nan}, f"{ONE_TIME}.minutes"),
        (ONE_TIME, {"minutes": math.inf}, f"{ONE_TIME}.minutes"),
        (ONE_TIME, {"minutes": True}, f"{ONE_TIME}.minutes"),
        (ONE_TIME, {"minutes": "5"}, f"{ONE_TIME}.minutes"),
        (ONE_TIME, {"working_days": 0}, f"{ONE_TIME}.working_days"),
        (ONE_TIME, {"same_working_day": False}, f"{ONE_TIME}.same_working_day"),
        (ONE_TIME, {"minutes": 5, "hours": 1}, f"{ONE_TIME}.hours"),
        (ONE_TIME, {"minutes": 5, "working_days": 1}, ONE_TIME),
        (ONE_TIME, {}, ONE_TIME),
        (ONE_TIME, 5, ONE_TIME),
        ("follow_up", None, "follow_up"),
        ("night", ["22:00"], "night"),
        ("night", ["22:00", "x"], "night.1"),
        ("ladder", [0.5, math.nan, 1.0], "ladder.1"),
        ("ladder", [0.5, 0, 1.0], "ladder.1"),
        ("ladder", [1.0, 0.5], "ladder"),
        ("ladder", [0.5, 0.5, 1.0], "ladder"),
        ("ladder", [0.5, 0.8], "ladder"),
        ("ladder", [], "ladder"),
        ("circle_minutes", 0, "circle_minutes"),
        ("large_main_mm", -1, "large_main_mm"),
        ("calendar.zone", "Mars/Olympus", "calendar.zone"),
        ("calendar.hours", [], "calendar.hours"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_field_named(path, value, named):
    stored = copy.deepcopy(DEFAULT_POLICY.as_json())
    *parents, last = path.split(".")
    place = stored
    for name in parents:
        place = place[name]
    place[last] = value
    with pytest.raises(Invalid) as refused:
        ServicePolicy.from_json(stored)
    assert list(refused.value.fields) == [named]


@pytest.mark.parametrize(
    "path", ["levels.3", "levels.2.restore", "levels.2.arrive.night", "night", "calendar.hours"]
)
def test_a_gap_in_a_policy_is_refused_with_the_field_named(path):
    stored = copy.deepcopy(DEFAULT_POLICY.as_json())
    *parents, last = path.split(".")
    place = stored
    for name in parents:
        place = place[name]
    del place[last]
    with pytest.raises(Invalid) as refused:
        ServicePolicy.from_json(stored)
    assert {name: str(fault) for name, fault in refused.value.fields.items()} == {
        path: "This field is missing."
    }


def test_a_policy_from_before_there_were_tasks_has_the_usual_ones():
    stored = DEFAULT_POLICY.as_json()
    del stored["tasks"]
    assert ServicePolicy.from_json(stored) == DEFAULT_POLICY


def test_a_policy_from_before_there_were_rules_of_arrival_has_the_usual_ones():
    stored = DEFAULT_POLICY.as_json()
    assert stored.pop("arrival") == {"fence_metres": 150, "dwell_minutes": 2}
    assert ServicePolicy.from_json(stored) == DEFAULT_POLICY
