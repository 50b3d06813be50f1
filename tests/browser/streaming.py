"""How do tests put the streams of changes behind a real socket, and cut them?"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from dispatch.adapters.bells import PlainBell
from dispatch.api.stream import PATH, StreamServer
from dispatch.api.stream_watch import Watcher

if TYPE_CHECKING:
    from flask import Flask

LONG = 20.0


class Streaming:
    """The stream application on a socket of its own, in a thread of its own."""

    def __init__(self) -> None:
        """Take a port; nobody is answered before `begin`."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}{PATH}"
        self.opened, self.is_cut = Event(), False
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()

    def begin(self, app: Flask, origin: str) -> None:
        """Answer from now on, and watch the tables of an application."""
        self._watcher = Watcher(app, PlainBell(0.05), breath=0.01)
        self._server = StreamServer(self._watcher, origin)
        self._thread.start()
        self._do(self._listen())
        self._watcher.start(
            lambda kind: self._loop.call_soon_threadsafe(self._server.tell, kind),
        )

    def cut(self) -> None:
        """End every connection, and each new one before a word is said."""
        self.is_cut = True
        self.opened.clear()
        self._do(self._end_all())

    def mend(self) -> None:
        """Answer again."""
        self.is_cut = False

    def end(self) -> None:
        """Stop the watcher, the connections and the thread."""
        self._watcher.stop()
        self.cut()
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG)
        self._loop.close()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._answer, sock=self.socket)

    async def _stop(self) -> None:
        self._listener.close()
        await self._listener.wait_closed()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*left, return_exceptions=True)

    async def _end_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            await self._run(head, reader, writer)
        self._writers.discard(writer)
        writer.close()

    async def _run(
        self, head: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        method, path, _ = head[0].split()
        pairs = [line.split(": ", 1) for line in head[1:] if line]
        headers = [(name.lower().encode(), value.encode()) for name, value in pairs]
        scope = {"type": "http", "method": method, "path": path, "headers": headers}

        async def receive() -> dict[str, Any]:
            with contextlib.suppress(OSError):
                await reader.read(1)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                lines = [f"HTTP/1.1 {message['status']} Told", "connection: close"]
                lines += [f"{n.decode()}: {v.decode()}" for n, v in message["headers"]]
                writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
            else:
                writer.write(message["body"])
            await writer.drain()
            if message["type"] == "http.response.body":
                self.opened.set()

        await self._server(scope, receive, send)
