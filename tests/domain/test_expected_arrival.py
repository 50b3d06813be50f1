"""Does an expected arrival move with the crew that starts later than was thought?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.expected_arrival import renewed_arrival

SENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(0), timedelta(hours=6))


@given(drive=SPANS, waited=SPANS)
def test_the_drive_stays_as_long_as_it_was(drive: timedelta, waited: timedelta):
    assert renewed_arrival(SENT + drive, SENT, SENT + waited) == SENT + waited + drive


@given(early=SPANS, waited=SPANS)
def test_nobody_is_expected_before_the_step_that_was_just_taken(
    early: timedelta, waited: timedelta
):
    assert renewed_arrival(SENT - early, SENT, SENT + waited) == SENT + waited


def test_an_unknown_arrival_stays_unknown():
    assert renewed_arrival(None, SENT, SENT) is None
