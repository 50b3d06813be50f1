"""Are the words beside a figure those of the function that works it out?"""

from __future__ import annotations

import inspect

import pytest

from dispatch.domain.attainment import attainment
from dispatch.domain.definitions import DEFINITIONS, Definition
from dispatch.domain.sentences import say


def two_parts() -> None:
    """Count two parts.

    Formula: one; then another. Of all. In: every part. `now` is the instant.
    Out, listed: what is missing. Out of sight is out of mind. Source: a book.
    """


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_sentence_of_a_definition_stands_in_the_docstring(name):
    figure = DEFINITIONS[name]
    docstring = " ".join((inspect.getdoc(figure.function) or "").split())
    lines = figure.words.text.split("\n")
    assert len(lines) > 1 or name == "percentiles"
    for line in lines:
        for sentence in line.split(". "):
            assert sentence.rstrip(".") in docstring
    assert "`" not in figure.words.text
    assert "Source:" not in figure.words.text


@pytest.mark.parametrize("name", sorted(set(DEFINITIONS) - {"percentiles"}))
def test_a_definition_says_how_and_of_what(name):
    lines = DEFINITIONS[name].words.text.split("\n")
    assert lines[1].startswith("Formula")
    if name != "circle":
        assert any(line.startswith("In: ") for line in lines)
        assert any(line.startswith("Out") for line in lines)


def test_code_and_source_are_left_out_and_parts_begin_lines():
    assert Definition(say("Parts"), two_parts).words.text.split("\n") == [
        "Count two parts.",
        "Formula: one; then another. Of all.",
        "In: every part.",
        "Out, listed: what is missing. Out of sight is out of mind.",
    ]


def test_a_definition_names_its_function():
    place = "dispatch.domain.attainment.attainment"
    assert (DEFINITIONS["attainment"].function, DEFINITIONS["attainment"].place) == (
        attainment,
        place,
    )
