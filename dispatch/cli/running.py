"""What does every command need: the application, the acting person, an answer, a bar?"""

from __future__ import annotations

import getpass
import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.wording import word
from dispatch.domain.permissions import Actor, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from dispatch.domain.sentences import Sentence


@contextmanager
def application() -> Iterator[Flask]:
    """Build the application of the environment's settings and enter it.

    Inside, `access.current_time()` is the instant at which the command began.

    Raises:
        SettingsError: naming every wrong setting.
    """
    from dispatch.app import create_app, know_migrations  # noqa: PLC0415  help and version need no application
    from dispatch.config import Settings  # noqa: PLC0415  likewise

    app = create_app(Settings.from_env(os.environ), answers=False)
    know_migrations(app)
    database = app.extensions["migrate"].db
    with app.app_context():
        try:
            yield app
        finally:
            database.session.remove()
            for engine in database.engines.values():
                engine.dispose()


def command_actor(source: str = "cli") -> Actor:
    """Return who is typing: the account of the machine, with an administrator's powers."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(name=name, role=Role.ADMINISTRATOR, source=source)


def answer(as_json: bool, facts: dict[str, Any], *lines: Sentence) -> None:  # noqa: FBT001
    """Print the result: one JSON object, or the lines for a person."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for line in lines:
        click.echo(word(line))


def note(*lines: Sentence) -> None:
    """Say something beside the result, on standard error."""
    for line in lines:
        click.echo(word(line), err=True)


@contextmanager
def bar(sentence: Sentence, total: float | None) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error and give a function that moves it to a total of steps done.

    Nothing is drawn where standard error is no terminal.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import Progress  # noqa: PLC0415  likewise

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(word(sentence), total=total)
        yield lambda done: progress.update(task, completed=done)
