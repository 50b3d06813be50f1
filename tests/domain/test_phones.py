"""Are codes read as they are written, guessable PINs refused, and guessers locked out longer?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.phones import (
    CODE_ALPHABET,
    CODE_LENGTH,
    code_words,
    lock_minutes,
    pin_fault,
    tidy_code,
    tidy_pin,
)


@given(st.text(CODE_ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_code_is_read_however_it_is_typed(code):
    shown = code_words(code)
    assert [len(each) for each in shown.split()] == [4, 4]
    for typed in (shown, shown.lower(), f" {shown.replace(' ', '-')} ", code.replace("0", "o")):
        assert tidy_code(typed) == code
    assert tidy_code(code.replace("1", "l")) == tidy_code(code.replace("1", "I")) == code


def test_full_width_letters_and_digits_are_letters_and_digits():
    assert tidy_code("ＡＢ１２") == "AB12"
    assert tidy_pin(" ２０１５ 30 ") == "201530"


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "12a456", "٣٣٤٥٦٧", "111111", "121212", "123456", "654321",
            "890123", "210987"],
)  # fmt: skip
def test_a_pin_that_is_guessed_or_no_pin_is_refused(pin):
    assert pin_fault(pin) is not None


@pytest.mark.parametrize("pin", ["201530", "112358", "135790"])
def test_any_other_pin_may_be_used(pin):
    assert pin_fault(pin) is None


def test_each_wrong_try_after_the_fifth_locks_for_longer():
    minutes = [lock_minutes(wrong) for wrong in range(14)]
    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert lock_minutes(10_000) == 60
    assert [lock_minutes(wrong, 15) for wrong in (14, 15, 16)] == [0, 1, 2]
