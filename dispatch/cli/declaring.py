"""How is a command declared, so that its help reads in both languages?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from dispatch.cli.wording import word
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


class WordedOption(click.Option):
    """An option whose help is a `Sentence`."""

    def __init__(self, *args: Any, sentence: Sentence, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.sentence = sentence

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Word the help when it is asked for, not when the module is read."""
        self.help = word(self.sentence)
        return super().get_help_record(ctx)


class WordedCommand(click.Command):
    """A command whose help is a `Sentence`."""

    def __init__(self, *args: Any, sentence: Sentence, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.sentence = sentence

    def get_short_help_str(self, limit: int = 45) -> str:
        """Word the first sentence for the list of commands."""
        del limit
        return word(self.sentence)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Word the help when it is asked for."""
        self.help = word(self.sentence)
        super().format_help(ctx, formatter)


class WordedGroup(WordedCommand, click.Group):
    """A group of commands whose help is a `Sentence`."""

    command_class = WordedCommand


def option(*names: str, sentence: Sentence, **attributes: Any) -> Callable[[F], F]:
    """Declare an option."""
    return click.option(*names, cls=WordedOption, sentence=sentence, **attributes)


def command(name: str, sentence: Sentence) -> Callable[[Callable[..., Any]], WordedCommand]:
    """Declare a command."""
    return click.command(name, cls=WordedCommand, sentence=sentence)


def group(name: str, sentence: Sentence) -> WordedGroup:
    """Make a group of commands."""
    return WordedGroup(name, sentence=sentence)


def json_option(function: F) -> F:
    """Add `--json`."""
    return option(
        "--json", "as_json", is_flag=True, sentence=say("Print one JSON object on standard output.")
    )(function)


def dry_run_option(function: F) -> F:
    """Add `--dry-run`."""
    return option("--dry-run", is_flag=True, sentence=say("Check everything and change nothing."))(
        function
    )
