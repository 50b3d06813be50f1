"""Is a port that somebody listens on refused before a server starts?"""

from __future__ import annotations

import socket

import pytest

from dispatch.cli.ports import check_port, free_port
from dispatch.domain.errors import Invalid


@pytest.fixture
def taken_port():
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_taken_port_is_refused_with_the_mend(taken_port):
    says = rf"Port {taken_port} cannot be used.*onevisit serve --port"
    with pytest.raises(Invalid, match=says):
        check_port("127.0.0.1", taken_port, "serve")


def test_a_free_port_is_taken_as_it_is():
    check_port("127.0.0.1", free_port("127.0.0.1"), "demo")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_web_process_refuses_a_taken_port(cli, taken_port):
    refused = cli("serve", "--port", str(taken_port))
    assert refused.exit_code == 2
    assert f"Port {taken_port} cannot be used" in refused.stderr
    assert "listens on" not in refused.stderr
