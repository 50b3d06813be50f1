"""Does each field take what may be meant and name what may not?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from dispatch.domain.sentences import Sentence
from dispatch.schemas.fields import (
    Choice,
    Choices,
    Degrees,
    Flag,
    Moment,
    Part,
    Phone,
    Shape,
    Whole,
    Words,
    faults_of,
)

anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
)
FIELDS = (
    Words(10), Phone(), Whole(1, 4), Degrees(), Flag(), Moment(), Choice(("a", "b")),
    Choices(("a", "b")),
)  # fmt: skip


@given(anything)
def test_a_field_takes_a_value_or_says_one_sentence(value):
    for field in FIELDS:
        said: list[object] = []
        try:
            field.deserialize(value)
        except ValidationError as fault:
            said = list(fault.messages)
        assert all(isinstance(each, Sentence) for each in said), said


@pytest.mark.parametrize(
    ("field", "given", "taken"),
    [
        (Words(5), "  ab ", "ab"),
        (Phone(), "+86 138-1234-5678", "+86 138-1234-5678"),
        (Phone(), "", ""),
        (Whole(1, 4), 4, 4),
        (Whole(1, 4), "3", 3),
        (Degrees(), 28, 28.0),
        (Degrees(), "28.5", 28.5),
        (Flag(), "1", True),
        (Moment(), "2026-03-02T17:30:00+08:00", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        (Choices(("a", "b")), "a, b", ("a", "b")),
        (Choices(("a", "b")), "", ()),
    ],
    ids=str,
)
def test_taken(field, given, taken):
    assert field.deserialize(given) == taken


@pytest.mark.parametrize(
    ("field", "given"),
    [
        (Words(5), "abcdef"),
        (Words(5, shortest=1), "  "),
        (Words(5), "a\x00"),
        (Words(5), "\udc00"),
        (Words(5), b"\xff"),
        (Phone(), "call me"),
        (Whole(1, 4), 2.0),
        (Whole(1, 4), True),
        (Whole(1, 4), "٣"),
        (Whole(1, 4), 5),
        (Degrees(), float("nan")),
        (Degrees(), float("inf")),
        (Degrees(), 10**400),
        (Degrees(), False),
        (Moment(), 5),
        (Moment(), "2026-03-02T17:30:00"),
        (Moment(), "0001-01-01T00:00:00+23:59"),
        (Moment(), "9999-12-31T23:59:59-23:59"),
        (Choice(("a",)), "b"),
        (Choices(("a",)), "a,b"),
    ],
    ids=str,
)
def test_refused(field, given):
    with pytest.raises(ValidationError):
        field.deserialize(given)


class Inner(Shape):
    """A part."""

    lat = Degrees(required=True)


class Outer(Shape):
    """A whole with a part."""

    place = Part(Inner)
    level = Whole(1, 4)


def faults(given):
    with pytest.raises(ValidationError) as fault:
        Outer().load(given)
    return {name: str(sentence) for name, sentence in faults_of(fault.value.messages).items()}


def test_a_fault_is_named_by_its_path():
    assert faults({"place": {}, "level": 9, "colour": 1}) == {
        "place.lat": "This field is missing.",
        "level": "Give a whole number from 1 to 4.",
        "colour": "There is no such field. Check its spelling.",
    }
    assert faults({"place": 5}) == {"place": "This must be a JSON object."}
    assert faults([]) == {"": "This must be a JSON object."}


def test_a_message_in_any_form_becomes_a_sentence():
    sentence = Sentence("Wrong.")
    assert faults_of({"a": [{"b": [sentence]}]}) == {"a.b": sentence}
    assert faults_of({"a\ud800": {"b\0": [sentence]}}) == {"a\ufffd.b\ufffd": sentence}
    assert str(faults_of({"a": ["english"]})["a"]) == "This value is wrong."
    assert str(faults_of([])[""]) == "This value is wrong."
