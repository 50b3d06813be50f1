"""Is every command found, and does a wrong call end with a sentence and code 2?"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dispatch.cli.main import COMMANDS, Entry, main
from dispatch.domain.sentences import say


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "nonsense"),
        (["import", "grids"], "FILE is missing. See: onevisit import grids --help"),
        (["import", "grids", "x", "--colour"], "There is no option --colour."),
        (["import", "grids", "x", "--datum", "nad27"], "--datum"),
        (["serve", "--port", "0"], "--port"),
    ],
)
def test_a_wrong_call_is_refused(cli, arguments, sentence):
    result = cli(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_wrong_settings_are_all_named(cli, environment):
    environment |= {"ONEVISIT_TIME_ZONE": "Mars", "ONEVISIT_COLOUR": "blue"}
    result = cli("db", "check", "--json")
    assert result.exit_code == 2
    assert "ONEVISIT_TIME_ZONE" in result.stderr
    assert "ONEVISIT_COLOUR" in json.loads(result.stdout)["error"]["message"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_a_failure(cli, environment):
    environment["ONEVISIT_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    result = cli("db", "check")
    assert result.exit_code == 1
    assert "ONEVISIT_DATABASE_URL" in result.stderr


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_command_whose_module_is_not_there_is_no_command(cli, monkeypatch):
    monkeypatch.setitem(COMMANDS, "later", Entry("dispatch.cli.later:later", say("Later.")))
    assert cli("later").exit_code == 2
    assert "later" not in cli("--help").stdout


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["fly"], "没有命令 fly"),
        (["import", "fly"], "没有命令 fly"),
        (["import", "grids", "x", "--datum", "mars"], "--datum 只能是：wgs84, gcj02, bd09"),
        (["import", "grids", "x", "--datum"], "--datum 后面要写一个值"),
        (["serve", "--port", "70000"], "--port 要写 1 到 65535 之间的数字"),
        (["site", "--sites", "few"], "--sites 要写不小于 1 的整数"),
        (["export", "tickets", "-o", "x", "--from", "soon"], "--from 要写日期，例如 2015-01-31"),
    ],
)
def test_a_wrong_word_is_refused_in_the_reader_s_language(cli, environment, given, said):
    environment["ONEVISIT_LANGUAGE"] = "zh-CN"
    result = cli(*given)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_help_is_in_the_reader_s_language(cli, environment):
    environment["ONEVISIT_LANGUAGE"] = "zh-CN"
    assert "命令" in cli("--help").stdout


def test_help_needs_no_application():
    code = (
        "import sys; from dispatch.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(sorted({'flask', 'sqlalchemy', 'shapely'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_the_package_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "dispatch", "version", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert list(json.loads(done.stdout)) == ["version"]


def test_every_command_has_its_line():
    assert main.list_commands(None)  # type: ignore[arg-type]
    assert all(entry.sentence.text.endswith(".") for entry in COMMANDS.values())
