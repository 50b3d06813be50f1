"""Is a text with an unknown field refused, and a good one filled without surprises?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.message_templates import (
    DEFAULTS,
    FIELD_WORDS,
    as_template,
    check_template,
    default_of,
    fields_of,
    fill,
)
from dispatch.domain.ticket_state import EventKind


@pytest.mark.parametrize("step", DEFAULTS)
def test_every_default_holds_only_fields_of_its_step(step):
    text = as_template(default_of(step).text)
    assert check_template(step, text) == text
    assert set(fields_of(step)) <= set(FIELD_WORDS)


def test_an_unknown_field_is_named_with_the_known_ones():
    with pytest.raises(Invalid) as refusal:
        check_template("dispatched", "for {nmuber}")
    sentence = str(refusal.value.fields["text"])
    assert "{nmuber}" in sentence
    assert "{number}" in sentence
    assert "{late}" not in sentence


@pytest.mark.parametrize(
    "text",
    ["", "  ", "x" * 1001, "{", "a } b", "{number", "{{number}", "{number!r}", "{number.x}", "{}",
     "{ number }", "{0}"],
)  # fmt: skip
def test_a_text_that_cannot_be_filled_is_refused(text):
    with pytest.raises(Invalid):
        check_template("dispatched", text)


def test_a_step_without_a_text_of_its_own_has_one_for_all():
    assert default_of("held") is DEFAULTS["other"]


def test_fields_are_filled_once_and_missing_ones_are_dashes():
    text = check_template("dispatched", "{{{number}}} {category} {link}")
    assert fill(text, {"number": "{category}", "category": ""}) == "{{category}} – –"


def test_a_catalogue_text_becomes_a_template():
    assert as_template("%(number)s: 80 %% {x}") == "{number}: 80 % {{x}}"


@given(st.text(max_size=60))
def test_whatever_is_taken_can_be_filled(text):
    try:
        checked = check_template("dispatched", text)
    except Invalid:
        return
    filled = fill(checked, dict.fromkeys(fields_of("dispatched"), "v"))
    assert len(re.findall(r"[{}]", filled)) == checked.count("{{") + checked.count("}}")


def test_a_text_of_the_desk_must_hold_what_the_desk_wrote():
    step = EventKind.REPORTERS_TOLD
    assert check_template(step, "{number}: {words}") == "{number}: {words}"
    with pytest.raises(Invalid, match="nobody reads"):
        check_template(step, "{number} {link}")
    with pytest.raises(Invalid, match="no field"):
        check_template(EventKind.ARRIVED, "{words}")
