"""Are the numbers of a typed address told from its name, in whatever script it is typed?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.typed_address import (
    first_letters,
    first_number,
    grams_of,
    number_gap,
    places_of,
    read_address,
    with_number,
)


@pytest.mark.parametrize(
    ("typed", "words", "numbers"),
    [
        ("Wuyi Rd 12", ("wuyi", "rd"), ("12",)),
        ("12a Wuyi Road", ("wuyi", "rd"), ("12a",)),
        ("五一路12号", ("五一路",), ("12",)),
        ("五一路１２号３栋", ("五一路",), ("12", "3")),
        ("wyl12", ("wyl",), ("12",)),
        ("新太安社区 28栋 3单元 801", ("新太安社区",), ("28", "3", "801")),
        ("100 block of Amory St, Roxbury", ("amory", "st", "roxbury"), ("100",)),
        ("3rd Street", ("3rd", "st"), ()),
        ("O'Brien Avenue", ("obrien", "ave"), ()),
        ("Block of", ("block", "of"), ()),
        ("五一rd", ("五一", "rd"), ()),
        ("🚰 12", (), ("12",)),
        ("", (), ()),
    ],
)
def test_a_typed_address_has_a_name_and_numbers(typed, words, numbers):
    read = read_address(typed)
    assert (read.words, read.numbers) == (words, numbers)
    assert read.compact == "".join(words)
    assert read.has_han == any(word.startswith(("五", "新")) for word in words)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read(text):
    read = read_address(text)
    assert all(read.words)
    assert first_number(read.numbers) >= -1
    assert number_gap(read.numbers, read.numbers) == 0


@pytest.mark.parametrize(
    ("asked", "known", "gap"),
    [
        ((), ("12",), 0),
        (("12",), ("12",), 0),
        (("12",), ("12", "801"), 0),
        (("12", "3"), ("12", "5"), 0.5),
        (("12",), ("14",), 3),
        (("12",), ("12a",), 1),
        (("12",), (), 1_000_000),
    ],
)
def test_numbers_are_as_far_apart_as_the_doors(asked, known, gap):
    assert number_gap(asked, known) == gap


def test_a_name_is_compared_by_pairs_and_single_characters():
    assert grams_of("五一路") == {"五一", "一路", "五", "一", "路"}
    assert grams_of("wuyi") == {"wu", "uy", "yi"}
    assert first_letters(("wuyi", "rd")) == "wr"


@pytest.mark.parametrize(
    ("address", "number", "told"),
    [
        ("芙蓉区五一路10号", "12", "芙蓉区五一路12号"),
        ("新太安社区 28栋 3单元 801", "30", "新太安社区 30栋"),
        ("100 block of Amory St, Roxbury", "150", "150 Amory St, Roxbury"),
        ("Unit block of Clare Ave", "7", "7 Clare Ave"),
        ("Wuyi Road 10", "12", "Wuyi Road 12"),
        ("Clare Ave", "7", "7 Clare Ave"),
        ("五一路", "7", "五一路7号"),
    ],
)
def test_a_number_that_the_book_does_not_know_is_put_into_its_address(address, number, told):
    assert with_number(address, number) == told


@pytest.mark.parametrize(
    ("address", "street", "building"),
    [
        ("五一路18号2栋501室", "五一路", "五一路18号"),
        ("五一路", "五一路", None),
        ("12B Elm Street", "Elm Street", "12B Elm Street"),
        ("100 block of Main St", "Main St", None),
        ("18号", "", None),
        ("", "", None),
    ],
)
def test_a_street_has_no_number_and_a_building_one(address, street, building):
    names = [place and place.name for place in places_of(address)]
    assert names == [street or None, building]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Wuyi Road", "12  WUYI RD."),
        ("五一路12号", "五一路１２号3栋"),
        ("12A Main St", "12a main street"),
        ("3rd Street 12", "12 3RD ST"),
    ],
)
def test_differently_written_places_have_one_key(one, other):
    assert places_of(one)[1].key == places_of(other)[1].key


@pytest.mark.parametrize(
    ("one", "other"), [("12 Main St", "12a Main St"), ("五一路1号", "五一路2号")]
)
def test_two_doors_of_a_street_have_two_keys(one, other):
    (street, door), (same, another) = places_of(one), places_of(other)
    assert street.key == same.key
    assert door.key != another.key
