"""Do the tests' own fixtures keep what they promise?"""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import func, select

from dispatch.access import current_actor
from dispatch.domain.permissions import Role
from dispatch.models.people import Team
from tests.faults.conftest import drop_own_limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import time_machine
    from flask import Flask
    from sqlalchemy.orm import Session, scoped_session

    from tests.databases import Database
    from tests.visitors import Visitor


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_with_empty_tables(session: scoped_session[Session], turn: int):
    assert session.scalar(select(func.count()).select_from(Team)) == 0
    session.add(Team(name="North"))
    session.commit()
    assert session.scalars(select(Team.id)).all() == [1]


def test_a_fresh_database_is_another_one(database: Database):
    assert len({database.url, database.fresh(), database.fresh(), database.bare()}) == 4


def test_a_stranger_is_not_signed_in_and_a_cast_member_is(
    app: Flask, client: Visitor, sign_in: Callable[..., Visitor]
):
    def role_of(visitor: Visitor) -> Role | None:
        with visitor:
            visitor.get("/")
            return current_actor().role

    assert role_of(client) is None
    assert role_of(sign_in("dispatcher")) is Role.DISPATCHER
    assert role_of(sign_in("manager")) is Role.MANAGER


def test_only_a_form_of_ours_is_accepted(client: Visitor):
    assert client.post("/language", data={"language": "en"}).status_code == 302
    client.carries_token = False
    assert client.post("/language", data={"language": "en"}).status_code == 400


def test_the_network_is_refused():
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(AssertionError, match="network"):
        socket.getaddrinfo("example.org", 443)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_the_clock_stands_still(clock: time_machine.Coordinates, now: datetime):
    assert datetime.now(UTC) == now
    clock.shift(60)
    assert (datetime.now(UTC) - now).total_seconds() == 60


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_story_cannot_be_changed_even_though_tests_empty_it(database: Database):
    with psycopg.connect(database.url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ticket_event'::regclass"
            " AND tgenabled = 'O' AND NOT tgisinternal"
        ).fetchone()
    assert found
    assert found[0] > 0


def test_a_run_ends_with_one_plain_line(tmp_path: Path, root: Path):
    bad = "import pytest\n@pytest.fixture\ndef broken(): 1 / 0\n"
    bad += "def test_a(): pass\ndef test_b(broken): pass\ndef test_c(): assert 0\n"
    (tmp_path / "test_x.py").write_text(bad + "def test_d(): pytest.skip('not here')\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.conftest", str(tmp_path)],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "1 passed, 2 failed, 1 skipped"
    assert "not here" in done.stdout
    assert done.returncode == 1


def test_the_time_limits_of_short_proofs_do_not_end_the_long_ones():
    limited = pytest.mark.timeout(600).mark
    item = SimpleNamespace(own_markers=[limited, pytest.mark.browser.mark])
    drop_own_limits([item])
    assert [mark.name for mark in item.own_markers] == ["browser"]
