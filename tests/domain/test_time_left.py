"""Does the word of a crew count from when it was said, and is nonsense refused?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dispatch.domain.coverage import RepairTimes
from dispatch.domain.errors import Invalid
from dispatch.domain.repair_time import mean_left
from dispatch.domain.time_left import (
    LONGEST_MINUTES,
    TIMES_OFFERED,
    TimeLeft,
    check_minutes,
    law_told,
    reckoned,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
USUAL = RepairTimes()


@pytest.mark.parametrize("given", [20, "20", " 20 "])
def test_whole_minutes_are_taken(given):
    assert check_minutes(given) == 20


@pytest.mark.parametrize("given", [None, "", 0, -5, "481", 4.5, True, "²", "9" * 50])
def test_what_is_no_time_is_refused(given):
    with pytest.raises(Invalid) as refused:
        check_minutes(given)
    assert set(refused.value.fields) == {"minutes"}
    assert str(LONGEST_MINUTES) in str(refused.value)


def test_without_a_word_the_usual_law_counts_from_the_arrival():
    assert reckoned(NOON, USUAL, None) == (NOON, USUAL)


def test_a_word_begins_the_count_anew():
    told = TimeLeft(NOON + timedelta(minutes=30), 20)
    assert reckoned(NOON, USUAL, told) == (told.told_at, law_told(20))
    assert told.done_at == NOON + timedelta(minutes=50)


@pytest.mark.parametrize("minutes", TIMES_OFFERED)
def test_a_word_is_worth_its_minutes_and_then_less_and_less(minutes):
    law = law_told(minutes)
    mean, sigma = np.array(law.mean_seconds), np.array(law.sigma)
    left = [float(mean_left(np.array(spent * 60.0), mean, sigma)) for spent in (0, minutes / 2)]
    assert left[0] == pytest.approx(minutes * 60, rel=0.01)
    assert left[1] < left[0]
    # A crew that is still there after its time is not taken for done.
    assert float(mean_left(np.array(minutes * 90.0), mean, sigma)) > 60
