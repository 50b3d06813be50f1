"""Which server stands in for a road server in the tests?"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class Answering(BaseHTTPRequestHandler):
    """One connection to the stand-in."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(None)

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body):
        stand_in = self.server.stand_in
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), parse_qs(parts.query)
        stand_in.asked.append((path, query, body))
        given = stand_in.respond(path, query, body)
        if given == "drip":
            self.drip(stand_in.over)
            return
        if not isinstance(given, tuple):
            given = 200, {"Content-Type": "application/json"}, json.dumps(given).encode()
        status, headers, content = given
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def drip(self, over):
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not over.wait(0.01):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, *_words: object):
        """Say nothing on the terminal."""


class StandIn:
    """A server on this machine that answers as it is told, and keeps what it was asked.

    `respond` is given the path, the query and the posted body; it returns a status, headers and
    bytes, or an object to send as JSON, or "drip" to send one byte of a header at a time until
    the test is over. `hang` keeps a request waiting until then.
    """

    def __init__(self) -> None:
        self.asked = []
        self.respond = lambda *_asked: {}
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = False
        self._server.stand_in = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def hang(self, *_asked: object):
        self.over.wait(30)
        return {}

    def stop(self):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
