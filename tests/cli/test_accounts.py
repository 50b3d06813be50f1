"""Do init, user and doctor do what they say, and end with the right code?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.cli.checkup import (
    FAIL,
    OK,
    WARN,
    check_clockwork,
    check_database,
    check_disk,
    check_migrations,
    check_set_up,
    check_settings,
    file_system_of,
)
from dispatch.config import Settings
from dispatch.queries.administration import Counts
from dispatch.queries.installation import DatabaseFacts, TimerFacts

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery\n"
SQLITE = DatabaseFacts(
    "sqlite", (3, 51, 3), {"journal_mode": "wal", "synchronous": "2"}, None, "0002", "/x.sqlite3"
)
POSTGRESQL = DatabaseFacts(
    "postgresql",
    (18, 0),
    {"fsync": "on", "synchronous_commit": "on", "statement_timeout": "15s"},
    NOW,
    "0002",
    None,
)


def told(cli, *arguments: object, code=0, **named: str):
    result = cli(*arguments, "--json", **named)
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def bare(database, environment):
    environment["ONEVISIT_DATABASE_URL"] = database.bare()


def test_init_migrates_seeds_and_prints_a_link_once(bare, cli):
    first = told(cli, "init", "--admin", "li.wei")
    assert (first["added"], first["administrator"], first["policy_version"]) == (True, "li.wei", 1)
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/[\w-]{43}", first["sign_in_link"])
    second = told(cli, "init")
    assert (second["added"], second["sign_in_link"]) == (False, None)
    assert "none was added" in cli("init").stdout


def test_init_refuses_a_name_that_cannot_be_used(bare, cli):
    assert cli("init", "--admin", "a b").exit_code == 2
    assert told(cli, "init")["administrator"] == "admin"


def test_without_tables_the_mend_is_named(bare, cli):
    result = cli("user", "list")
    assert result.exit_code == 2
    assert "onevisit init" in result.stderr


def test_a_person_gets_a_link_a_program_a_token_and_who_types_one_a_password(cli):
    assert told(cli, "user", "add", "ann", "--role", "manager")["sign_in_link"]
    robot = told(cli, "user", "add", "robot", "--role", "api_client")
    assert robot["token"]
    assert robot["sign_in_link"] is None
    typed = ("user", "add", "ben", "--role", "manager", "--password-stdin")
    added = told(cli, *typed, standard_input=PASSWORD)
    assert (added["token"], added["sign_in_link"]) == (None, None)
    names = [each["sign_in_name"] for each in told(cli, "user", "list")["users"]]
    assert sorted(names) == ["ann", "ben", "robot"]
    assert "ann: ann, Manager" in cli("user", "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("a b", "--role", "manager"),
        ("ann", "--role", "king"),
        ("ann",),
        ("ann", "--role", "crew"),
        ("ann", "--role", "crew", "--crew", "nowhere"),
        ("ann", "--role", "team_leader", "--team", "nowhere"),
        ("ann", "--role", "manager", "--link", "--token"),
        ("ann", "--role", "manager", "--password-stdin"),
    ],
)
def test_a_wrong_account_is_refused_in_a_sentence(cli, arguments):
    result = cli("user", "add", *arguments, standard_input="short\n")
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert told(cli, "user", "list")["users"] == []


def test_a_leader_is_added_to_a_team_by_name(cli, tmp_path):
    crews = tmp_path / "crews.csv"
    crews.write_text(
        "crew,team,skills,base_lat,base_lon,shift_start,shift_end,vehicle\n"
        "Yuelu 1,Yuelu,mains,28.2,112.9,08:00,20:00,van\n",
        encoding="utf-8",
    )
    assert cli("import", "crews", crews).exit_code == 0
    told(cli, "user", "add", "li", "--role", "team_leader", "--team", "Yuelu")
    told(cli, "user", "add", "wu", "--role", "crew", "--crew", "Yuelu 1")
    rows = {each["sign_in_name"]: each for each in told(cli, "user", "list")["users"]}
    assert (rows["li"]["team"], rows["wu"]["crew"]) == ("Yuelu", "Yuelu 1")


def test_an_account_is_paused_let_in_and_given_new_ways(cli):
    told(cli, "user", "add", "ann", "--role", "manager")
    assert len(told(cli, "user", "sessions", "ann")["sessions"]) == 1
    assert told(cli, "user", "disable", "ann")["active"] is False
    assert cli("user", "link", "ann").exit_code == 2
    assert "paused" in cli("user", "list").stdout
    assert told(cli, "user", "enable", "ann")["active"] is True
    assert "/sign-in/" in cli("user", "link", "ann").stdout
    assert told(cli, "user", "token", "ann", "--days", "3")["token"]
    assert len(told(cli, "user", "sessions", "ann")["sessions"]) == 2
    assert "token since" in cli("user", "sessions", "ann").stdout
    assert told(cli, "user", "revoke", "ann") == {"ended": 2}
    assert "No session is open" in cli("user", "sessions", "ann").stdout


def test_a_password_is_made_or_typed(cli):
    told(cli, "user", "add", "ann", "--role", "manager")
    assert len(told(cli, "user", "password", "ann")["password"]) == 20
    typed = ("user", "password", "ann", "--password-stdin")
    assert told(cli, *typed, standard_input=PASSWORD)["password"] is None
    assert cli(*typed, standard_input="short\n").exit_code == 2
    for verb in ("password", "link", "token", "sessions", "revoke", "disable", "enable"):
        result = cli("user", verb, "nobody")
        assert result.exit_code == 2
        assert "nobody" in result.stderr


# The tests' PostgreSQL runs without fsync for speed, which the doctor rightly complains about.
FAST = {"database_settings"}


def examined(cli):
    result = cli("doctor", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found["ok"] else 1)
    return {check["name"]: check for check in found["checks"] if check["name"] not in FAST}


def test_doctor_is_content_with_a_new_installation(bare, cli):
    told(cli, "init")
    found = examined(cli)
    standing = {name: check["standing"] for name, check in found.items()}
    assert FAIL not in standing.values()
    assert standing["database"] == standing["migrations"] == standing["policy"] == OK
    assert standing["grids"] == standing["crews"] == standing["clockwork"] == WARN
    assert all(check["mend"] for check in found.values() if check["standing"] != OK)
    assert "→" in cli("doctor").stdout


def test_doctor_fails_without_tables_and_without_a_database(bare, cli, environment):
    found = examined(cli)
    assert [name for name, check in found.items() if check["standing"] == FAIL] == ["migrations"]
    environment["ONEVISIT_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/none"
    found = examined(cli)
    assert [name for name, check in found.items() if check["standing"] == FAIL] == ["database"]


def standings(checks):
    return {check.name: check.standing for check in checks}


def test_an_unsafe_database_fails():
    assert set(standings(check_database(SQLITE, NOW)).values()) == {OK}
    old = replace(SQLITE, version=(3, 51, 2))
    assert standings(check_database(old, NOW))["database"] == FAIL
    loose = replace(SQLITE, settings={"journal_mode": "delete", "synchronous": "2"})
    assert standings(check_database(loose, NOW))["database_settings"] == FAIL
    assert set(standings(check_database(POSTGRESQL, NOW)).values()) == {OK}
    for name, value, standing in (("fsync", "off", FAIL), ("statement_timeout", "0", WARN)):
        loose = replace(POSTGRESQL, settings=POSTGRESQL.settings | {name: value})
        assert standings(check_database(loose, NOW))["database_settings"] == standing
    apart = replace(POSTGRESQL, clock=NOW + timedelta(seconds=5))
    assert standings(check_database(apart, NOW))["clock"] == FAIL


def test_a_network_file_system_is_seen(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nhost:/x /mnt/our\\040disk nfs4 rw 0 0\n")
    assert file_system_of(Path("/mnt/our disk/x.sqlite3"), mounts) == "nfs4"
    assert file_system_of(Path("/mnt/other"), mounts) == "ext4"
    assert file_system_of(Path("/"), tmp_path / "none") == ""
    monkeypatch.setattr("dispatch.cli.checkup.file_system_of", lambda _path: "nfs4")
    assert standings(check_database(SQLITE, NOW))["file_system"] == FAIL


def test_the_disk_the_settings_and_the_set_up_are_looked_at(tmp_path, monkeypatch):
    assert check_disk(tmp_path / "not" / "yet").standing == OK
    for free, standing in ((500 * 1024**2, WARN), (1024, FAIL)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr("dispatch.cli.checkup.shutil.disk_usage", lambda _path, u=usage: u)
        assert check_disk(tmp_path).standing == standing
    https = Settings(base_url="https://water.example", secret_key="x" * 30)
    assert set(standings(check_settings(https)).values()) == {OK}
    assert standings(check_settings(replace(https, demo=True)))["demo"] == WARN
    assert check_migrations(replace(SQLITE, revision="0001"), "0002").standing == FAIL
    full = Counts(2, 1, 1, 1, 0, 1, 0, 0, 1)
    assert set(standings(check_set_up(full)).values()) == {OK}
    assert standings(check_set_up(replace(full, crews_without_shift=1)))["crews"] == WARN


def test_late_timers_fail_and_a_quiet_clockwork_warns():
    minute = timedelta(minutes=1)
    assert check_clockwork(TimerFacts(1, None, NOW), NOW).standing == OK
    assert check_clockwork(TimerFacts(0, None, None), NOW).standing == WARN
    assert check_clockwork(TimerFacts(1, NOW - minute, NOW), NOW).standing == FAIL
    assert check_clockwork(TimerFacts(1, NOW - timedelta(seconds=5), NOW), NOW).standing == OK
