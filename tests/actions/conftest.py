"""What do the tests of actions find ready?"""

from __future__ import annotations

import pytest

from tests.alerting import make_promised_arrival, make_rota
from tests.cases import Case
from tests.factories import make_city


@pytest.fixture
def case(session, now):
    """Return a burst main at minute 0 in a city of three crews."""
    return Case(now)


@pytest.fixture
def city(session, now):
    """Return two teams with their grids and crews."""
    found = make_city(now)
    session.commit()
    return found


@pytest.fixture
def people(session, city, now):
    """Return who is on duty, by duty."""
    return make_rota(session, now)


@pytest.fixture
def ticket(session, city, now):
    """Return a ticket of which only the promise to arrive is watched."""
    return make_promised_arrival(session, now)
