"""Which peers do the tests of the channels talk to?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dispatch.adapters.messages.port import Message
from tests.receivers import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return an HTTP server on this machine that takes everything until it is told otherwise."""
    found = Receiver()
    yield found
    found.stop()


@pytest.fixture
def message() -> Message:
    """Return a message to a telephone."""
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return Message("msg_1", "138 1234-5678", "水 {phone} & “x”", at, "Water: W000001")
