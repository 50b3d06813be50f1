"""How is the database brought up to date, and does it fit the program?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from dispatch.cli.declaring import group as group_of
from dispatch.cli.declaring import json_option
from dispatch.cli.endings import FAILED
from dispatch.cli.running import answer, application, note
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from alembic.config import Config
    from flask import Flask

    from dispatch.domain.sentences import Sentence

MOST_DIFFERENCES = 20
group = group_of("db", say("Migrate the database, or compare it."))


@group.command("upgrade", sentence=say("Bring the tables to the newest version."))
@json_option
def upgrade(*, as_json: bool) -> None:
    """Run the migrations that are missing."""
    with application() as app:
        was = _revisions(app)
        command.upgrade(_config(app), "head")
        now = _revisions(app)
    facts = {"was": was, "revision": now}
    done = say("The database is at version %(now)s.", now=", ".join(now))
    answer(as_json, facts, done)


@group.command("check", sentence=say("Compare the database with what the program expects."))
@json_option
def check(*, as_json: bool) -> int | None:
    """Fail when there is not one newest migration, or the tables differ from it."""
    with application() as app:
        heads = list(ScriptDirectory.from_config(_config(app)).get_heads())
        found = _revisions(app)
        differences = _differences(app) if found == heads else []
    faults = _faults(heads, found, differences)
    facts = {"heads": heads, "revision": found, "differences": differences, "ok": not faults}
    if faults:
        note(*faults)
        answer(as_json, facts)
        return FAILED
    answer(
        as_json,
        facts,
        say("The database is at version %(now)s and fits the program.", now=heads[0]),
    )
    return None


def _faults(heads: list[str], found: list[str], differences: list[str]) -> list[Sentence]:
    if len(heads) != 1:
        return [say("There are several newest migrations: %(heads)s.", heads=", ".join(heads))]
    if found != heads:
        return [
            say(
                "The database is at version %(found)s, the program expects %(expected)s: "
                "run “onevisit db upgrade”.",
                found=", ".join(found) or "–",
                expected=heads[0],
            )
        ]
    return [say("It differs from the program: %(difference)s", difference=d) for d in differences]


def _config(app: Flask) -> Config:
    migrate = app.extensions["migrate"]
    config: Config = migrate.migrate.get_config(migrate.directory)
    return config


def _revisions(app: Flask) -> list[str]:
    with _engine(app).connect() as connection:
        return list(MigrationContext.configure(connection).get_current_heads())


def _differences(app: Flask) -> list[str]:
    with _engine(app).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, app.extensions["migrate"].db.metadata)
    return [str(each) for each in found][:MOST_DIFFERENCES]


def _engine(app: Flask) -> Any:
    return app.extensions["migrate"].db.engine
