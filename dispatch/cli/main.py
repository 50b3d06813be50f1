"""Which commands are there, and how does one end?"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from dispatch.cli.declaring import WordedGroup
from dispatch.cli.endings import end
from dispatch.cli.wording import word
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click


class Entry(NamedTuple):
    """Where a command is kept, as ``module:name``, and its line in the list."""

    place: str
    sentence: Sentence


_HERE = "dispatch.cli"
COMMANDS: dict[str, Entry] = {
    "demo": Entry(f"{_HERE}.demo:demo", say("Run a seeded city with moving crews.")),
    "init": Entry(
        f"{_HERE}.accounts:init",
        say("Create the tables, the default policy and the first administrator."),
    ),
    "db": Entry(f"{_HERE}.database:group", say("Migrate the database, or compare it.")),
    "serve": Entry(f"{_HERE}.serving:serve", say("Run the web process.")),
    "jobs": Entry(f"{_HERE}.serving:jobs", say("Run the clockwork process.")),
    "live": Entry(f"{_HERE}.streaming:live", say("Run the process that tells desks of changes.")),
    "import": Entry(
        f"{_HERE}.importing:group", say("Import grids, crews or past tickets from files.")
    ),
    "export": Entry(f"{_HERE}.exporting:group", say("Export tickets to a file.")),
    "figures": Entry(f"{_HERE}.figures:figures", say("Print what the dashboards show.")),
    "rehearse": Entry(
        f"{_HERE}.rehearsing:rehearse", say("Replay past tickets under other staffing or rules.")
    ),
    "travel": Entry(
        f"{_HERE}.travelling:travel",
        say("Print where travel times come from and how wrong they are."),
    ),
    "site": Entry(
        f"{_HERE}.siting:site",
        say("Choose where bases should stand so that most of the tickets are covered."),
    ),
    "user": Entry(f"{_HERE}.accounts:user", say("Add accounts and reset their sign-ins.")),
    "config": Entry(f"{_HERE}.accounts:config", say("Print every setting and where it is from.")),
    "vapid": Entry(f"{_HERE}.pushing:vapid", say("Make the keys that sign pushes to browsers.")),
    "doctor": Entry(f"{_HERE}.accounts:doctor", say("Look for what is wrong here.")),
    "verify-events": Entry(
        f"{_HERE}.verifying:verify_events",
        say("Check that nobody changed, removed or added an event afterwards."),
    ),
    "openapi": Entry(f"{_HERE}.serving:openapi", say("Print the description of the JSON API.")),
    "version": Entry(f"{_HERE}.serving:version", say("Print the version.")),
}


class CommandTable(WordedGroup):
    """The commands by name; the module of one is read when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that are installed."""
        del ctx
        return [name for name, entry in COMMANDS.items() if _is_there(entry)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Read the module of one command."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None or not _is_there(entry):
            return None
        module, _, name = entry.place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without reading their modules."""
        rows = [(name, word(COMMANDS[name].sentence)) for name in self.list_commands(ctx)]
        with formatter.section(word(say("Commands"))):
            formatter.write_dl(rows)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run one command and end with 0 done, 1 failed or 2 refused."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            outcome = super().main(given, prog_name or "onevisit", **extra)
        except Exception as fault:  # noqa: BLE001  every fault ends in a sentence and a code
            sys.exit(end(fault, as_json="--json" in given))
        sys.exit(outcome if isinstance(outcome, int) else 0)


def _is_there(entry: Entry) -> bool:
    return find_spec(entry.place.partition(":")[0]) is not None


main = CommandTable(
    "onevisit",
    sentence=say("OneVisit: one call, one ticket, one team, one arrival, one fix."),
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
