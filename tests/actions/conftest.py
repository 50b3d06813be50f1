"""What do the tests of actions find ready?"""

from __future__ import annotations

import pytest

from tests.cases import Case


@pytest.fixture
def case(session, now):
    """Return a burst main at minute 0 in a city of three crews."""
    return Case(now)
