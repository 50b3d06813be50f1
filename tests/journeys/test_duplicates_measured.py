"""Do the figures in docs/duplicates.md come from the command that the page names?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.duplicates import figures, tables
from dispatch.domain.duplicates import SUGGEST_FROM, SUGGEST_FROM_INDOORS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def found(shared_data: Path):
    """Measure once: it reads a file of 121,245 rows."""
    return list(figures(shared_data))


@pytest.mark.shared_data
def test_every_row_of_the_page_is_printed_by_the_command(found, root):
    page = (root / "docs/duplicates.md").read_text(encoding="utf-8").splitlines()
    printed = tables(found)
    assert [row for row in printed if row not in page] == []
    measured = {row.split(" | ")[0] for row in printed}
    assert [row for row in page if row.split(" | ")[0] in measured and row not in printed] == []


@pytest.mark.shared_data
def test_the_sentences_of_the_page_say_what_the_command_prints(found, root):
    page = (root / "docs/duplicates.md").read_text(encoding="utf-8")
    values = {name: (value, more) for name, value, _unit, more in found if "of" not in more}
    pairs, reasons = values["pairs"]
    for words in (
        f"{values['cases'][0]:,} located water cases",
        f"{values['cases'][1]['not located']} that the city put",
        f"{pairs:,} pairs",
        f"same written address ({reasons['same address']} pairs)",
        f"each other ({reasons['closed together']} pairs)",
        f"{reasons['later']} pairs that fit but came later",
        f"{reasons['another type']} at one address under two types",
        f"{100 * values['calls with a suggestion'][0]:.1f} % of them",
        f"of the {values['calls with a twin'][0]} that had a twin",
        f"{100 * values['twin first'][0]:.0f} % had it at the top",
        f"from {SUGGEST_FROM:.2f} (`SUGGEST_FROM`)",
        f"from {SUGGEST_FROM_INDOORS:.2f} where both",
    ):
        assert words in page, words
    shown = {
        more["rule"]: value
        for name, value, _unit, more in found
        if name == "shown" and more["of"] == "all" and more["half"] is None
    }
    assert f"{shown['peer'] / shown['chosen']:.1f} times as much" in page
