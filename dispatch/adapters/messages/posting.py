"""What does a peer answer to one HTTP request, whatever it does, and where may that lead?"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from dispatch.adapters.messages.port import later, never, sent
from dispatch.domain.errors import Invalid
from dispatch.domain.messages import LONGEST_ANSWER, NEVER, Outcome
from dispatch.domain.public_addresses import check_webhook_url, inside_sentence, is_public
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

USER_AGENT = "onevisit-dispatch"
MOST_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}
# The peer may do better another time: timeouts, “too early”, “too many requests”.
_LATER = frozenset({408, 421, 425, 429})


class Resolves(Protocol):
    """Look a host name up, once."""

    def __call__(self, host: str, port: int) -> list[str]:
        """Return its IP addresses.

        Raises:
            OSError: when there are none.
        """


def resolve(host: str, port: int) -> list[str]:
    """Look a host name up with the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Guard:
    """Which addresses somebody else may have us call.

    A name is looked up once; if any of its addresses is an internal one, none is called, and the
    connection goes to the address that was checked. `inside` names hosts that are exempt.
    """

    inside: frozenset[str] = frozenset()
    allows_http: bool = False
    look_up: Resolves = resolve

    def check(self, url: str) -> tuple[SplitResult, list[str]]:
        """Return the parts of an address and the IP addresses that may be called for it.

        Raises:
            Invalid: when it may not be called.
            OSError: when the name cannot be looked up.
        """
        parts = check_webhook_url(url, allows_http=self.allows_http, inside=self.inside)
        host = parts.hostname or ""
        addresses = self.look_up(host, parts.port or _PORTS[parts.scheme])
        if host.lower() not in self.inside and not all(map(is_public, addresses)):
            raise Invalid(inside_sentence(), fields={"url": inside_sentence()})
        return parts, addresses

    def check_saved(self, url: str) -> None:
        """Refuse an address before it is stored.

        Raises:
            Invalid: when it may not be called, or its name is not known.
        """
        try:
            self.check(url)
        except OSError as fault:
            sentence = say("The host name of this address is not known.")
            raise Invalid(sentence, fields={"url": sentence}) from fault


@dataclass(frozen=True)
class Answer:
    """A status and the beginning of what the peer said."""

    status: int
    content: bytes

    @property
    def text(self) -> str:
        """Return the first letters of the answer, without control characters."""
        shown = self.content[: 4 * LONGEST_ANSWER].decode("utf-8", "replace")[:LONGEST_ANSWER]
        return "".join(
            letter if letter.isprintable() or letter == "\n" else "�" for letter in shown
        )


class NoAnswer(Exception):  # noqa: N818  it is a state of the world, not a fault of ours
    """There was no answer that can be used; `outcome` says what becomes of the message."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome.why))
        self.outcome = outcome


@dataclass(frozen=True)
class Poster:
    """Posts to an address within so many seconds; follows no redirection.

    Without a guard any address is called: it stands in the settings, so that an operator meant it.
    """

    seconds: float
    guard: Guard | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return what the peer answers.

        Raises:
            NoAnswer: for an address that may not be called, silence, lateness and nonsense.
        """
        deadline = monotonic() + self.seconds
        try:
            parts, addresses = self._placed(url)
            connection = _connected(parts, addresses, deadline)
        except Invalid as refusal:
            raise NoAnswer(never(refusal.sentence)) from refusal
        except TimeoutError as fault:
            raise NoAnswer(_too_long()) from fault
        except (OSError, ValueError) as fault:
            raise NoAnswer(later(say("The connection failed."))) from fault
        # A time limit of the socket holds for each read alone: drops of one byte would pass it.
        alarm = Timer(max(0.0, deadline - monotonic()), _shut, [connection.sock])
        alarm.daemon = True
        alarm.start()
        try:
            answer = _exchange(connection, parts, body, headers)
        except (OSError, HTTPException, ValueError) as fault:
            is_late = isinstance(fault, TimeoutError) or monotonic() >= deadline
            why = later(say("Its answer is no HTTP.")) if isinstance(fault, HTTPException) else None
            failed = why or later(say("The connection failed."))
            raise NoAnswer(_too_long() if is_late else failed) from fault
        finally:
            alarm.cancel()
            connection.close()
        # The alarm's shutdown reads like the end of an answer.
        if monotonic() >= deadline:
            raise NoAnswer(_too_long())
        return answer

    def _placed(self, url: str) -> tuple[SplitResult, list[str]]:
        if self.guard is not None:
            return self.guard.check(url)
        parts = urlsplit(url)
        return parts, resolve(parts.hostname or "", parts.port or _PORTS[parts.scheme])


def _connected(parts: SplitResult, addresses: list[str], deadline: float) -> HTTPConnection:
    """Connect to one of the addresses that were checked; the name is not looked up again."""
    port = parts.port or _PORTS[parts.scheme]
    host = parts.hostname or ""
    failed: OSError = OSError("no address")
    for address in addresses:
        try:
            left = max(0.01, deadline - monotonic())
            sock = socket.create_connection((address, port), timeout=left)
        except OSError as fault:
            failed = fault
            continue
        if parts.scheme == "https":
            with suppress(OSError):
                sock.settimeout(max(0.01, deadline - monotonic()))
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(host, port)
        connection.sock = sock
        return connection
    raise failed


def _exchange(
    connection: HTTPConnection, parts: SplitResult, body: bytes, headers: Mapping[str, str]
) -> Answer:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = {"User-Agent": USER_AGENT, "Connection": "close", **headers}
    connection.request("POST", path, body, told)
    with connection.getresponse() as response:
        return Answer(response.status, response.read(MOST_BYTES))


def _shut(sock: socket.socket | None) -> None:
    # The reading thread wakes with an error; closing here could hit another's socket.
    with suppress(OSError):
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)


def _too_long() -> Outcome:
    return later(say("It took too long."))


def judged(answer: Answer, *, keeps_trying: bool = False) -> Outcome:
    """Return what a status means: 2xx is sent, a clear no is final, all else is tried again.

    With `keeps_trying` only 410 “gone” is final, as Standard Webhooks asks.
    """
    status, text = answer.status, answer.text
    if 200 <= status < 300:  # noqa: PLR2004  the class of success
        return sent(status, text)
    why = say("It answered with status %(status)s.", status=status)
    if status == 410:  # noqa: PLR2004  gone
        return Outcome(NEVER, status, text, why, is_gone=True)
    is_final = 400 <= status < 500 and status not in _LATER and not keeps_trying  # noqa: PLR2004
    if 300 <= status < 400:  # noqa: PLR2004  redirections
        why = say("It sends us elsewhere (status %(status)s); we do not follow.", status=status)
    return never(why, status, text) if is_final else later(why, status, text)


def hosts_of(text: str) -> frozenset[str]:
    """Return the hosts of a setting with commas."""
    return frozenset(each.strip().lower() for each in text.split(",") if each.strip())
