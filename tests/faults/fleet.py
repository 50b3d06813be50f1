"""How does a test run, freeze and kill the processes of an installation, as a bad night would?"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Self

from tests.databases import end_with_parent
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

STARTS_WITHIN = 300.0
_BREATH = 0.05


@dataclass
class Member:
    """One process of the fleet, with all that it started; `port` is None for a clockwork."""

    arguments: tuple[str, ...]
    port: int | None
    running: subprocess.Popen[bytes]


@dataclass
class Fleet:
    """Web and clockwork processes on one database; all of them end with the `with` block.

    Members are started from the thread of the test, and killed from any.
    """

    environment: Mapping[str, str]
    log: Path
    members: list[Member] = field(default_factory=list)
    host: str = "127.0.0.1"
    """The name by which web processes are asked; they may answer to no other."""

    def __enter__(self) -> Self:
        """Begin with no process."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        """Kill what still runs, frozen or not."""
        for member in self.members:
            self.kill(member)

    def web(self) -> Member:
        """Start a web process and wait until it answers."""
        return self.listener("serve")

    def listener(self, command: str, *more: str) -> Member:
        """Start a process that listens on a port, and wait until it answers there."""
        while True:
            port = free_port()
            member = self._add((command, "--port", str(port), *more), port)
            if self.wait_for(member):
                return member
            # Somebody was quicker to take the port.
            self.members.remove(member)

    def jobs(self) -> Member:
        """Start a clockwork process; it is heard of by its heartbeat."""
        return self._add(("jobs",), None)

    def restart(self, member: Member) -> None:
        """Start a killed member again, on the port that it had."""
        member.running = self._popen(member.arguments)

    def kill(self, member: Member) -> None:
        """End a member and all that it started, at once and without a word (SIGKILL)."""
        self._signal(member, signal.SIGKILL)
        member.running.wait()

    def freeze(self, member: Member) -> None:
        """Stop a member in the middle of what it does (SIGSTOP)."""
        self._signal(member, signal.SIGSTOP)

    def thaw(self, member: Member) -> None:
        """Let a frozen member go on."""
        self._signal(member, signal.SIGCONT)

    def wait_for(self, member: Member) -> bool:
        """Wait until a web process answers; False when it ended instead."""
        for _ in wait_within(STARTS_WITHIN):
            if member.running.poll() is not None:
                return False
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", member.port or 0, timeout=5)
                with contextlib.closing(connection):
                    connection.request("GET", "/healthz", headers={"Host": self.host})
                    if connection.getresponse().status == http.HTTPStatus.OK:
                        return True
        raise AssertionError(f"no answer: {self.words()}")

    def words(self) -> str:
        """Return the last words of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def _add(self, arguments: tuple[str, ...], port: int | None) -> Member:
        member = Member(arguments, port, self._popen(arguments))
        self.members.append(member)
        return member

    def _popen(self, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dispatch", *arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509  it only asks Linux for a signal
            )

    def _signal(self, member: Member, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(member.running.pid, number)


def wait_within(seconds: float) -> Iterator[int]:
    """Yield again and again, with a breath between, for so long at most."""
    for number in range(round(seconds / _BREATH)):
        yield number
        Event().wait(_BREATH)
