"""Is every stage measured from the right event to the right event?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.exclusions import Exclusion
from dispatch.domain.samples import percentiles
from dispatch.domain.stages import ENDS, OF_EVERY_TICKET, STAGE_NAMES, Stage, durations, left_out
from tests.domain.story_samples import after, any_story, story, worked_example


def test_the_worked_example_to_the_second():
    found = {stage: seconds.tolist() for stage, seconds in durations([worked_example()]).items()}
    assert found == {stage: [] for stage in Stage} | {
        Stage.DISPATCH: [90.0],
        Stage.ACKNOWLEDGE: [90.0],
        Stage.TURNOUT: [240.0],
        Stage.TRAVEL: [22 * 60 + 59.0],
        Stage.RESPONSE: [29 * 60 + 59.0],
        Stage.REPAIR: [70 * 60.0],
        Stage.WRENCH: [40 * 60 + 1.0],
        Stage.CLOSURE: [80 * 60.0],
    }


def test_the_stages_of_the_circle_add_up_to_the_response():
    found = durations([worked_example()])
    parts = (Stage.DISPATCH, Stage.ACKNOWLEDGE, Stage.TURNOUT, Stage.TRAVEL)
    assert sum(found[part][0] for part in parts) == found[Stage.RESPONSE][0]


def test_setting_off_is_not_an_acknowledgement():
    found = durations([story(dispatched_at=after(1), en_route_at=after(5))])
    assert found[Stage.ACKNOWLEDGE].size == 0
    assert found[Stage.TURNOUT].size == 0


def test_seconds_are_not_rounded_to_hours():
    found = durations([story(completed_at=after(59, seconds=59.25))])
    assert found[Stage.REPAIR].tolist() == [3599.25]


def test_a_missing_end_has_no_value_and_zero_is_a_value():
    assert durations([story()])[Stage.RESPONSE].size == 0
    assert durations([story(arrived_at=after(0))])[Stage.RESPONSE].tolist() == [0.0]
    assert all(seconds.size == 0 for seconds in durations([]).values())


def test_a_negative_stage_is_left_out_and_listed():
    one = story(dispatched_at=after(5), acknowledged_at=after(4), arrived_at=after(9))
    assert durations([one])[Stage.ACKNOWLEDGE].size == 0
    assert durations([one])[Stage.RESPONSE].tolist() == [540.0]
    assert left_out([one])[Stage.ACKNOWLEDGE] == {Exclusion.OUT_OF_ORDER: (one.number,)}
    assert left_out([one])[Stage.RESPONSE] == {}


def test_a_flagged_ticket_has_no_durations_and_is_listed():
    one = story(closed_at=after(5), flags=frozenset({"closes_before_opening"}))
    assert durations([one])[Stage.CLOSURE].size == 0
    assert left_out([one])[Stage.CLOSURE] == {Exclusion.FLAGGED: (one.number,)}


@pytest.mark.parametrize("outcome", ["duplicate", "cancelled", "solved_by_phone"])
def test_a_ticket_nobody_waited_for_has_no_response_but_is_answered_and_closed(outcome):
    one = story(
        rang_at=after(-1),
        answered_at=after(0),
        arrived_at=after(10),
        closed_at=after(20),
        outcome=outcome,
    )
    found = durations([one])
    assert found[Stage.RESPONSE].size == 0
    assert left_out([one])[Stage.RESPONSE] == {Exclusion(outcome): (one.number,)}
    assert (found[Stage.ANSWER].tolist(), found[Stage.CLOSURE].tolist()) == ([60.0], [1200.0])


def test_a_stage_across_the_change_of_clocks_is_elapsed_time():
    boston = ZoneInfo("America/New_York")
    spring = story(
        received_at=datetime(2015, 3, 8, 1, 50, tzinfo=boston),
        arrived_at=datetime(2015, 3, 8, 3, 10, tzinfo=boston),
    )
    autumn = story(
        received_at=datetime(2015, 11, 1, 1, 50, tzinfo=boston),
        arrived_at=datetime(2015, 11, 1, 1, 10, tzinfo=boston, fold=1),
    )
    assert durations([spring, autumn])[Stage.RESPONSE].tolist() == [1200.0, 1200.0]


@given(st.lists(any_story(), max_size=30))
def test_stages_agree_with_pandas(stories):
    names = sorted({name for ends in ENDS.values() for name in ends})
    frame = pd.DataFrame(
        {name: pd.to_datetime([getattr(one, name) for one in stories], utc=True) for name in names}
    )
    plain = pd.Series([one.outcome is None for one in stories], dtype=bool)
    sound = pd.Series([not one.flags for one in stories], dtype=bool)
    for stage, seconds in durations(stories).items():
        begin, end = ENDS[stage]
        theirs = (frame[end] - frame[begin]).dt.total_seconds()
        kept = (theirs >= 0) & sound & (plain | (stage in OF_EVERY_TICKET))
        assert seconds.tolist() == theirs[kept].tolist()
        if kept.any():
            assert percentiles(seconds).p90 == pytest.approx(theirs[kept].quantile(0.9))
        counted = sum(len(numbers) for numbers in left_out(stories)[stage].values())
        assert counted + seconds.size == theirs.notna().sum()


def test_every_stage_has_a_name():
    assert set(STAGE_NAMES) == set(ENDS) == set(Stage)
