"""Which port may a process of a test listen on that the system gives to nobody else?"""

from __future__ import annotations

import secrets
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below what Linux gives out by itself, to a client or to who asks for port 0."""


def free_port() -> int:
    """Return a port of this machine on which nobody listens, for a process that starts later."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
