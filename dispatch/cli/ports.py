"""Is a port free to listen on, before a server is started that would share it in silence?"""

from __future__ import annotations

import socket

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say


def check_port(host: str, port: int, command: str) -> None:
    """Refuse a port that somebody else listens on, before anything is built.

    Our web server lets several processes share a port, so it would not complain itself: two
    cities would then answer in turn at one address.

    Raises:
        Invalid: naming the port and the mend.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as fault:
        taken = say(
            "Port %(port)s cannot be used (%(reason)s). Stop what listens there, or choose "
            "another: onevisit %(command)s --port %(other)s",
            port=str(port),
            reason=fault.strerror or str(fault),
            command=command,
            other=str(port % 65_535 + 1),
        )
        raise Invalid(taken, fields={"port": taken}) from fault


def free_port(host: str) -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
