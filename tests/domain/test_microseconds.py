"""Are instants compared without losing a microsecond?"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.microseconds import instant, micros

INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2250, 1, 1)).map(  # noqa: DTZ001  set next
    lambda at: at.replace(tzinfo=UTC)
)


@given(st.lists(INSTANTS, min_size=1))
def test_an_instant_comes_back_unchanged(times):
    assert [instant(at) for at in micros(times).tolist()] == times


def test_nothing_is_not_a_number():
    assert np.isnan(micros([None])).all()
    assert micros([]).size == 0


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        micros([datetime(2026, 1, 1)])  # noqa: DTZ001  the fault under test
