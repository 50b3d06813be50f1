"""Do the demo's processes end with the demo, however it ends?"""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Event

import pytest

from dispatch.cli.demo_processes import CLOCKWORK_PAUSE, Children, wait_until_ready
from dispatch.domain.deadline_watch import RED_SECONDS

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PARENT = """
import sys, time
from pathlib import Path
from dispatch.cli.demo_processes import Children
children = Children({}, Path(sys.argv[1]))
children.start("jobs")
print(children.running[0].pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def children(environment, tmp_path):
    found = Children(environment, tmp_path / "log")
    yield found
    found.stop()


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for yet counts as ended."""
    pause = Event()
    for _ in range(3_000):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123  one line
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        pause.wait(0.1)
    return False


@sqlite_only
def test_a_child_that_ended_is_reported_with_its_words(children):
    children.start("no-such-command")
    children.running[0].wait(300)
    with pytest.raises(OSError, match="no-such-command"):
        children.check()
    with pytest.raises(OSError, match="no-such-command"):
        wait_until_ready(children, "http://127.0.0.1:1")


class Spawned:
    """A process that ends when the test says so."""

    pid = 41
    returncode = -9

    def __init__(self) -> None:
        self.ended = False

    def poll(self) -> int | None:
        return self.returncode if self.ended else None


@pytest.fixture
def tended(tmp_path, monkeypatch):
    """Children on a clock that the test moves, whose processes are made up."""
    found = Children({}, tmp_path / "log", clock=lambda: found.at)
    found.at = 0.0
    found.log.write_text("its last words")
    found.killed = []
    monkeypatch.setattr(found, "_spawn", lambda _arguments: Spawned())
    monkeypatch.setattr(os, "killpg", lambda group, _signal: found.killed.append(group))
    return found


def tend(children, at):
    children.at = at
    return [str(sentence) for sentence in children.tend()]


def test_one_that_ended_is_started_again_after_its_pause(tended):
    tended.start("serve")
    tended.start("jobs", pause=45.0)
    assert tend(tended, 100.0) == []
    web, jobs = tended.running
    jobs.ended = True
    assert tend(tended, 101.0) == ["The process “jobs” ended. It starts again in 45 s."]
    assert tend(tended, 145.5) == []
    assert tended.running == [web, jobs]
    assert tend(tended, 146.0) == ["The process “jobs” runs again."]
    assert tended.running[0] is web
    assert tended.running[1].poll() is None
    assert tend(tended, 147.0) == []
    assert tended.killed == [Spawned.pid]


def test_the_pause_grows_until_one_that_ends_at_once_is_given_up(tended):
    tended.start("serve")
    at, said = 0.0, []
    for _ in range(4):
        tended.running[0].ended = True
        said += tend(tended, at)
        at += 20.0
        tend(tended, at)
    assert [line.rpartition("in ")[2] for line in said] == ["2 s.", "4 s.", "8 s.", "16 s."]
    tended.running[0].ended = True
    with pytest.raises(OSError, match="its last words"):
        tend(tended, at)


def test_one_that_ran_for_a_while_is_never_given_up(tended):
    tended.start("serve")
    said = []
    for at in range(100, 1100, 100):
        tended.running[0].ended = True
        said += tend(tended, float(at)) + tend(tended, float(at + 1))
    assert (
        said
        == [
            "The process “serve” ended. It starts again in 1 s.",
            "The process “serve” runs again.",
        ]
        * 10
    )


def test_the_clockwork_of_a_demo_is_away_for_longer_than_the_banner_needs():
    assert CLOCKWORK_PAUSE > RED_SECONDS + 10


@sqlite_only
def test_children_are_stopped(children):
    children.start("jobs")
    pid = children.running[0].pid
    children.stop()
    assert gone(pid)


@sqlite_only
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_children_end_when_the_demo_is_killed(environment, tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(pid)
