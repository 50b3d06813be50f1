"""What does the demo print when the city is up?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.wording import word
from dispatch.domain.permissions import ROLE_NAMES, Role
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES: dict[Role, tuple[str, Sentence]] = {
    Role.CALL_TAKER: ("/desk/call", say("take a call")),
    Role.DISPATCHER: ("/desk", say("the desk: list, map and ticket")),
    Role.CREW: ("/crew", say("one crew's tickets, one big button")),
    Role.TEAM_LEADER: ("/desk", say("one team's tickets")),
    Role.MANAGER: ("/circle", say("where the 30 minutes went")),
    Role.ADMINISTRATOR: ("/admin", say("people, grids, promises")),
    Role.AUDITOR: ("/circle", say("figures and the story of every change")),
}
RESIDENT_PAGE = "/report"
PHONES_PAGE = "/desk/phones"
ALL_MADE_UP = say(
    "Its districts and places are real; every ticket, household and caller is made up."
)
PAST_IS_REAL = say("Its past tickets are real and name nobody; whatever happens now is made up.")


def print_board(facts: dict[str, Any], *, as_json: bool) -> None:
    """Print the addresses and the sign-ins: a table for a person, one JSON object for a program."""
    if as_json:
        facts = {**facts, "pages": {str(role): page for role, (page, _) in PAGES.items()}}
        click.echo(json.dumps(facts, ensure_ascii=False))
        sys.stdout.flush()
        return
    for line in _lines(facts):
        click.echo(line)
    sys.stdout.flush()


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield word(say("The city is up at %(url)s", url=facts["url"]))
    yield word(ALL_MADE_UP if facts["made_up"] else PAST_IS_REAL)
    yield ""
    rows = [[word(each) for each in (say("who"), say("sign in as"), say("page"), say("what for"))]]
    rows += [_row(facts["url"], each) for each in facts["sign_ins"]]
    resident = (say("Resident"), say("nobody"), say("report a fault and follow it"))
    rows.append(
        [word(resident[0]), word(resident[1]), facts["url"] + RESIDENT_PAGE, word(resident[2])]
    )
    yield from _table(rows)
    yield ""
    yield word(
        say("The password of everybody is %(password)s", password=facts["sign_ins"][0]["password"])
    )
    for each in facts["sign_ins"]:
        if "pin" in each:
            yield word(
                say(
                    "On a phone that the desk enrolled (%(page)s) %(name)s signs in with the PIN "
                    "%(pin)s",
                    page=facts["url"] + PHONES_PAGE,
                    name=each["name"],
                    pin=each["pin"],
                )
            )
    yield word(say("Press Ctrl+C to end it; everything is removed then."))
    yield ""


def _row(url: str, sign_in: dict[str, Any]) -> list[str]:
    role = Role(sign_in["role"])
    page, what = PAGES[role]
    return [word(ROLE_NAMES[role]), sign_in["name"], url + page, word(what)]


def _table(rows: list[list[str]]) -> Iterator[str]:
    """Lay rows out in columns; a Chinese character takes two places on a terminal."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = zip(row, widths, strict=True)
        yield (
            "  " + "  ".join(cell + " " * (width - _width(cell)) for cell, width in cells).rstrip()
        )


def _width(text: str) -> int:
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in text)
