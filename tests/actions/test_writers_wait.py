"""Does a writer of SQLite wait once in all, however many wait before it?"""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pysqlite3.dbapi2 as sqlite3
import pytest
from sqlalchemy.exc import OperationalError

from dispatch.actions import unit_of_work
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import BUSY_SECONDS, db
from dispatch.models.people import Team
from tests.conftest import lend
from tests.contenders import contend
from tests.factories import make_team

WRITERS = 8


@pytest.fixture
def app(sqlite, built, work_folder):
    sqlite.reset()
    with lend(built, sqlite.url, work_folder) as lent:
        yield lent


@pytest.fixture
def importing(sqlite):
    """Hold the file as a long import of another process does, until it rolls back."""
    other = sqlite3.connect(sqlite.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def names(app):
    with app.app_context():
        return sorted(name for (name,) in db.session.query(Team.name))


@pytest.mark.parametrize("shared", [[True], [False], [True, False]], ids=str)
def test_all_give_up_after_one_wait(app, importing, monkeypatch, shared):
    monkeypatch.setattr(unit_of_work, "BUSY_SECONDS", 1)
    waits = []

    def act(number):
        begun = monotonic()
        try:
            with transaction(shared=shared[number % len(shared)]):
                make_team(f"T{number}")
        finally:
            waits.append(monotonic() - begun)
        return "written"

    assert contend(app, act, WRITERS) == {"OperationalError": WRITERS}
    # One after the other they would wait eight seconds.
    assert max(waits) < WRITERS / 2
    assert names(app) == []

    importing.rollback()
    assert contend(app, act, WRITERS) == {"written": WRITERS}
    assert names(app) == [f"T{number}" for number in range(WRITERS)]


@pytest.mark.parametrize("shared", [True, False])
def test_a_wait_for_the_turn_is_bounded_too_and_harms_nobody(app, monkeypatch, shared):
    def write(name, first=lambda: None):
        with app.app_context(), transaction(shared=shared):
            first()
            make_team(name)

    with ThreadPoolExecutor(1) as pool:

        def another_waits_in_vain():
            monkeypatch.setattr(unit_of_work, "BUSY_SECONDS", 0.1)
            fault = pool.submit(write, "B").exception(60)
            assert isinstance(fault, OperationalError)
            assert "database is locked" in str(fault)

        write("A", first=another_waits_in_vain)
    assert names(app) == ["A"]
    write("C")
    assert names(app) == ["A", "C"]


def test_a_connection_that_waited_less_waits_as_long_as_ever_again(app, importing, monkeypatch):
    with app.app_context():
        monkeypatch.setattr(unit_of_work, "BUSY_SECONDS", 0)
        with pytest.raises(OperationalError, match="database is locked"), transaction():
            pass
        importing.rollback()
        with transaction():
            connection = db.session.connection()
            left = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    assert left == BUSY_SECONDS * 1000
