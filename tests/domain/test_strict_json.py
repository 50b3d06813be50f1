"""Is every wrong field of a JSON document named, all at once?"""

import math
from datetime import date

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.strict_json import (
    clock_time,
    read_clock_time,
    read_date,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_whole,
)

READERS = {"a": read_whole(1, 9), "b": read_list(read_number(0, 1)), "c": read_optional(read_date)}


def faults_of(value, readers=READERS):
    with pytest.raises(Invalid) as refused:
        read_object(value, "form", readers)
    return {name: str(fault) for name, fault in refused.value.fields.items()}


def test_an_exact_object_is_read():
    found = read_object({"a": 3, "b": [0, 0.5, 1], "c": None}, "", READERS)
    assert found == {"a": 3, "b": (0.0, 0.5, 1.0), "c": None}


def test_every_fault_is_reported_at_once_under_its_dotted_name():
    assert faults_of({"a": 0, "b": [0.5, 2, "x"], "z": 1}) == {
        "form.z": "This field is not known.",
        "form.a": "This must be a whole number from 1 to 9.",
        "form.b.1": "This must be a number from 0 to 1.",
        "form.b.2": "This must be a number from 0 to 1.",
        "form.c": "This field is missing.",
    }


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_what_is_not_an_object_is_refused(value):
    assert faults_of(value) == {"form": "This must be an object with named fields."}


@pytest.mark.parametrize("value", [True, 1.0, "1", math.nan, None, 10**400, -1])
def test_what_is_not_a_whole_number_in_range_is_refused(value):
    with pytest.raises(Invalid) as refused:
        read_whole(0, 5)(value, "n")
    assert list(refused.value.fields) == ["n"]


@pytest.mark.parametrize("value", [False, "1", math.nan, math.inf, -math.inf, 10**400, -1, None])
def test_what_is_not_a_finite_number_in_range_is_refused(value):
    with pytest.raises(Invalid) as refused:
        read_number(0, 5)(value, "n")
    assert str(refused.value) == "n: This must be a number from 0 to 5."


@pytest.mark.parametrize("value", ["2026-2-17", "2026-02-30", "20260217", 20260217, "२०२६-०२-१७"])
def test_what_is_not_a_date_is_refused(value):
    with pytest.raises(Invalid, match="a date such as"):
        read_date(value, "day")


def test_a_date_is_read():
    assert read_date("2026-02-17", "day") == date(2026, 2, 17)


@pytest.mark.parametrize("value", ["24:01", "8:30", "08:60", "29:00", 830, "08:30:00", "08:30\n"])
def test_what_is_not_a_time_of_day_is_refused(value):
    with pytest.raises(Invalid, match="a time of day"):
        read_clock_time(value, "from")


@pytest.mark.parametrize("minute", [0, 510, 1439, 1440])
def test_a_time_of_day_is_read_as_it_was_written(minute):
    assert read_clock_time(clock_time(minute), "from") == minute


def test_a_list_that_is_none_is_refused():
    with pytest.raises(Invalid, match="This must be a list"):
        read_list(read_date)("2026-02-17", "days")
