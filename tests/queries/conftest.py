"""Which teams, grids, crews and households do the random pasts of the figures lie in?"""

from __future__ import annotations

import pytest

from tests.queries.histories import make_places


@pytest.fixture
def places(session):
    make_places()
