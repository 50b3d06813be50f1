"""What does `docs/figures.md` say of each figure? `python -m tools.figure_page` writes it.

Every word is taken from the docstring of the function that computes the figure.
"""

from __future__ import annotations

from pathlib import Path

from dispatch.domain.definitions import DEFINITIONS
from dispatch.domain.exclusions import EXCLUSION_NAMES
from dispatch.domain.samples import MINIMUM_SAMPLE

PAGE = Path(__file__).parents[1] / "docs" / "figures.md"
_HEAD = f"""# Figures

Written by `python -m tools.figure_page` from the docstrings of the functions that compute the
figures; a test compares. The same words stand in the drawer beside each figure at `/circle`.

Below n = {MINIMUM_SAMPLE} a figure is greyed and nothing is ranked by it. No tickets is "no data",
never 100 %.
"""


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    for name, figure in DEFINITIONS.items():
        lines = figure.words.text.split("\n")
        parts.append(f"## {figure.name}\n\n" + "\n\n".join(lines) + "\n")
        parts.append(f"`{name}`, computed by `{figure.place}`.\n")
    reasons = "\n".join(f"- `{reason}`: {name}" for reason, name in EXCLUSION_NAMES.items())
    parts.append(f"## Why a ticket is left out\n\n{reasons}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
