"""Does a bell ring at a commit that changed a ticket, and again after its connection was lost?"""

from __future__ import annotations

import psycopg
import pytest

from dispatch.actions import unit_of_work
from dispatch.adapters.bells import CHANNEL, PlainBell, PostgresBell, bell_for
from tests.factories import make_crew, make_team, make_ticket

LONG = 60.0


@pytest.fixture
def bell(postgresql):
    found = PostgresBell(postgresql.url.replace("postgresql:", "postgresql+psycopg:"), LONG)
    found.wait()
    yield found
    found.close()


def test_each_database_has_its_bell():
    assert isinstance(bell_for("postgresql+psycopg:///onevisit"), PostgresBell)
    assert isinstance(bell_for("sqlite:///onevisit.sqlite3"), PlainBell)


def test_those_who_ring_and_those_who_listen_name_one_channel():
    assert f"NOTIFY {CHANNEL}" == unit_of_work._RING


def test_it_rings_once_for_all_that_has_come(bell, postgresql):
    for _ in range(3):
        postgresql.connection.execute(f"NOTIFY {CHANNEL}")
    bell.wait()
    assert list(bell._connection.notifies(timeout=0)) == []


def test_without_a_ring_it_ends_after_its_time(postgresql):
    bell = PostgresBell(postgresql.url, 0.01)
    bell.wait()
    bell.wait()
    bell.close()


def test_a_lost_connection_is_told_once_and_made_anew(bell, postgresql):
    before = bell._connection
    postgresql.connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    )
    with pytest.raises(psycopg.OperationalError):
        bell.wait()
    bell.wait()
    assert bell._connection is not before
    postgresql.connection.execute(f"NOTIFY {CHANNEL}")
    bell.wait()


@pytest.mark.parametrize("made", [lambda: PlainBell(LONG), lambda: PostgresBell("", LONG)])
def test_a_stopped_bell_waits_no_more(made):
    bell = made()
    bell.stop()
    bell.wait()
    bell.close()


def open_in_vain(now):
    with unit_of_work.transaction():
        make_ticket(now)
        raise ZeroDivisionError


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_commit_that_wrote_into_a_story_rings_and_no_other(session, postgresql, now):
    bell = PostgresBell(postgresql.url, LONG)
    bell.wait()
    with unit_of_work.transaction():
        team = make_team()
    with pytest.raises(ZeroDivisionError):
        open_in_vain(now)
    assert list(bell._connection.notifies(timeout=0)) == []
    with unit_of_work.transaction():
        make_crew("West 1", team=team)
        make_ticket(now)
        make_ticket(now)
    bell.wait()
    assert list(bell._connection.notifies(timeout=0)) == []
    bell.close()
