"""Is a number that no message can reach refused, and a text counted as a gateway counts it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.phone_numbers import (
    checked_phone,
    phone_forms,
    phone_key,
    sms_parts,
    spellings,
)


@pytest.mark.parametrize(
    ("given_number", "number"),
    [("138 1234-5678", "13812345678"), ("+86 (138) 1234.5678", "+8613812345678"),
     (" 10086 ", "10086")],
)  # fmt: skip
def test_a_number_is_kept_without_what_stands_between(given_number, number):
    assert checked_phone(given_number) == number


@pytest.mark.parametrize(
    "wrong",
    ["", "1234", "at home", "138++1234", "1" * 16, "１３８１２３４５６７８", "138;DROP", "86+138"],
)
def test_a_wrong_number_is_refused_by_its_field(wrong):
    with pytest.raises(Invalid) as refusal:
        checked_phone(wrong, "to")
    assert set(refusal.value.fields) == {"to"}


@pytest.mark.parametrize(
    ("text", "characters", "parts", "is_unicode"),
    [
        ("", 0, 1, False), ("a" * 160, 160, 1, False), ("a" * 161, 161, 2, False),
        ("€" * 80, 160, 1, False), ("a" * 306, 306, 2, False), ("a" * 307, 307, 3, False),
        ("水" * 70, 70, 1, True), ("水" * 71, 71, 2, True), ("水" * 135, 135, 3, True),
        ("😀", 2, 1, True),
    ],
)  # fmt: skip
def test_a_text_is_split_as_the_standard_says(text, characters, parts, is_unicode):
    found = sms_parts(text)
    assert (found.characters, found.parts, found.is_unicode) == (characters, parts, is_unicode)


@given(st.text(max_size=400), st.text(max_size=5))
def test_a_longer_text_never_has_fewer_parts(text, more):
    assert sms_parts(text + more).parts >= sms_parts(text).parts


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("138 0000-5678", "3800005678"),
        ("+86 13800005678", "3800005678"),
        ("617-555-0100", "6175550100"),
        ("12345", "12345"),
        ("1234", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_has_one_key_however_it_is_written(text, key):
    assert phone_key(text) == key


@pytest.mark.parametrize("written", ["138 0000 5678", "+8613800005678", "86-13800005678"])
def test_a_number_is_looked_for_as_it_may_be_stored(written):
    assert {"13800005678", "+8613800005678", "8613800005678"} <= set(phone_forms(written))


@pytest.mark.parametrize("written", ["138 1234-5678", "+86 13812345678", "0086 13812345678"])
def test_spellings_of_a_number_share_what_they_are_stored_as(written):
    stored = {"13812345678", "+8613812345678", "8613812345678", "008613812345678"}
    assert stored <= spellings(written)


def test_what_is_no_number_has_one_spelling():
    assert spellings("desk13812345678@water.example") == {"desk13812345678@waterexample"}
    assert spellings("1 2") == {"12"}


def test_a_short_number_is_looked_for_nowhere():
    assert phone_forms("1234") == ()
    assert "86110" in phone_forms("86110")
