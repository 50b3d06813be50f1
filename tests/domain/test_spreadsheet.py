"""Does no text become a formula, and do numbers stay numbers?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.domain.spreadsheet import safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_would_run_is_disarmed(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("plain", "plain"),
        (-71.05, -71.05),
        (-3, -3),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (["a", "b"], "a;b"),
        (["=a"], "'=a"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    ],
)
def test_a_value_is_written_as_it_is(value, cell):
    assert safe_cell(value) == cell
