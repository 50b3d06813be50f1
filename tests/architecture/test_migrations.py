"""Do the models and the migrations make the same tables, on both databases?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from tests.architecture.sources import ROOT, expect_none
from tests.conftest import close_connections, make_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.engine import Connection, Inspector

    from tests.databases import Database


RELEASED = "0003"


def base_of() -> Any:
    from dispatch.models.base import Base  # noqa: PLC0415  the files are checked without it

    return Base


@pytest.fixture
def script() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))


def test_there_is_one_head_and_one_line(script: ScriptDirectory):
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert not isinstance(revision.down_revision, tuple), f"{revision.revision} merges"


def test_migrations_are_numbered_in_order(script: ScriptDirectory):
    names = [re.split(r"[\\/]", each.path)[-1] for each in script.walk_revisions()]
    numbers = [int(name[:4]) for name in reversed(names)]
    assert numbers == list(range(1, len(numbers) + 1))


def engine_of(app: Flask) -> sa.Engine:
    from dispatch.models.base import db  # noqa: PLC0415  likewise

    with app.app_context():
        return db.engine


def test_alembic_finds_no_drift(app: Flask):
    with engine_of(app).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        expect_none([str(each) for each in compare_metadata(context, base_of().metadata)])


@pytest.fixture
def modelled(database: Database, work_folder: Path) -> Iterator[sa.Engine]:
    """Return an engine on tables made from the models, without the migrations."""
    built = make_app(database.bare(), work_folder)
    engine = engine_of(built)
    base_of().metadata.create_all(engine)
    yield engine
    close_connections(built)


def test_constraints_and_indexes_are_the_same(app: Flask, modelled: sa.Engine):
    # Alembic compares neither checks nor the condition of a partial index.
    with engine_of(app).connect() as migrated, modelled.connect() as wanted:
        expect_none(differences(described(migrated), described(wanted)))


def test_a_release_can_be_taken_back_and_put_in_again(app: Flask):
    engine = engine_of(app)
    with engine.connect() as connection:
        before = described(connection)
    with app.app_context():
        downgrade(revision=RELEASED)
        with engine.connect() as connection:
            assert sa.inspect(connection).has_table("job") is False
        upgrade()
    with engine.connect() as connection:
        expect_none(differences(described(connection), before))


def test_facts_are_what_a_roll_up_writes_before_and_after_their_migrations(app: Flask):
    from dispatch.jobs.facts import run  # noqa: PLC0415  likewise
    from dispatch.models.base import db  # noqa: PLC0415  likewise
    from dispatch.models.facts import FactBlock, FactDue, FactLoose, TicketFact  # noqa: PLC0415  likewise
    from dispatch.models.tickets import Ticket, Visit  # noqa: PLC0415  likewise
    from tests.circle_history import MONDAY, past_ticket  # noqa: PLC0415  likewise
    from tests.factories import make_crew, make_team  # noqa: PLC0415  likewise

    def stored() -> list[Any]:
        found = db.session.execute(
            sa.select(TicketFact.ticket_id, TicketFact.fact).order_by(TicketFact.ticket_id)
        )
        return [tuple(row) for row in found]

    def due() -> list[int]:
        found = list(db.session.scalars(sa.select(FactDue.ticket_id).order_by(FactDue.id)))
        db.session.close()
        return found

    with app.app_context():
        for number, said in enumerate(({}, {"pipe_mm": 4_321}, {"reopenings": 1}, {}), 1):
            past_ticket(MONDAY, (1, 1, 1, 5), id=number, **said)
        db.session.commit()
        run(MONDAY)
        db.session.execute(sa.delete(Ticket).where(Ticket.id == 4))
        db.session.commit()
        written = stored()
        crew = make_crew("Northern crew", team=make_team("North"))
        gave_back = {"ticket_id": 2, "crew_id": crew.id, "state": "declined"}
        db.session.add(Visit(**gave_back, dispatched_at=MONDAY))
        db.session.execute(sa.delete(FactDue))
        db.session.commit()
        downgrade(revision="0051")
        assert due() == [2]
        upgrade()
        assert due() == [2, 2]
        assert stored() == written
        assert db.session.scalars(sa.select(FactBlock.number)).all() == []
        loose = db.session.scalars(sa.select(FactLoose.ticket_id).order_by(FactLoose.ticket_id))
        assert loose.all() == [1, 2, 3, 4]


def test_return_visits_are_due_after_their_migration(app: Flask):
    from dispatch.models.base import db  # noqa: PLC0415  likewise
    from dispatch.models.facts import FactDue  # noqa: PLC0415  likewise
    from dispatch.models.tickets import Visit  # noqa: PLC0415  likewise
    from tests.circle_history import MONDAY, past_ticket  # noqa: PLC0415  likewise
    from tests.factories import make_crew, make_team  # noqa: PLC0415  likewise

    with app.app_context():
        crew = make_crew("Northern crew", team=make_team("North"))
        for number in (1, 2, 3):
            past_ticket(MONDAY, (1, 1, 1, 5), id=number)
        for ticket, cause in ((3, "part_missing"), (1, "part_missing"), (2, "no_access")):
            short = {"ticket_id": ticket, "state": "cannot_complete", "cause": cause}
            db.session.add(Visit(**short, crew_id=crew.id, dispatched_at=MONDAY))
        db.session.commit()
        downgrade(revision="0052")
        db.session.execute(sa.delete(FactDue))
        db.session.commit()
        upgrade()
        due = db.session.scalars(sa.select(FactDue.ticket_id).order_by(FactDue.id)).all()
        assert due == [1, 3]


def described(connection: Connection) -> dict[str, str]:
    """Return every column, key, check and index of a database as text."""
    inspector = sa.inspect(connection)
    found = {}
    for table in inspector.get_table_names():
        if table != "alembic_version":
            found |= {f"{table}.{name}": text for name, text in parts(inspector, table)}
    return found


def parts(inspector: Inspector, table: str) -> Iterator[tuple[str, str]]:
    for column in inspector.get_columns(table):
        kind = column["type"].compile(inspector.bind.dialect)
        yield column["name"], f"{kind} null={column['nullable']} default={column['default']}"
    yield "primary key", str(inspector.get_pk_constraint(table)["constrained_columns"])
    for key in inspector.get_foreign_keys(table):
        columns = ", ".join(key["constrained_columns"])
        yield f"({columns})", f"{key['referred_table']} {key['referred_columns']} {key['options']}"
    for unique in inspector.get_unique_constraints(table):
        yield f"unique {unique['name']}", str(unique["column_names"])
    for check in inspector.get_check_constraints(table):
        yield f"check {check['name']}", re.sub(r"\s+", " ", check["sqltext"])
    for index in inspector.get_indexes(table):
        options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
        yield f"index {index['name']}", f"{index['column_names']} {index['unique']} {options}"


def differences(migrated: dict[str, str], wanted: dict[str, str]) -> list[str]:
    return [
        f"{name}: migrations {migrated.get(name)}, models {wanted.get(name)}"
        for name in sorted(migrated.keys() | wanted.keys())
        if migrated.get(name) != wanted.get(name)
    ]


def test_the_rules_can_fail():
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        before = described(connection)
        connection.exec_driver_sql("CREATE TABLE a (b INTEGER CHECK (b > 0))")
        after = described(connection)
    engine.dispose()
    assert differences(before, after)
    assert not differences(after, after)
