"""Which server do the tests of road servers ask?"""

from __future__ import annotations

import pytest

from tests.road_servers import StandIn


@pytest.fixture
def road_server():
    """Return a server on this machine; it is stopped after the test."""
    server = StandIn()
    yield server
    server.stop()
