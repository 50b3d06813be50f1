"""Does a clock tell the truth through holds, returns, level changes and clock changes?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dispatch.domain.clocks import (
    NO_STANDING,
    Hold,
    Rung,
    StandingState,
    due_at_adjusted,
    held_seconds,
    is_held,
    pause,
    resume,
    rung_due_at,
    standing,
)
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.service_policy import DEFAULT_POLICY, ClockKind, Level, Zone, dues_for

BOSTON = ZoneInfo("America/New_York")
EIGHT = datetime(2026, 3, 4, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
DUES = dues_for(
    DEFAULT_POLICY, level=Level.EMERGENCY, zone=Zone.TOWN, in_circle=True, received_at=EIGHT
)
LATER = EIGHT + timedelta(days=1)


def clock(hour, minute=0, second=0):
    return EIGHT.replace(hour=hour, minute=minute, second=second)


def held(*minutes: int | None):
    """Return holds from pairs of minutes after eight; None for one that lasts."""
    at = [None if m is None else EIGHT + timedelta(minutes=m) for m in minutes]
    return tuple(Hold(*pair) for pair in zip(at[::2], at[1::2], strict=True))


def arrival(stopped_at, *, holds=(), now=LATER):
    return standing(
        started_at=EIGHT,
        due_at=DUES[ClockKind.ARRIVE],
        stopped_at=stopped_at,
        holds=holds,
        now=now,
    )


@pytest.mark.parametrize(
    ("arrived_at", "state", "seconds", "lateness"),
    [
        (clock(8, 29, 59), StandingState.MET, 1799, 0),
        (clock(8, 30, 0), StandingState.MET, 1800, 0),
        (clock(8, 30, 1), StandingState.LATE, 1801, 1),
    ],
)
def test_the_worked_example_is_met_to_the_second(arrived_at, state, seconds, lateness):
    shown = arrival(arrived_at)
    assert shown.state is shown.state_raw is state
    assert shown.elapsed_seconds == shown.elapsed_adjusted_seconds == seconds
    assert shown.lateness_seconds == shown.lateness_adjusted_seconds == lateness
    assert shown.due_at == shown.due_at_adjusted == clock(8, 30)


def test_a_return_and_a_second_dispatch_reset_no_clock():
    first_dispatch, second_dispatch = clock(8, 1, 30), clock(8, 6)
    dispatch = standing(
        started_at=EIGHT,
        due_at=DUES[ClockKind.DISPATCH],
        stopped_at=min(first_dispatch, second_dispatch),
        holds=(),
        now=LATER,
    )
    assert (dispatch.state, dispatch.elapsed_seconds) == (StandingState.MET, 90)
    while_returned = arrival(None, now=clock(8, 5, 30))
    assert while_returned.elapsed_seconds == 330
    assert arrival(None, now=second_dispatch).elapsed_seconds == 360


def test_an_open_promise_past_its_target_is_overdue_from_the_breach_on():
    assert arrival(None, now=clock(8, 30)).state is StandingState.RUNNING
    breached = arrival(None, now=clock(8, 30) + timedelta(microseconds=1))
    assert breached.state is StandingState.OVERDUE
    assert breached.remaining_seconds < 0


def test_a_running_promise_shows_what_is_spent_and_what_remains():
    shown = arrival(None, now=clock(8, 24))
    assert (shown.state, shown.fraction) == (StandingState.RUNNING, 0.8)
    assert (shown.budget_seconds, shown.remaining_seconds) == (1800, 360)


def test_no_due_date_is_no_value_and_never_kept():
    without_due = standing(
        started_at=EIGHT, due_at=None, stopped_at=clock(8, 1), holds=(), now=LATER
    )
    assert without_due is NO_STANDING
    assert without_due.state is StandingState.NONE


def test_a_clock_that_has_not_started_has_no_value():
    assert (
        standing(started_at=None, due_at=LATER, stopped_at=None, holds=(), now=LATER) is NO_STANDING
    )


def test_a_stop_before_the_start_has_no_value():
    assert arrival(clock(7, 59)) is NO_STANDING


def test_a_stop_that_lies_ahead_has_not_happened_yet():
    assert arrival(clock(8, 20), now=clock(8, 10)).state is StandingState.RUNNING
    assert arrival(clock(8, 20), now=clock(8, 20)).state is StandingState.MET


def test_before_the_start_nothing_is_spent():
    assert arrival(None, now=clock(7)).elapsed_seconds == 0


def test_a_promise_without_a_budget_is_spent_at_once():
    shown = standing(started_at=EIGHT, due_at=EIGHT, stopped_at=None, holds=(), now=LATER)
    assert (shown.state, shown.fraction) == (StandingState.OVERDUE, 1.0)


def test_a_hold_is_shown_beside_the_raw_figure():
    shown = arrival(clock(8, 45), holds=held(10, 30))
    assert (shown.state, shown.state_raw) == (StandingState.MET, StandingState.LATE)
    assert (shown.elapsed_seconds, shown.elapsed_adjusted_seconds) == (2700, 1500)
    assert (shown.lateness_seconds, shown.lateness_adjusted_seconds) == (900, 0)
    assert (shown.due_at, shown.due_at_adjusted) == (clock(8, 30), clock(8, 50))


def test_an_overlap_of_holds_counts_once():
    overlapping = held(10, 20, 15, 25, 12, 14, 25, 25)
    assert held_seconds(overlapping, EIGHT, LATER) == 15 * 60
    assert arrival(clock(8, 45), holds=overlapping).elapsed_adjusted_seconds == 30 * 60


def test_a_hold_counts_only_between_start_and_stop():
    assert held_seconds(held(-10, 5, 50, 70), EIGHT, clock(9)) == 15 * 60
    assert held_seconds(held(20, 10), EIGHT, LATER) == 0
    assert held_seconds(held(20, None), EIGHT, clock(8, 30)) == 10 * 60


def test_a_hold_through_a_clock_change_has_its_true_length():
    before = datetime(2015, 3, 8, 1, 30, tzinfo=BOSTON)
    after = datetime(2015, 3, 8, 3, 30, tzinfo=BOSTON)
    assert held_seconds([Hold(before, after)], before, after) == 3600


def test_a_promise_on_hold_is_paused_and_its_target_moves_on():
    shown = arrival(None, holds=held(10, None), now=clock(9))
    assert (shown.state, shown.remaining_seconds) == (StandingState.PAUSED, 1200)
    assert shown.state_raw is StandingState.OVERDUE
    assert shown.due_at_adjusted == clock(9, 20)
    assert arrival(None, holds=held(10, 20), now=clock(8, 20)).state is StandingState.RUNNING
    assert arrival(None, holds=held(10, 20), now=clock(8, 15)).state is StandingState.PAUSED


def test_a_hold_after_the_breach_does_not_mend_it():
    shown = arrival(None, holds=held(40, None), now=clock(9))
    assert shown.state is StandingState.OVERDUE
    assert shown.due_at_adjusted == clock(8, 30)
    assert shown.lateness_adjusted_seconds == 600


def test_a_hold_that_begins_at_the_target_still_counts():
    shown = arrival(clock(8, 45), holds=held(30, 45))
    assert (shown.state, shown.due_at_adjusted) == (StandingState.MET, clock(8, 45))


def test_pausing_twice_is_refused():
    holds = pause((), clock(8, 10))
    with pytest.raises(Forbidden, match="already on hold"):
        pause(holds, clock(8, 11))


def test_resuming_what_runs_is_refused():
    with pytest.raises(Forbidden, match="not on hold"):
        resume((), clock(8, 10))
    with pytest.raises(Forbidden, match="not on hold"):
        resume(held(10, 20), clock(8, 30))


def test_a_hold_cannot_end_before_it_began():
    with pytest.raises(Invalid, match="before it began") as refused:
        resume(held(10, None), clock(8, 9))
    assert list(refused.value.fields) == ["at"]


def test_a_pause_and_its_release_make_one_hold():
    holds = resume(pause(held(1, 2), clock(8, 10)), clock(8, 20))
    assert holds == held(1, 2, 10, 20)
    assert is_held(holds, clock(8, 10))
    assert not is_held(holds, clock(8, 20))


def test_the_ladder_warns_twice_then_breaches_then_escalates():
    assert [(fraction, Rung(fraction).kind.value) for fraction in DEFAULT_POLICY.ladder] == [
        (0.5, "warning"),
        (0.8, "warning"),
        (1.0, "breach"),
        (1.5, "escalation"),
    ]


@pytest.mark.parametrize(
    ("fraction", "minutes"), [(0.5, (15, 25)), (0.8, (24, 34)), (1.0, (30, 40)), (1.5, (45, 55))]
)
def test_a_rung_moves_by_the_time_held_before_it(fraction, minutes):
    due = DUES[ClockKind.ARRIVE]
    plain, moved = (EIGHT + timedelta(minutes=m) for m in minutes)
    assert rung_due_at(EIGHT, due, fraction) == plain
    assert rung_due_at(EIGHT, due, fraction, held(5, 15)) == moved


def test_a_rung_that_is_past_is_not_moved_by_a_later_hold():
    due = DUES[ClockKind.ARRIVE]
    assert rung_due_at(EIGHT, due, 0.5, held(20, 40)) == clock(8, 15)
    assert rung_due_at(EIGHT, due, 0.5, held(20, None)) == clock(8, 15)


def test_no_rung_is_due_while_a_hold_lasts():
    due = DUES[ClockKind.ARRIVE]
    assert rung_due_at(EIGHT, due, 1.0, held(20, None)) is None
    assert rung_due_at(EIGHT, due, 1.0, held(30, None)) is None
    assert due_at_adjusted(due, held(20, None), start=EIGHT) is None
    assert due_at_adjusted(due, held(20, 50), start=EIGHT) == clock(9)


# Instants around both clock changes of a year, written in the zone that has them.
OFFSETS = st.integers(0, 4 * 3600)
BASES = st.sampled_from(
    [
        datetime(2015, 3, 8, 0, 30, tzinfo=BOSTON),
        datetime(2015, 11, 1, 0, 30, tzinfo=BOSTON),
        datetime(2026, 3, 4, 8, tzinfo=UTC),
    ]
)


def later(base, seconds):
    """Return an instant so many true seconds later, in the zone of `base`."""
    return (base.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(base.tzinfo)


@st.composite
def stories(draw):
    """Draw a start, a due date, some holds in any order, and two instants in order."""
    base = draw(BASES)
    spans = draw(st.lists(st.tuples(OFFSETS, OFFSETS), max_size=6))
    holds = [Hold(later(base, min(span)), later(base, max(span))) for span in spans]
    if draw(st.booleans()):
        holds.append(Hold(later(base, draw(OFFSETS))))
    ends = sorted((draw(OFFSETS), draw(OFFSETS)))
    due = later(base, draw(st.integers(60, 3 * 3600)))
    return base, due, tuple(draw(st.permutations(holds))), *(later(base, end) for end in ends)


@given(stories(), st.booleans())
def test_pausing_neither_gains_nor_loses_time(story, is_stopped):
    start, due, holds, end, now = story
    shown = standing(
        started_at=start,
        due_at=due,
        stopped_at=end if is_stopped else None,
        holds=holds,
        now=now,
    )
    until = end if is_stopped else now
    away = held_seconds(holds, start, until)
    assert shown.elapsed_adjusted_seconds + away == pytest.approx(shown.elapsed_seconds)
    assert 0 <= shown.elapsed_adjusted_seconds <= shown.elapsed_seconds
    assert shown.elapsed_seconds == (until.astimezone(UTC) - start.astimezone(UTC)).total_seconds()
    assert shown.lateness_adjusted_seconds <= shown.lateness_seconds


@given(stories(), st.randoms())
def test_the_order_of_holds_does_not_matter(story, chance):
    start, due, holds, end, now = story
    shuffled = list(holds)
    chance.shuffle(shuffled)
    as_kept = standing(started_at=start, due_at=due, stopped_at=end, holds=holds, now=now)
    assert as_kept == standing(
        started_at=start, due_at=due, stopped_at=end, holds=shuffled, now=now
    )
    assert as_kept == standing(
        started_at=start, due_at=due, stopped_at=end, holds=(*holds, *holds), now=now
    )


@given(stories(), st.booleans())
def test_standing_never_goes_back(story, will_stop):
    start, due, holds, first, second = story
    stop = later(start, 2 * 3600) if will_stop else None
    before, after = (
        standing(started_at=start, due_at=due, stopped_at=stop, holds=holds, now=now)
        for now in (first, second)
    )
    assert before.elapsed_seconds <= after.elapsed_seconds
    assert before.elapsed_adjusted_seconds <= after.elapsed_adjusted_seconds
    assert before.fraction <= after.fraction
    missed = {StandingState.OVERDUE, StandingState.LATE}
    assert before.state not in missed or after.state in missed
    assert before.state_raw not in missed or after.state_raw in missed
    if before.state in {StandingState.MET, StandingState.LATE}:
        assert before == after


@given(stories())
def test_late_means_after_the_adjusted_due_date(story):
    start, due, holds, end, _ = story
    shown = standing(started_at=start, due_at=due, stopped_at=end, holds=holds, now=end)
    assert (shown.state is StandingState.LATE) == (end.astimezone(UTC) > shown.due_at_adjusted)


@given(stories(), st.sampled_from(DEFAULT_POLICY.ladder))
def test_a_rung_is_due_when_its_fraction_is_spent(story, fraction):
    start, due, holds, _, _ = story
    at = rung_due_at(start, due, fraction, holds)
    assume(at is not None)
    shown = standing(started_at=start, due_at=due, stopped_at=None, holds=holds, now=at)
    assert shown.fraction == pytest.approx(fraction)


@given(stories(), st.lists(OFFSETS, min_size=2, max_size=8, unique=True))
def test_pausing_and_resuming_in_turn_gives_the_same_as_the_holds_themselves(story, seconds):
    start, _, _, _, now = story
    holds = ()
    instants = [later(start, second) for second in sorted(seconds)]
    for index, at in enumerate(instants):
        holds = resume(holds, at) if index % 2 else pause(holds, at)
    pairs = zip(instants[::2], [*instants[1::2], None], strict=False)
    assert held_seconds(holds, start, now) == held_seconds(
        [Hold(*pair) for pair in pairs], start, now
    )


@given(stories(), st.lists(st.sampled_from(Level), min_size=1, max_size=4))
def test_level_changes_neither_restart_nor_stop_the_clock(story, levels):
    start, _, holds, _, now = story
    elapsed = set()
    for level in levels:
        dues = dues_for(
            DEFAULT_POLICY, level=level, zone=Zone.TOWN, in_circle=True, received_at=start
        )
        shown = standing(
            started_at=start,
            due_at=dues[ClockKind.REPAIR],
            stopped_at=None,
            holds=holds,
            now=now,
        )
        elapsed.add((shown.elapsed_seconds, shown.elapsed_adjusted_seconds))
    assert len(elapsed) == 1
