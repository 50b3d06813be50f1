"""How does a person read what came of a rehearsal?"""

from __future__ import annotations

import sys
from typing import Any

from dispatch.cli.wording import word
from dispatch.domain.sentences import say

_PERCENT = 100


def print_table(facts: dict[str, Any]) -> None:
    """Print the figures of `rehearse --json` as one small table."""
    from rich.console import Console  # noqa: PLC0415  only a person needs it
    from rich.table import Table  # noqa: PLC0415  likewise

    title = say(
        "Rehearsal of %(located)s tickets with %(crews)s crews, %(policy)s",
        located=facts["located"],
        crews=facts["crews"],
        policy=facts["policy"],
    )
    table = Table(title=word(title), title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    minutes = facts["response_minutes"] or {}
    for name, value in (
        (say("Within 30 min"), _percent(facts["attainment_30"])),
        (say("With full knowledge"), _percent((facts["bound"] or {}).get("attainment_30"))),
        (say("Response P50 min"), _number(minutes.get("p50"))),
        (say("Response P90 min"), _number(minutes.get("p90"))),
        (say("Unserved"), str(facts["unserved"])),
        (say("By the home team"), _percent(facts["home_team_share"])),
        (say("Kilometres a ticket"), _number(facts["travel_km_per_ticket"])),
        (say("Sent elsewhere on the way"), str(facts["reassignments"])),
    ):
        table.add_row(word(name), value)
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * _PERCENT:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
