"""Is a copy whole, of one moment, and never half there?"""

from __future__ import annotations

import os
import subprocess
from contextlib import closing

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy.engine import make_url

from dispatch.adapters import database_copy
from dispatch.adapters.database_copy import copy_database
from dispatch.domain.errors import Refused
from dispatch.models.base import db
from tests.databases import find_postgres
from tests.factories import make_ticket


@pytest.fixture
def url(app, monkeypatch):
    """Return the address of a database with one ticket, and find the programs of its server."""
    monkeypatch.setenv("PATH", f"{find_postgres()}{os.pathsep}{os.environ['PATH']}")
    return make_url(app.config["SETTINGS"].database_url)


def tickets_in(copy, url):
    if url.get_backend_name() == "sqlite":
        with closing(sqlite.connect(str(copy))) as connection:
            return connection.execute("SELECT count(*) FROM ticket").fetchone()[0]
    listed = subprocess.run(
        ["pg_restore", "--data-only", "--table=ticket", "--file=-", str(copy)],
        capture_output=True, text=True, check=True,
    ).stdout.split("FROM stdin;\n")[1]  # fmt: skip
    return listed.split("\\.")[0].count("\n")


def test_what_is_committed_is_in_the_copy_and_nothing_else(session, url, now, tmp_path):
    make_ticket(now)
    make_ticket(now)
    db.session.commit()
    target = tmp_path / "folder" / "copy"
    assert copy_database(url, target) == target.stat().st_size > 0
    assert tickets_in(target, url) == 2
    assert target.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in target.parent.iterdir()] == ["copy"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_that_cannot_be_asked_leaves_no_file(url, tmp_path):
    with pytest.raises(Refused, match="pg_dump ended with"):
        copy_database(url.set(database="nowhere"), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_without_the_program_it_is_said_what_to_install(url, tmp_path, monkeypatch):
    monkeypatch.setattr(database_copy.shutil, "which", lambda _name: None)
    with pytest.raises(Refused, match="Install PostgreSQL's client programs"):
        copy_database(url, tmp_path / "copy")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_database_gives_no_copy(url, tmp_path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"no database at all" * 400)
    with pytest.raises(sqlite.DatabaseError):
        copy_database(url.set(database=str(broken)), tmp_path / "copy")
    assert [each.name for each in tmp_path.iterdir()] == ["broken"]
