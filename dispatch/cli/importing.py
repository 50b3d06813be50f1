"""How are grids, crews and the rota imported from files, and where do past tickets come in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dispatch.access import current_time
from dispatch.actions.crew_import import import_crews
from dispatch.actions.grid_import import import_grids
from dispatch.actions.rota import import_rota
from dispatch.cli.declaring import dry_run_option, json_option, option
from dispatch.cli.declaring import group as group_of
from dispatch.cli.import_steps import (
    FILE,
    SOURCE,
    datum_option,
    name_field_option,
    refusals,
    writing,
)
from dispatch.cli.importing_tickets import tickets
from dispatch.cli.input_files import open_lines, read_whole
from dispatch.cli.running import answer, application, command_actor, note
from dispatch.cli.wording import word
from dispatch.domain.crew_rows import read_crew_rows, skill_warnings
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.domain.place import Datum
from dispatch.domain.rota_rows import read_rota_rows
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from pathlib import Path

    from dispatch.actions.crew_import import CrewImport
    from dispatch.actions.grid_import import GridImport
    from dispatch.domain.sentences import Sentence

group = group_of("import", say("Import grids, crews, the rota or past tickets from files."))


@group.command("grids", sentence=say("Import grids from GeoJSON; invalid rings are repaired."))
@click.argument("file", type=FILE)
@name_field_option
@option("--team-field", sentence=say("Property that names the team; missing teams are made."))
@option("--zone-field", sentence=say("Property that says town or suburb."))
@datum_option
@dry_run_option
@json_option
def grids(
    *,
    file: Path,
    name_field: str | None,
    team_field: str | None,
    zone_field: str | None,
    datum: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read the whole file before anything is written."""
    fields = GridFields(name_field, team_field, zone_field, Datum(datum))
    with refusals({"imported": 0, "repaired": []}):
        drafts = read_grid_features(read_whole(file), file.name, fields)
        with application(), writing(dry_run=dry_run):
            done = import_grids(drafts, actor=command_actor(SOURCE), now=current_time())
    _answer_grids(done, as_json=as_json)


def _answer_grids(done: GridImport, *, as_json: bool) -> None:
    note(*done.warnings)
    facts = {
        "imported": len(done.imported),
        "already_there": len(done.already_there),
        "repaired": done.repaired,
        "warnings": [word(each) for each in done.warnings],
        "refused": [],
    }
    counted = say(
        "%(imported)s grids imported, %(there)s already there.",
        imported=len(done.imported),
        there=len(done.already_there),
    )
    repaired = say("Rings repaired in: %(names)s.", names=", ".join(done.repaired))
    answer(as_json, facts, counted, *([repaired] if done.repaired else []))


@group.command("crews", sentence=say("Import crews from CSV; known ones are changed."))
@click.argument("file", type=FILE)
@dry_run_option
@json_option
def crews(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """Read the whole file before anything is written."""
    with refusals({"imported": 0, "changed": 0}):
        with open_lines(file) as (lines, _bytes_read):
            drafts = read_crew_rows(lines, file.name)
        with application(), writing(dry_run=dry_run):
            done = import_crews(
                drafts, file=file.name, actor=command_actor(SOURCE), now=current_time()
            )
    _answer_crews(done, skill_warnings(drafts), as_json=as_json)


def _answer_crews(done: CrewImport, warnings: list[Sentence], *, as_json: bool) -> None:
    note(*warnings)
    facts = {
        "imported": len(done.imported),
        "changed": len(done.changed),
        "already_there": len(done.already_there),
        "teams": done.teams,
        "warnings": [word(each) for each in warnings],
        "refused": [],
    }
    counted = say(
        "%(imported)s crews imported, %(changed)s changed, %(there)s already there.",
        imported=len(done.imported),
        changed=len(done.changed),
        there=len(done.already_there),
    )
    answer(as_json, facts, counted)


@group.command(
    "rota", sentence=say("Import the rota from CSV; it takes the place of the one before.")
)
@click.argument("file", type=FILE)
@dry_run_option
@json_option
def rota(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """Read the whole file before anything is written."""
    with refusals({"imported": 0}):
        with open_lines(file) as (lines, _bytes_read):
            drafts = read_rota_rows(lines, file.name)
        with application(), writing(dry_run=dry_run):
            done = import_rota(drafts, file.name, actor=command_actor(SOURCE), now=current_time())
    counted = say("The rota has %(count)s entries now.", count=len(done))
    answer(as_json, {"imported": len(done), "refused": []}, counted)


group.add_command(tickets)
