"""Do the demo's processes end with the demo, however it ends?"""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Event

import pytest

from dispatch.cli.demo_processes import Children, wait_until_ready

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
    for _ in range(600):
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
    children.running[0].wait(60)
    with pytest.raises(OSError, match="no-such-command"):
        children.check()
    with pytest.raises(OSError, match="no-such-command"):
        wait_until_ready(children, "http://127.0.0.1:1")


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
