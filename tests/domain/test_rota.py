"""Is somebody always told, never one who is off duty, and always the nearest who is there?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.rota import (
    DEFAULT_LADDER,
    UPWARDS,
    DutyRole,
    LadderRule,
    RotaRule,
    check_ladder,
    choose_people,
    next_duty,
    read_weekdays,
    rota_faults,
    step_at,
    step_for,
    weekdays_text,
    why,
)
from dispatch.domain.service_policy import ClockKind

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
D = DutyRole


def local(hour, minute=0, day=2):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("rule", "at", "on"),
    [
        (RotaRule(D.DISPATCHER, 1), local(0), True),
        (RotaRule(D.DISPATCHER, 1, 480, 960), local(8), True),
        (RotaRule(D.DISPATCHER, 1, 480, 960), local(7, 59), False),
        (RotaRule(D.DISPATCHER, 1, 480, 960), local(16), False),
        (RotaRule(D.DISPATCHER, 1, 1320, 360), local(23), True),
        (RotaRule(D.DISPATCHER, 1, 1320, 360), local(5, 59), True),
        (RotaRule(D.DISPATCHER, 1, 1320, 360), local(6), False),
        # Monday's night lasts into Tuesday, and Sunday's is not Monday's.
        (RotaRule(D.DISPATCHER, 1, 1320, 360, weekdays=1), local(3, day=3), True),
        (RotaRule(D.DISPATCHER, 1, 1320, 360, weekdays=1), local(3), False),
        (RotaRule(D.DISPATCHER, 1, from_date=date(2026, 3, 2)), local(0), True),
        (RotaRule(D.DISPATCHER, 1, from_date=date(2026, 3, 3)), local(23), False),
        (RotaRule(D.DISPATCHER, 1, to_date=date(2026, 3, 2)), local(23, 59), True),
        (RotaRule(D.DISPATCHER, 1, to_date=date(2026, 3, 1)), local(0), False),
        (RotaRule(D.DISPATCHER, 1, 1320, 360, to_date=date(2026, 3, 1)), local(5), True),
    ],
)
def test_a_duty_holds_from_its_start_to_its_end(rule, at, on):
    assert rule.is_on_duty(at, ZONE) is on


def chosen(duty, rules=(), crew=(), team_id=None, at=MONDAY):
    return choose_people(duty, rules, crew=crew, team_id=team_id, at=at, zone=ZONE)


def test_the_crew_is_told_by_its_shift():
    found = chosen(D.CREW, crew=[7, 3])
    assert (found.duty, found.people) == (D.CREW, (3, 7))
    assert str(why(found)) == "The crew that was sent, on shift."


def test_the_own_team_comes_before_the_whole_utility():
    rules = [RotaRule(D.TEAM_LEADER, 1), RotaRule(D.TEAM_LEADER, 2, team_id=5)]
    own = chosen(D.TEAM_LEADER, rules, team_id=5)
    assert (own.people, str(why(own))) == ((2,), "Team leader of this team by the rota.")
    other = chosen(D.TEAM_LEADER, rules, team_id=6)
    assert (other.people, str(why(other))) == (
        (1,),
        "Team leader of the whole utility by the rota.",
    )
    assert chosen(D.TEAM_LEADER, rules[1:], team_id=None).everybody


def test_without_anybody_it_goes_up_and_says_so():
    found = chosen(D.CREW, [RotaRule(D.DUTY_MANAGER, 4)])
    assert (found.duty, found.people) == (D.DUTY_MANAGER, (4,))
    assert found.skipped == (D.CREW, D.DISPATCHER, D.TEAM_LEADER)
    assert str(why(found)) == "Crew: nobody on duty, so it goes up: Duty manager."


def test_at_the_very_top_it_is_for_everybody():
    found = chosen(D.HEAD_OF_OPERATIONS)
    assert found.everybody
    assert str(why(found)) == "Nobody is on duty: this stays with everybody at the desk."


RULES = st.lists(
    st.builds(
        RotaRule,
        duty=st.sampled_from(UPWARDS),
        person=st.integers(1, 6),
        start_minute=st.integers(0, 1439),
        end_minute=st.integers(0, 1439),
        weekdays=st.integers(1, 127),
        team_id=st.sampled_from([None, 1, 2]),
        from_date=st.none() | st.dates(date(2026, 2, 25), date(2026, 3, 5)),
        to_date=st.none() | st.dates(date(2026, 2, 28), date(2026, 3, 9)),
    ),
    max_size=8,
)


@given(
    duty=st.sampled_from(UPWARDS),
    rules=RULES,
    crew=st.lists(st.integers(20, 22), max_size=2),
    team_id=st.sampled_from([None, 1, 2, 3]),
    minutes=st.integers(0, 7 * 24 * 60),
)
def test_somebody_is_told_and_nobody_off_duty(duty, rules, crew, team_id, minutes):
    at = MONDAY + timedelta(minutes=minutes)
    found = chosen(duty, rules, crew, team_id, at)
    here = [r for r in rules if r.team_id in {None, team_id} and r.is_on_duty(at, ZONE)]
    awake = {rule.person for rule in here} | set(crew)
    assert set(found.people) <= awake
    assert UPWARDS.index(found.duty) >= UPWARDS.index(duty)
    above = UPWARDS[UPWARDS.index(duty) :]
    someone = any(rule.duty in above for rule in here) or (duty is D.CREW and crew)
    assert found.everybody is not bool(someone)
    assert not any(rule.duty in found.skipped for rule in here) or found.everybody


@given(
    rule=st.builds(
        RotaRule, st.just(D.CREW), st.just(1), st.integers(0, 1439), st.integers(0, 1439)
    ),
    minutes=st.integers(0, 10_000),
)
def test_a_duty_and_its_rest_fill_the_day(rule, minutes):
    at = MONDAY + timedelta(minutes=minutes)
    rest = RotaRule(D.CREW, 1, rule.end_minute, rule.start_minute)
    if rule.start_minute == rule.end_minute:
        assert rule.is_on_duty(at, ZONE)
    else:
        assert rule.is_on_duty(at, ZONE) is not rest.is_on_duty(at, ZONE)


def test_the_next_duty_is_the_one_above():
    assert [next_duty(each) for each in UPWARDS] == [*UPWARDS[1:], None]


@pytest.mark.parametrize(
    ("fraction", "duty"),
    [
        (0.1, D.CREW),
        (0.5, D.CREW),
        (0.79, D.CREW),
        (0.8, D.DISPATCHER),
        (1.0, D.TEAM_LEADER),
        (9, D.DUTY_MANAGER),
    ],
)
def test_the_step_that_holds_is_the_last_one_reached(fraction, duty):
    assert step_for(DEFAULT_LADDER, fraction).duty is duty


@pytest.mark.parametrize(
    ("fraction", "duty"),
    [(0.5, D.DISPATCHER), (0.8, D.DISPATCHER), (1.0, D.TEAM_LEADER), (1.5, D.DUTY_MANAGER)],
)
def test_a_call_back_is_never_the_crews(fraction, duty):
    assert step_at(DEFAULT_LADDER, ClockKind.CALL_BACK, fraction).duty is duty


def test_the_usual_ladder_may_be_kept():
    check_ladder(DEFAULT_LADDER, set(DutyRole))


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([], "steps"),
        ([LadderRule(0.0, D.CREW)], "steps.0.percent"),
        ([LadderRule(10.5, D.CREW)], "steps.0.percent"),
        ([LadderRule(0.5, D.CREW, -1)], "steps.0.pass_on_minutes"),
        ([LadderRule(0.5, D.CREW, 0)], "steps.0.pass_on_minutes"),
        ([LadderRule(0.5, D.CREW, 1441)], "steps.0.pass_on_minutes"),
        ([LadderRule(0.5, D.CREW), LadderRule(0.5, D.DISPATCHER)], "steps.1.percent"),
        ([LadderRule(0.5, D.DUTY_MANAGER)], "steps.0.duty"),
        ([LadderRule(0.5, D.DISPATCHER), LadderRule(0.8, D.CREW)], "steps.1.duty"),
    ],
)
def test_a_ladder_that_cannot_be_meant_is_refused_by_field(steps, field):
    with pytest.raises(Invalid) as refused:
        check_ladder(steps, {D.DISPATCHER})
    assert list(refused.value.fields) == [field]


def test_days_and_dates_of_an_entry_are_checked():
    wrong = RotaRule(D.CREW, 1, weekdays=0, from_date=date(2026, 3, 2), to_date=date(2026, 3, 1))
    assert set(rota_faults(wrong)) == {"weekdays", "to"}
    assert rota_faults(RotaRule(D.CREW, 1)) == {}


@given(st.integers(1, 127))
def test_weekdays_are_read_as_they_are_written(mask):
    assert read_weekdays(weekdays_text(mask)) == mask


@pytest.mark.parametrize(
    ("text", "mask"), [("", 127), ("1-5", 31), ("6,7", 96), (" 1 - 2 ; 7", 67)]
)
def test_weekdays_as_people_write_them(text, mask):
    assert read_weekdays(text) == mask


@pytest.mark.parametrize("text", ["0", "8", "5-1", "Mon", "1-", "1--2", "-", ";", "11"])
def test_what_is_no_weekday_is_refused(text):
    with pytest.raises(Invalid) as refused:
        read_weekdays(text)
    assert list(refused.value.fields) == ["weekdays"]


@pytest.mark.parametrize(
    ("clock", "fraction", "duty"),
    [
        (ClockKind.HOLD, 1.0, DutyRole.DISPATCHER),
        (ClockKind.DISPUTE, 0.0, DutyRole.DUTY_MANAGER),
        (ClockKind.DISPUTE, 0.8, DutyRole.DUTY_MANAGER),
        (ClockKind.DISPUTE, 1.0, DutyRole.HEAD_OF_OPERATIONS),
        (ClockKind.ARRIVE, 0.5, DutyRole.CREW),
    ],
)
def test_a_pause_that_ends_and_a_dispute_are_told_to_their_own(clock, fraction, duty):
    step = step_at(DEFAULT_LADDER, clock, fraction)
    assert step.duty is duty
    assert step.pass_on_minutes == 5
