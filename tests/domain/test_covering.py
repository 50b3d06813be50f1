"""Is a rectangle that nobody can have meant refused?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.covering import MOST_BOXES, Box, check_boxes
from dispatch.domain.errors import Invalid

WHOLE = Box(0, 0, 1, 1)
shares = st.floats(0, 0.5)


@given(st.builds(Box, shares, shares, st.floats(0.01, 0.5), st.floats(0.01, 0.5)))
def test_a_rectangle_inside_is_taken(box):
    check_boxes([box, WHOLE])


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [WHOLE] * (MOST_BOXES + 1),
        [WHOLE, Box(-0.01, 0, 0.5, 0.5)],
        [Box(0.6, 0, 0.5, 0.5)],
        [Box(0, 0.6, 0.5, 0.5)],
        [Box(0, 0, 0.001, 0.5)],
        [Box(0, 0, 0.5, -0.5)],
        [Box(0, 0, 0.5, math.nan)],
    ],
)
def test_others_are_refused_by_name(boxes):
    with pytest.raises(Invalid) as refused:
        check_boxes(boxes)
    assert set(refused.value.fields) == {"boxes"}
