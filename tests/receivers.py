"""Who takes our messages in the tests: a real mail server, and HTTP servers that misbehave?"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Received:
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


class Taking(BaseHTTPRequestHandler):
    """One connection to a receiver."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, body)
        with receiver.lock:
            receiver.received.append(received)
        given = receiver.respond(received)
        self.close_connection = True
        if given == "hang":
            receiver.over.wait(30)
            return
        if given == "garbage":
            self.wfile.write(b"this is no HTTP at all\r\n\r\n")
            return
        if given == "drip":
            self.drip(receiver.over)
            return
        status, headers, content = given
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815  the library looks for this name

    def drip(self, over):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not over.wait(0.01):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, *_words: object):
        """Say nothing on the terminal."""


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of clients that hang up."""

    daemon_threads = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Ignore it: a killed sender hangs up in the middle."""


class Receiver:
    """A server on this machine; `respond` returns status, headers and bytes, or a misbehaviour.

    The misbehaviours are "hang", "garbage" and "drip".
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.respond: Any = lambda _received: (200, {}, b"ok")
        self.over = threading.Event()
        self.lock = threading.Lock()
        self._server = Quiet(("127.0.0.1", 0), Taking)
        self._server.receiver = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Mailbox:
    """What a mail server got, and what it answers instead when told to."""

    letters: list[Any] = field(default_factory=list)
    reply: str = "250 taken"

    async def handle_RCPT(  # noqa: N802  the library looks for this name
        self, _server, _session, envelope, address, _options
    ):
        if self.reply.startswith("rcpt "):
            return self.reply.removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  likewise
        self.letters.append(envelope)
        return self.reply


class PlainController(Controller):
    """A mail server on a free port."""

    def factory(self):
        return SMTP(self.handler, hostname="mail.test", ident="test")

    def _trigger_server(self):
        # The port was left to the system, so nobody else's can be met.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def start_mail(mailbox: Mailbox) -> PlainController:
    """Start a mail server on this machine."""
    controller = PlainController(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    return controller
