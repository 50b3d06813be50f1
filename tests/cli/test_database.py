"""Can a database be brought up to date, and is a difference noticed?"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, event, text

from dispatch.cli.running import application
from tests.statements import statements


@pytest.fixture
def bare(database, environment):
    environment["ONEVISIT_DATABASE_URL"] = database.bare()


def test_an_empty_database_is_brought_to_the_newest_version(cli, bare):
    before = cli("db", "check", "--json")
    assert (before.exit_code, json.loads(before.stdout)["ok"]) == (1, False)
    assert "onevisit db upgrade" in before.stderr
    upgraded = json.loads(cli("db", "upgrade", "--json").stdout)
    assert (upgraded["was"], len(upgraded["revision"])) == ([], 1)
    assert cli("db", "check").exit_code == 0


def test_a_table_that_was_changed_by_hand_is_noticed(cli, bare, environment, monkeypatch):
    cli("db", "upgrade")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with application() as app:
        session = app.extensions["migrate"].db.session
        session.execute(text("ALTER TABLE team ADD COLUMN colour INTEGER"))
        session.commit()
    result = cli("db", "check", "--json")
    assert result.exit_code == 1
    assert "colour" in result.stderr
    assert len(json.loads(result.stdout)["differences"]) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_migration_may_take_longer_than_a_request(cli, bare):
    found = set()

    def ask(connection, _cursor, statement, _values, _context, _is_many):
        if statement.startswith("INSERT INTO fact_due"):
            limits = ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout")
            driver = connection.connection.cursor()
            found.add(tuple(driver.execute(f"SHOW {each}").fetchone()[0] for each in limits))

    event.listen(Engine, "before_cursor_execute", ask)
    try:
        done = cli("db", "upgrade")
    finally:
        event.remove(Engine, "before_cursor_execute", ask)
    assert done.exit_code == 0, done.output
    assert found == {("0", "0", "5s")}


def test_all_tickets_are_due_only_after_the_triggers_note_each_change(cli, bare):
    with statements() as ran:
        done = cli("db", "upgrade")
    assert done.exit_code == 0, done.output
    texts = [each.text for each in ran]
    triggers = [place for place, one in enumerate(texts) if "crew_fact" in one]
    all_due = next(n for n, one in enumerate(texts) if one.startswith("INSERT INTO fact_due"))
    assert triggers
    assert max(triggers) < all_due
