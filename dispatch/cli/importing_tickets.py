"""How are past tickets imported from a table and a column map?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from dispatch.access import current_time
from dispatch.actions.ticket_import import TicketImport, import_past_tickets
from dispatch.cli.declaring import WordedCommand, dry_run_option, json_option
from dispatch.cli.import_steps import FILE, SOURCE, columns_option, refusals, writing
from dispatch.cli.input_files import read_whole
from dispatch.cli.past_files import PastFile
from dispatch.cli.running import answer, application, command_actor, note
from dispatch.config import Settings
from dispatch.domain.column_map import read_column_map
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "tickets", cls=WordedCommand, sentence=say("Import past tickets from CSV or packed CSV.")
)
@click.argument("file", type=FILE)
@columns_option
@dry_run_option
@json_option
def tickets(*, file: Path, columns: Path, dry_run: bool, as_json: bool) -> None:
    """Check the whole file, then write it in one transaction."""
    settings = Settings.from_env(os.environ)
    with refusals(_facts(TicketImport(), 0)):
        column_map = read_column_map(read_whole(columns), columns.name, settings.zone)
        past_file = PastFile(file, column_map, datetime.now(UTC))
        past_file.check()
        with (
            application(),
            writing(dry_run=dry_run),
            past_file.past_tickets(say("Importing")) as past,
        ):
            done = import_past_tickets(
                past, column_map, actor=command_actor(SOURCE), now=current_time()
            )
    _answer(done, past_file, as_json=as_json)


def _facts(done: TicketImport, filtered_out: int) -> dict[str, Any]:
    return {
        "imported": done.imported,
        "already_there": done.already_there,
        "filtered_out": filtered_out,
        "not_located": done.not_located,
        "outside_grids": done.outside_grids,
        "flagged": dict(done.flagged),
        "refused": [],
    }


def _answer(done: TicketImport, past_file: PastFile, *, as_json: bool) -> None:
    facts = _facts(done, past_file.filtered_out)
    lines = [
        say(
            "%(imported)s tickets imported, %(there)s already there, %(filtered)s filtered out.",
            imported=done.imported,
            there=done.already_there,
            filtered=past_file.filtered_out,
        ),
        say(
            "Of these %(nowhere)s are not located and %(outside)s lie outside every grid.",
            nowhere=done.not_located,
            outside=done.outside_grids,
        ),
    ]
    for flag, count in sorted(done.flagged.items()):
        flagged = say(
            "Kept, flagged and left out of durations: %(count)s (%(flag)s).", count=count, flag=flag
        )
        lines.append(flagged)
    if past_file.doubtful_times:
        note(
            say(
                "Times that fall into a change to or from summer time, and may be off by an "
                "hour: %(count)s.",
                count=past_file.doubtful_times,
            )
        )
    answer(as_json, {**facts, "doubtful_times": past_file.doubtful_times}, *lines)
