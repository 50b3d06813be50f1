"""What does a road server answer to one question, in time and as JSON?"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from dispatch.domain.sentences import Sentence

USER_AGENT = "onevisit-dispatch"
MOST_BYTES = 32 * 1024 * 1024
OK, BAD_REQUEST = 200, 400


class NoAnswer(Exception):  # noqa: N818  it is a state of the world, not a fault of ours
    """The road server gave nothing that can be used; `sentence` says why, without any key."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class Refused(NoAnswer):
    """The server did not take the question: a road server does so for one place off its roads."""


class TooMuch(NoAnswer):
    """We would have to ask for more than we may; the server is not to blame."""


@dataclass(frozen=True)
class Question:
    """One request: the path with its query, and a body when it is posted."""

    path: str
    body: dict[str, Any] | None = None


@dataclass
class Line:
    """A connection to one road server, open for the questions of one matrix.

    `deadline` is an instant of `clock` by which every answer must be in. Redirections are not
    followed: a road server has no reason to send us elsewhere.
    """

    url: str
    deadline: float
    clock: Callable[[], float] = monotonic
    _connection: HTTPConnection | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        """Open nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._hang_up()

    def ask(self, question: Question) -> Any:
        """Return the JSON that the server answers.

        Raises:
            Refused: for status 400.
            NoAnswer: for silence, a late answer, any other status but 200 and what is not JSON.
        """
        left = self.deadline - self.clock()
        if left <= 0:
            raise NoAnswer(say("It took too long."))
        connection = self._connected(left)
        # A time limit of the socket holds for each read alone: drops of one byte would pass it.
        alarm = Timer(left, self._shut, [connection])
        alarm.daemon = True
        alarm.start()
        try:
            return self._answer(connection, question)
        except TimeoutError as fault:
            raise NoAnswer(say("It took too long.")) from fault
        except (OSError, HTTPException) as fault:
            is_late = self.clock() >= self.deadline
            reason = say("It took too long.") if is_late else say("The connection failed.")
            raise NoAnswer(reason) from fault
        finally:
            alarm.cancel()

    def _connected(self, left: float) -> HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self.url)
            kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            self._connection = kind(parts.hostname or "", parts.port, timeout=left)
        self._connection.timeout = left
        if self._connection.sock is not None:
            self._connection.sock.settimeout(left)
        return self._connection

    def _answer(self, connection: HTTPConnection, question: Question) -> Any:
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        path = urlsplit(self.url).path.rstrip("/") + question.path
        if question.body is None:
            connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/json"
            connection.request("POST", path, json.dumps(question.body), headers)
        with connection.getresponse() as response:
            content = response.read(MOST_BYTES + 1)
        if self.clock() >= self.deadline:
            raise NoAnswer(say("It took too long."))
        if response.status != OK:
            kind = Refused if response.status == BAD_REQUEST else NoAnswer
            raise kind(say("It answered with status %(status)s.", status=response.status))
        if len(content) > MOST_BYTES:
            self._hang_up()
            raise NoAnswer(say("Its answer is too long."))
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as fault:
            raise NoAnswer(say("Its answer is not JSON.")) from fault

    @staticmethod
    def _shut(connection: HTTPConnection) -> None:
        # The reading thread wakes with an error; closing here could hit another's socket.
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
