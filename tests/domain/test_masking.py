"""Does a masked value keep what it must hide?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.masking import masked_name, masked_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        (" 13812345678 ", "138****5678"),
        ("+86 138 1234 5678", "+86****5678"),
        ("1234567", "****"),
        ("112", "****"),
        ("", None),
        (None, None),
    ],
)
def test_a_telephone_number(phone, shown):
    assert masked_phone(phone) == shown


@given(st.text("0123456789", min_size=1, max_size=30))
def test_at_most_seven_digits_are_shown(phone):
    assert sum(each.isdigit() for each in masked_phone(phone) or "") <= 7


@pytest.mark.parametrize(
    ("name", "shown"), [("王芳", "王**"), ("Wang Fang", "W**"), ("  ", None), (None, None)]
)
def test_a_name(name, shown):
    assert masked_name(name) == shown
