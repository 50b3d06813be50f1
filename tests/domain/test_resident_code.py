"""Is the code of a track page four digits that tell nothing, and is a typed one read kindly?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.resident_code import check_code, resident_code


@given(st.text())
def test_every_token_has_four_digits_of_its_own(token):
    code = resident_code(token)
    assert check_code(code) == code == resident_code(token)


def test_codes_of_many_tokens_spread():
    assert len({resident_code(f"token {number}") for number in range(200)}) > 190


@pytest.mark.parametrize("typed", ["0042", " 00 42 ", "００４２"])
def test_a_code_is_read_as_people_type_it(typed):
    assert check_code(typed) == "0042"


@pytest.mark.parametrize("typed", ["", "42", "00421", "٠٠٤٢", "abcd", None, 42])
def test_what_is_no_code_is_named(typed):
    with pytest.raises(Invalid) as refused:
        check_code(typed)
    assert set(refused.value.fields) == {"code"}
