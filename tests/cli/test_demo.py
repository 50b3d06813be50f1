"""Does one command bring up a living city, and leave nothing behind?"""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING

import pytest

from dispatch.cli.demo_board import print_board
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TRIES = 900
PAUSE_SECONDS = 0.5


class Browser:
    """A browser that signs in with what the demo printed."""

    def __init__(self, url: str) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.url = url

    def get(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=60) as answer:
            return str(answer.read().decode())

    def sign_in(self, name: str, password: str) -> str:
        page = self.get("/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        form = {"csrf_token": token[1], "name": name, "password": password}
        body = urllib.parse.urlencode(form).encode()
        with self.opener.open(f"{self.url}/sign-in", body, timeout=60) as answer:
            return str(answer.url)


@pytest.fixture
def demo(tmp_path):
    """Start the real command with a temporary folder of its own."""
    started = start(tmp_path, "--speed", "60", "--json", LC_ALL="en_US.UTF-8")
    yield started
    started.kill()
    started.communicate()


@pytest.fixture
def chinese_demo(tmp_path):
    """Start the command as somebody who reads Chinese, who names no city."""
    started = start(tmp_path, "--speed", "60", LC_ALL="zh_CN.UTF-8", PYTHONUTF8="1")
    yield started
    started.kill()
    started.communicate()


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the command on a free port; its temporary folder is made in the given one."""
    kept = {name: value for name, value in os.environ.items() if name != "ONEVISIT_LANGUAGE"}
    return subprocess.Popen(
        [sys.executable, "-m", "dispatch", "demo", "--port", str(free_port()), *arguments],
        env={**kept, "TMPDIR": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def wait_for_arrival(browser: Browser, after: datetime) -> dict[str, object]:
    """Ask again and again, at most as long as a slow machine needs, for a ticket of this hour."""
    pause = Event()
    for _ in range(TRIES):
        tickets = json.loads(browser.get("/api/v1/tickets?limit=20"))["tickets"]
        for ticket in tickets:
            begun = datetime.fromisoformat(ticket["received_at"])
            if begun > after and ticket["arrived_at"]:
                return dict(ticket)
        pause.wait(PAUSE_SECONDS)
    raise AssertionError("no live ticket has arrived")


def first_news(desk: Browser) -> str:
    """Open the stream that the desk's page names, and return how it begins."""
    address = re.search(r'"stream": ?"(http[^"]+)"', desk.get("/desk"))
    assert address
    pause = Event()
    for _ in range(TRIES):
        try:
            with desk.opener.open(address[1], timeout=60) as stream:
                return str(b"".join(stream.readline() for _ in range(3)).decode())
        except urllib.error.URLError:
            pause.wait(PAUSE_SECONDS)
    raise AssertionError("the process that tells of changes does not answer")


@pytest.mark.timeout(1_800)
def test_a_reader_of_chinese_is_shown_changsha_which_lives_and_leaves_nothing_behind(
    chinese_demo, tmp_path
):
    said = []
    for line in chinese_demo.stdout:
        said.append(line)
        if "Ctrl+C" in line:
            break
    printed = "".join(said)
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} ", printed), printed
    assert "均为虚构" in printed
    [folder] = tmp_path.iterdir()
    sign_ins = folder / "demo_sign_ins.json"
    seeded = datetime.fromtimestamp(sign_ins.stat().st_mtime).astimezone()
    url = re.search(r"http://127.0.0.1:\d+", printed)
    assert url
    desk = expect_sign_ins(url[0], json.loads(sign_ins.read_text(encoding="utf-8")))
    expect_changsha(desk)
    assert "event: tickets" in first_news(desk)
    ticket = wait_for_arrival(desk, seeded)
    assert ticket["visits"]
    chinese_demo.send_signal(signal.SIGINT)
    _, last = chinese_demo.communicate(timeout=300)
    assert chinese_demo.returncode == 0, last
    assert "演示" in last
    assert list(tmp_path.iterdir()) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url[0].rpartition(":")[2]))) != 0


def expect_sign_ins(url: str, sign_ins: list[dict[str, str]]) -> Browser:
    """Sign everybody in, and return the dispatcher's browser."""
    browsers, landed = {}, {}
    for each in sign_ins:
        browsers[each["role"]] = Browser(url)
        landed[each["role"]] = browsers[each["role"]].sign_in(each["name"], each["password"])
    assert not [address for address in landed.values() if "sign-in" in address]
    assert landed["crew"].endswith("/crew")
    return browsers["dispatcher"]


def expect_changsha(desk: Browser) -> None:
    page = desk.get("/desk")
    assert 'lang="zh-CN"' in page
    assert "长沙供水（演示）" in page
    tickets = json.loads(desk.get("/api/v1/tickets?limit=20"))["tickets"]
    teams = {ticket["team"]["name_zh"] for ticket in tickets if ticket["team"]}
    assert teams
    assert all(team.endswith("片区队") for team in teams)


@pytest.mark.timeout(900)
def test_a_demo_that_is_stopped_while_it_is_built_leaves_nothing(demo, tmp_path):
    pause = Event()
    for _ in range(TRIES):
        if list(tmp_path.glob("*/onevisit.sqlite3")):
            break
        pause.wait(0.1)
    demo.send_signal(signal.SIGTERM)
    out, said = demo.communicate(timeout=300)
    assert (demo.returncode, out) == (0, ""), said
    assert list(tmp_path.iterdir()) == []


@sqlite_only
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--city", "atlantis"], "no city “atlantis”. Choose: boston, changsha"),
        (["--speed", "0"], "--speed"),
        (["--port", "0"], "--port"),
    ],
)
def test_what_cannot_be_shown_is_refused(cli, arguments, words):
    found = cli("demo", *arguments)
    assert found.exit_code == 2
    assert words in found.stderr


@sqlite_only
def test_a_taken_port_is_refused_before_anything_is_built(cli):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        found = cli("demo", "--port", listening.getsockname()[1])
    assert found.exit_code == 2
    assert "cannot be used" in found.stderr


@sqlite_only
def test_a_folder_with_something_in_it_is_refused(cli, tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    found = cli("demo", "--port", free_port(), "--keep", tmp_path)
    assert found.exit_code == 2
    assert "is not empty" in found.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_the_board_names_every_page(capsys):
    facts = {
        "url": "http://127.0.0.1:8000",
        "made_up": True,
        "sign_ins": [
            {"name": "desk", "password": "one-visit-2015", "role": "dispatcher"},
            {"name": "steward", "password": "one-visit-2015", "role": "crew", "pin": "201530"},
        ],
    }
    print_board(facts, as_json=False)
    said = capsys.readouterr().out
    for words in ("http://127.0.0.1:8000/desk ", "/crew", "/report", "one-visit-2015", "made up"):
        assert words in said
    assert "/desk/phones) steward signs in with the PIN 201530" in said
    print_board(facts, as_json=True)
    assert json.loads(capsys.readouterr().out)["pages"]["manager"] == "/circle"
