"""What do all imports share: one transaction, a dry run, a refusal that names every fault?"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from dispatch.actions.unit_of_work import transaction
from dispatch.cli.declaring import option
from dispatch.cli.running import note
from dispatch.cli.wording import word
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Datum
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = click.Path(path_type=Path)
SOURCE = "import"

columns_option = option(
    "--columns",
    required=True,
    type=FILE,
    sentence=say("Column map: what their columns mean."),
)
name_field_option = option(
    "--name-field", sentence=say("Property that names a grid; found by itself if not given.")
)
datum_option = option(
    "--datum",
    type=click.Choice([each.value for each in Datum]),
    default=Datum.WGS84.value,
    show_default=True,
    sentence=say("Datum of the file's coordinates."),
)


class _Rehearsed(Exception):  # noqa: N818  it ends a dry run, which is no error
    """Everything was done and is undone again."""


@contextmanager
def writing(*, dry_run: bool) -> Iterator[None]:
    """Open the one transaction of an import; a dry run does everything and is undone."""
    try:
        with transaction():
            yield
            if dry_run:
                _undo()
    except _Rehearsed:
        note(say("This was a dry run: nothing was changed."))


def _undo() -> NoReturn:
    raise _Rehearsed


@contextmanager
def refusals(facts: dict[str, Any]) -> Iterator[None]:
    """Give the refusal of a file the shape of the import's own JSON, with every fault in it."""
    try:
        yield
    except Invalid as refusal:
        places = refusal.facts.get("refused")
        if isinstance(places, list):
            reasons = refusal.fields.values()
            refused = [
                {**_named(place), "reason": word(reason)}
                for place, reason in zip(places, reasons, strict=True)
            ]
            refusal.facts["answer"] = {**facts, "refused": refused}
        raise


def _named(place: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in place.items() if value is not None or name != "feature"}
