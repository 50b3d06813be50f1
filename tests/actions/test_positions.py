"""Is only the latest position of a crew kept, whatever order the answers come in?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Point
from dispatch.models.people import Position
from tests.factories import make_crew, make_team


@pytest.fixture
def crew(session):
    found = make_crew("West 1", team=make_team())
    session.commit()
    return found


def test_the_latest_answer_stays(session, crew, now):
    for minutes in (0, 2, 1):
        with transaction():
            record_position(
                crew.id,
                Point(28.1 + minutes / 100, 112.9),
                measured_at=now + timedelta(minutes=minutes),
                accuracy_metres=8.0,
            )
    [row] = session.scalars(select(Position)).all()
    assert (row.lat, row.accuracy_metres) == (28.12, 8.0)
    assert row.measured_at == now + timedelta(minutes=2)


def test_a_place_outside_the_world_is_refused(session, crew, now):
    with pytest.raises(Invalid), transaction():
        record_position(crew.id, Point(91.0, 0.0), measured_at=now)
