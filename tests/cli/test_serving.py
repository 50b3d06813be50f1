"""Do the web process and the small commands start and say what they are?"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import urllib.request
from http import HTTPStatus
from importlib.metadata import version
from threading import Event
from urllib.error import URLError

import pytest

from dispatch.cli import serving
from tests.ports import free_port

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def port():
    return free_port()


@contextlib.contextmanager
def starting(name, environment, port):
    """Start a server; leave none of its processes, however the test ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "dispatch", name, "--port", str(port)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as server:
        try:
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)


@ONE_DATABASE
def test_the_version_is_the_distribution_s(cli):
    assert json.loads(cli("version", "--json").stdout) == {"version": version("onevisit")}
    assert cli("version").stdout == f"OneVisit {version('onevisit')}\n"


@ONE_DATABASE
def test_the_api_is_described(cli, tmp_path):
    printed = cli("openapi")
    assert "/api/v1/reports" in json.loads(printed.stdout)["paths"]
    out = tmp_path / "openapi.json"
    assert cli("openapi", "-o", out).exit_code == 0
    assert out.read_text("utf-8") == printed.stdout


@ONE_DATABASE
def test_the_clockwork_is_run_by_its_own_module(cli, monkeypatch):
    collects = []
    runner = "dispatch.jobs.runner.main"
    monkeypatch.setattr(runner, lambda: collects.append(gc.isenabled()), raising=False)
    try:
        assert cli("jobs").exit_code == 0
    finally:
        gc.enable()
    assert collects == [False]


def test_the_collector_passes_over_what_a_worker_is_made_of(monkeypatch):
    monkeypatch.setattr(serving, "web_application", lambda: "built")
    try:
        assert serving.web_worker() == "built"
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_the_web_process_answers(environment, port):
    with starting("serve", environment, port) as server:
        assert _status_of(f"http://127.0.0.1:{port}/sign-in") == HTTPStatus.OK
        server.terminate()
        rest = server.communicate(timeout=120)[0]
    assert "OneVisit listens on" in rest
    assert "Traceback" not in rest


@ONE_DATABASE
@pytest.mark.parametrize("name", ["serve", "live"])
def test_a_server_that_is_stopped_while_it_starts_leaves_no_worker(environment, port, name):
    with starting(name, environment, port) as server:
        assert any("Spawning worker" in line for line in server.stdout)
        server.terminate()
        # The output ends when the last process is gone that could write there.
        server.communicate(timeout=60)


def _status_of(address: str) -> int:
    """Ask until the process listens, at most as long as a starved machine needs."""
    for _ in range(3_000):
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310  our own process
                return answer.status
        except URLError:
            Event().wait(0.1)
    raise AssertionError(address)
