"""What does a bad mobile network do to what a phone sends?"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from queue import Queue
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

SEGMENT = 1_460
"""Bytes of one packet, as Ethernet carries it."""


@dataclass(frozen=True)
class Quality:
    """Bits a second each way, seconds there and back, the share of packets lost, bytes to a cut.

    A lost packet holds up all behind it for one more way there and back, as TCP sends it again.
    A connection breaks after a random number of bytes, `cut_bytes` in the mean.
    """

    bits: float = 300_000
    delay: float = 0.4
    loss: float = 0.05
    cut_bytes: float = 1_500_000


@dataclass
class _Lane:
    """One direction, shared by all connections: when its next packet may leave."""

    quality: Quality
    rng: random.Random
    free_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arrives_at(self, size: int) -> float:
        """Return when a packet of so many bytes is there, on the monotonic clock."""
        with self.lock:
            lost = self.rng.random() < self.quality.loss
            held = self.quality.delay if lost else 0.0
            self.free_at = max(self.free_at, time.monotonic()) + size * 8 / self.quality.bits + held
            return self.free_at + self.quality.delay / 2


class BadLine:
    """A TCP proxy to one port of this machine; `port` is where it listens, `cuts` what it broke."""

    def __init__(self, to: int, quality: Quality) -> None:
        """Listen, and let nothing through faster or safer than the quality says."""
        self.to, self.quality, self.rng = to, quality, random.Random(1)  # noqa: S311  repeatable
        self.lanes = (_Lane(quality, self.rng), _Lane(quality, self.rng))
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])

    def __enter__(self) -> Self:
        """Begin to take connections."""
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        """Take no more."""
        self.listener.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                left = [self.rng.expovariate(1 / self.quality.cut_bytes)]
                for ends, lane in zip(((near, far), (far, near)), self.lanes, strict=True):
                    self._pump(*ends, lane, left)

    def _pump(
        self, source: socket.socket, goal: socket.socket, lane: _Lane, left: list[float]
    ) -> None:
        under_way: Queue[tuple[float, bytes]] = Queue()

        def read() -> None:
            packet = b"-"
            with contextlib.suppress(OSError):
                while packet:
                    packet = source.recv(SEGMENT)
                    under_way.put((lane.arrives_at(len(packet)), packet))
            under_way.put((0.0, b""))

        def write() -> None:
            packet = b"-"
            with contextlib.suppress(OSError):
                while packet:
                    at, packet = under_way.get()
                    time.sleep(max(0.0, at - time.monotonic()))
                    left[0] -= len(packet)
                    if left[0] < 0 and packet:
                        self.cuts += 1
                        break
                    goal.sendall(packet)
            for end in (source, goal):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        for work in (read, write):
            threading.Thread(target=work, daemon=True).start()
